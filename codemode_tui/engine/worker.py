"""The process that owns the model: ``python -m codemode_tui.engine.worker [SOCKET]``.

The main thread owns mlx and works requests off one after another; whose turn it is, and how long the
process lives, is the service's business (``service``).
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from codemode_tui.engine.api import Finished, Progress, Usage
from codemode_tui.engine.gathering import Gathered
from codemode_tui.engine.identity import Stamp, model_stamps
from codemode_tui.engine.lean import import_mlx_lm
from codemode_tui.engine.lease import Lease
from codemode_tui.engine.messages import Done, Failed, Forget, Generate, Load, Loaded, Reply
from codemode_tui.engine.service import Service

MAX_WORDS = 300
SAVE_SECONDS = 15.0
"""After so long without a request the KV caches of stored sessions are saved."""


class GivenUp(BaseException):
    """The question for which a model was being loaded again was cancelled."""


class Worker:
    """Serves any number of clients with one model."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._wanted: Load | None = None
        """What is, or was, loaded: a model that gave its memory back is loaded again from it."""
        self._stamps: list[Stamp] = []
        """Of its files, when it was loaded first."""
        self._model: Any = None
        self._unsaved = False

    def work(self) -> None:
        """Work requests off, for ever. Only this thread touches mlx."""
        while True:
            taken = self._service.queue.get(self._patience())
            if taken is None:
                self._idle()
                continue
            lease, request = taken
            self._service.busy = lease
            if isinstance(request, Load):
                self._guarded(lease, request.id, partial(self._load, lease, request))
            elif isinstance(request, Generate):
                self._guarded(lease, request.id, partial(self._generate, lease, request))
                self._unsaved = True
            elif isinstance(request, Forget) and self._model is not None:
                self._model.forget(request.conversation)
            self._service.rest()

    def _patience(self) -> float | None:
        """Seconds until something is to be done without a request; None: never."""
        if self._model is None:
            return None
        waits = [SAVE_SECONDS] * self._unsaved + [self._service.unload_seconds] * (self._service.unload_seconds > 0)
        return min(waits, default=None)

    def _idle(self) -> None:
        """Nobody wants anything, or ever will again."""
        if self._service.leaving.is_set():
            self._save()
            # Not sys.exit: other threads and mlx's own would be torn down in the wrong order (SIGABRT).
            os._exit(0)
        if self._model is None:
            return
        if 0 < self._service.unload_seconds <= self._service.idle_seconds:
            self._unload()
        elif self._unsaved:
            self._unsaved = False
            self._model.caches.save()

    def _save(self) -> None:
        """Save what its sessions would miss of a model that goes."""
        if self._model is not None:
            self._model.caches.save(ending=True)
        self._unsaved = False

    def _guarded(self, lease: Lease, request: int, job: Callable[[], None]) -> None:
        """Run a job; whatever goes wrong reaches the client as one message."""
        from codemode_tui.errors import ContextError, EngineError, ModelError

        try:
            job()
        except ContextError as error:
            lease.send(Failed(request, "context", error.message, error.hint))
        except ModelError as error:
            lease.send(Failed(request, "model", error.message, error.hint))
        except EngineError as error:
            lease.send(Failed(request, "engine", error.message, error.hint))
        except Exception as error:
            lease.send(Failed(request, "engine", _words(error), "ask again"))
        finally:
            lease.cancelled.discard(request)
            if self._model is None:
                self._service.memory_bytes = 0

    def _load(self, lease: Lease, request: Load) -> None:
        wanted = msgspec.structs.replace(request, id=0)
        there = self._model is not None and wanted == self._wanted
        if not there:
            if self._wanted not in (None, wanted):
                raise RuntimeError("this engine has another model")  # whose address is another one's
            if self._wanted is not None:  # else the client that started this process has asked
                self._ask(wanted)
            self._open(wanted, lambda event: self._tell_waiting(lease, request, event))
        model = self._model
        lease.send(Loaded(request.id, model.context_limit, 0.0 if there else model.load_ms, tuple(model.notes)))

    def _open(self, wanted: Load, emit: Callable[[Progress], None]) -> None:
        import_mlx_lm()
        from codemode_tui.engine.generation import LoadedModel
        from codemode_tui.engine.holding import cache_bytes, plan_for, taken_bytes, wire
        from codemode_tui.engine.models import weights_bytes
        from codemode_tui.errors import ModelError

        self._wanted, self._service.model = wanted, wanted.adapter or wanted.path
        self._stamps = model_stamps(wanted)
        try:
            self._service.memory_bytes = weights_bytes(Path(wanted.path))
            held = plan_for(wanted)
            self._service.memory_bytes = taken_bytes(held)
            shortened = held.shortened and held.fits
            wired = [wire()] if wanted.wired else []
            model = LoadedModel(
                Path(wanted.path),
                held.need.context if shortened else wanted.context_limit,
                emit,
                adapter=wanted.adapter,
                kv_bits=wanted.kv_bits,
                saved_bytes=wanted.saved_bytes,
                cache_bytes=cache_bytes(held),
                token_bytes=held.need.kv // held.need.context,
                note=f"the context is {held.need.context:,} tokens: what memory has room for" if shortened else "",
            )
            model.notes += wired
        except ModelError:
            raise
        except Exception as error:
            # Whatever the loader finds wrong with the files: the folder is not what it says it is.
            raise ModelError(
                f"{wanted.path} cannot be loaded: {_words(error)}", hint="download it again or choose another model"
            ) from error
        emit(Progress("warm", 0, 0))
        model.warm()
        self._model, self._service.loaded = model, True

    def _tell_waiting(self, lease: Lease, request: Load, event: Progress) -> None:
        """The progress of loading, for all who wait for the model."""
        lease.send(Reply(request.id, event))
        for other, waits in self._service.queue.waiting():
            if isinstance(waits, Load):
                other.send(Reply(waits.id, event))

    def _generate(self, lease: Lease, request: Generate) -> None:
        emit = Gathered(lambda event: lease.send(Reply(request.id, event)))

        def cancelled() -> bool:
            return request.id in lease.cancelled or lease.closed.is_set()

        def loading(event: Progress) -> None:
            emit(event)
            if cancelled():
                raise GivenUp

        try:
            if self._model is None and self._wanted is not None:
                if model_stamps(self._wanted) != self._stamps:
                    # Its clients know other weights, and name their caches after them: this engine is of no use now.
                    words = f"the files of {self._service.model} have changed since they were loaded"
                    lease.send(Failed(request.id, "engine", words, "ask again"))
                    self._service.leave()
                self._ask(self._wanted)
                self._open(self._wanted, loading)
            self._model.generate(request.request, emit, cancelled, request.script)
        except GivenUp:
            emit(Finished("cancel", "", (), Usage()))
        finally:
            emit.flush()  # what was said before it failed
        lease.send(Done(request.id))

    def _ask(self, wanted: Load) -> None:
        """Raises ``EngineError``: the memory that was given back is somebody else's now."""
        from codemode_tui.engine.admission import ask
        from codemode_tui.engine.models import find_model
        from codemode_tui.settings import EngineSettings

        if not self._service.guarded:
            return
        told = {"context_limit": wanted.context_limit, "kv_bits": wanted.kv_bits}
        held = msgspec.convert(told, EngineSettings)
        ask(find_model(wanted.adapter or wanted.path), held)

    def _unload(self) -> None:
        """Give the memory back; the next question loads the model again."""
        import gc

        import mlx.core as mx

        self._save()
        self._model, self._service.loaded, self._service.memory_bytes = None, False, 0
        gc.collect()
        mx.clear_cache()


def _words(error: Exception) -> str:
    """An exception on one line: libraries write whole paragraphs."""
    words = " ".join(f"{type(error).__name__}: {error}".split())
    return words if len(words) <= MAX_WORDS else f"{words[:MAX_WORDS]}…"


def main() -> None:
    """Serve the client at the other end of standard input, and others at the socket that the arguments name."""
    first = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # what a library prints must not end up anywhere else
    sys.stdout = sys.stderr
    service = Service()
    signal.signal(signal.SIGTERM, lambda *_: service.leave())
    if len(sys.argv) > 1:
        with contextlib.suppress(OSError):  # a file system without sockets: it serves the one who started it
            service.open_to_others(Path(sys.argv[1]))
    service.serve(first, holds=True)
    Worker(service).work()


if __name__ == "__main__":
    main()
