"""The process that owns the model: ``python -m codemode_tui.engine.worker``.

The main thread owns mlx and works requests off one after another. Each connection has a reader
thread, so that a cancel is seen at once, also in mid-generation. The worker lives as long as a
connection (a lease) is open: when the last one closes, it is gone, whatever it was doing.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from codemode_tui.engine.framing import FrameReader, FramingError, pack
from codemode_tui.engine.messages import (
    PROTOCOL,
    Cancel,
    Done,
    Failed,
    Forget,
    Generate,
    Hello,
    Load,
    Loaded,
    Message,
    Reply,
    Welcome,
)

CHUNK = 1 << 16
MAX_WORDS = 300


class Connection:
    """One client: frames in, frames out, and which of its requests it has cancelled."""

    def __init__(self, lease: int, reader: int, writer: int) -> None:
        self.lease = lease
        self._reader = reader
        self._writer = writer
        self._lock = threading.Lock()
        self.cancelled: set[int] = set()
        self.closed = threading.Event()

    def send(self, message: Message) -> None:
        """Write one frame whole. A client that is gone closes the connection."""
        data = memoryview(pack(message))
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._writer, data) :]
            except OSError:
                self.closed.set()

    def read(self) -> bytes:
        try:
            return os.read(self._reader, CHUNK)
        except OSError:
            return b""


class Worker:
    """Serves any number of connections with one model."""

    def __init__(self) -> None:
        self._requests: queue.Queue[tuple[Connection, Message]] = queue.Queue()
        self._leases = 0
        self._next_lease = 1
        self._lock = threading.Lock()
        self._model: Any = None

    def connect(self, reader: int, writer: int) -> None:
        """Serve a client on two file descriptors (the same one twice for a socket)."""
        with self._lock:
            connection = Connection(self._next_lease, reader, writer)
            self._next_lease += 1
            self._leases += 1
        threading.Thread(target=self._listen, args=(connection,), daemon=True).start()

    def work(self) -> None:
        """Work requests off, for ever. Only this thread touches mlx."""
        while True:
            connection, message = self._requests.get()
            if connection.closed.is_set():
                continue
            if isinstance(message, Load):
                self._guarded(connection, message.id, partial(self._load, connection, message))
            elif isinstance(message, Generate):
                self._guarded(connection, message.id, partial(self._generate, connection, message))
            elif isinstance(message, Forget) and self._model is not None:
                self._model.caches.forget(message.conversation)

    def _listen(self, connection: Connection) -> None:
        frames = FrameReader()
        while data := connection.read():
            try:
                messages = frames.feed(data)
            except FramingError as error:
                connection.send(Failed(0, "engine", f"the client sent no frames: {error}"))
                break
            for message in messages:
                if isinstance(message, Hello):
                    connection.send(Welcome(PROTOCOL, connection.lease, os.getpid()))
                elif isinstance(message, Cancel):
                    connection.cancelled.add(message.id)
                else:
                    self._requests.put((connection, message))
        connection.closed.set()
        with self._lock:
            self._leases -= 1
            if self._leases == 0:
                # Not sys.exit: other threads and mlx's own would be torn down in the wrong order (SIGABRT).
                os._exit(0)

    def _guarded(self, connection: Connection, request: int, job: Callable[[], None]) -> None:
        """Run a job; whatever goes wrong reaches the client as one message."""
        from codemode_tui.errors import ContextError, ModelError

        try:
            job()
        except ContextError as error:
            connection.send(Failed(request, "context", error.message, error.hint))
        except ModelError as error:
            connection.send(Failed(request, "model", error.message, error.hint))
        except Exception as error:
            connection.send(Failed(request, "engine", _words(error), "ask again"))
        finally:
            connection.cancelled.discard(request)

    def _load(self, connection: Connection, message: Load) -> None:
        from codemode_tui.engine.generation import LoadedModel
        from codemode_tui.errors import ModelError

        self._model = None  # two models at once would not fit
        try:
            self._model = LoadedModel(
                Path(message.path),
                message.context_limit,
                lambda event: connection.send(Reply(message.id, event)),
                adapter=message.adapter,
            )
        except ModelError:
            raise
        except Exception as error:
            # Whatever the loader finds wrong with the files: the folder is not what it says it is.
            raise ModelError(
                f"{message.path} cannot be loaded: {_words(error)}",
                hint="download it again or choose another model",
            ) from error
        model = self._model
        connection.send(Loaded(message.id, model.context_limit, model.load_ms, tuple(model.notes)))

    def _generate(self, connection: Connection, message: Generate) -> None:
        self._model.generate(
            message.request,
            lambda event: connection.send(Reply(message.id, event)),
            lambda: message.id in connection.cancelled or connection.closed.is_set(),
            message.script,
        )
        connection.send(Done(message.id))


def _words(error: Exception) -> str:
    """An exception on one line: libraries write whole paragraphs."""
    words = " ".join(f"{type(error).__name__}: {error}".split())
    return words if len(words) <= MAX_WORDS else f"{words[:MAX_WORDS]}…"


def main() -> None:
    """Serve the client at the other end of standard input and output."""
    reader, writer = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # what a library prints must never get between the frames
    sys.stdout = sys.stderr
    worker = Worker()
    worker.connect(reader, writer)
    worker.work()


if __name__ == "__main__":
    main()
