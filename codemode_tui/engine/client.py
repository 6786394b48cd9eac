"""The client of a private worker: starts it, speaks frames with it, notices its death, ends it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO

from codemode_tui import locations
from codemode_tui.engine.api import EngineEvent, Finished, GenerateRequest, ModelInfo, OnProgress, Progress
from codemode_tui.engine.framing import FrameReader, FramingError, pack
from codemode_tui.engine.messages import Cancel, Done, Failed, Generate, Hello, Load, Loaded, Message, Reply
from codemode_tui.engine.models import ModelRef, inspect
from codemode_tui.errors import ContextError, EngineError, ModelError

GRACE_SECONDS = 2.0
"""How long a worker may take to end by itself once its lease is closed."""
LOG_LIMIT = 1 << 20
BLAS = ("libopenblas.so.0", "libopenblas.so")
_Inbox = asyncio.Queue[Message | EngineError]


class WorkerEngine:
    """An engine in a process of its own (see ``api.Engine``)."""

    def __init__(self, model: ModelRef, profile: str | None = None, *, context_limit: int = 0) -> None:
        self._model = model
        self._profile = profile or model.profile
        self._context_limit = context_limit
        self._process: subprocess.Popen[bytes] | None = None
        self._info: ModelInfo | None = None
        self._load_ms = 0.0
        self._inboxes: dict[int, _Inbox] = {}
        self._next = 1
        self._current: int | None = None
        self._turn = asyncio.Lock()
        self._starting = asyncio.Lock()
        self._pump: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._read_transport: asyncio.ReadTransport | None = None
        self._log_start = 0
        self.script: tuple[int, ...] | None = None
        """Tokens that the next messages follow instead of sampling (tests, benchmarks)."""

    @property
    def info(self) -> ModelInfo | None:
        return self._info

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None and self._pump is not None

    @property
    def pid(self) -> int | None:
        """Process id of the worker."""
        return self._process.pid if self._process else None

    async def start(self, on_progress: OnProgress | None = None) -> ModelInfo:
        async with self._starting:
            if self.running and self._info is not None:
                return self._info
            await self._end()  # what a dead worker has left
            # The description (and, once, the hash of the weights) is worked out while the model loads.
            given_up = threading.Event()
            description = asyncio.create_task(asyncio.to_thread(inspect, self._model, stopped=given_up.is_set))
            try:
                await self._spawn(on_progress)
                loaded = await self._load(on_progress)
                info = await description
            except BaseException as error:
                given_up.set()
                await self._end()
                with contextlib.suppress(Exception):
                    await description
                found = description.exception() if description.done() and not description.cancelled() else None
                if isinstance(error, Exception) and isinstance(found, ModelError):
                    raise found from None  # a broken folder explains itself better than the loader does
                raise
            import msgspec

            self._load_ms = loaded.load_ms
            self._info = msgspec.structs.replace(
                info, profile=self._profile, context_limit=loaded.context_limit or info.context_limit
            )
            return self._info

    async def generate(self, request: GenerateRequest) -> AsyncIterator[EngineEvent]:
        async with self._turn:
            if not self.running:
                raise await self._obituary()
            number, inbox = self._open()
            self._current = number
            over = False
            try:
                await self._send(Generate(number, request, self.script))
                while not over:
                    message = await inbox.get()
                    if isinstance(message, Reply):
                        yield self._timed(message.event)
                        continue
                    over = True
                    _raise_failure(message)
            finally:
                self._current = None
                if not over and self.running:
                    await self._abandon(number, inbox)
                self._inboxes.pop(number, None)

    async def cancel(self) -> None:
        if self._current is not None and self.running:
            with contextlib.suppress(EngineError):
                await self._send(Cancel(self._current))

    async def close(self) -> None:
        await self._end()

    # -- the process -------------------------------------------------------------------------------

    async def _spawn(self, on_progress: OnProgress | None) -> None:
        if on_progress:
            on_progress(Progress("start", 0, 0))
        loop = asyncio.get_running_loop()
        with _log() as log:
            self._log_start = log.tell()
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "codemode_tui.engine.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=worker_environment(dict(os.environ)),
                    cwd="/",
                    start_new_session=True,  # ctrl+c in the terminal is for the front end
                    bufsize=0,
                )
            except OSError as error:
                raise EngineError(f"the engine could not be started: {error}", hint="check the installation") from error
        assert self._process.stdin and self._process.stdout
        reader = asyncio.StreamReader(limit=1 << 20)
        self._read_transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), self._process.stdout
        )
        transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, self._process.stdin)
        self._writer = asyncio.StreamWriter(transport, protocol, None, loop)
        self._pump = asyncio.create_task(self._receive(reader))
        await self._send(Hello())

    async def _load(self, on_progress: OnProgress | None) -> Loaded:
        number, inbox = self._open()
        try:
            await self._send(Load(number, str(self._model.path), self._context_limit, str(self._model.adapter or "")))
            while True:
                message = await inbox.get()
                if isinstance(message, Loaded):
                    return message
                if isinstance(message, Reply) and isinstance(message.event, Progress):
                    if on_progress:
                        on_progress(message.event)
                    continue
                _raise_failure(message)
        finally:
            self._inboxes.pop(number, None)

    async def _receive(self, reader: asyncio.StreamReader) -> None:
        """Hand every message to the request it belongs to; the end of the stream is the end of the worker."""
        frames = FrameReader()
        with contextlib.suppress(FramingError, OSError):
            while data := await reader.read(1 << 16):
                for message in frames.feed(data):
                    inbox = self._inboxes.get(getattr(message, "id", -1))
                    if inbox is not None:
                        inbox.put_nowait(message)
        self._pump = None
        error = await self._obituary()
        for inbox in self._inboxes.values():
            inbox.put_nowait(error)

    async def _obituary(self) -> EngineError:
        """Why the worker is gone, as far as one can tell."""
        hint = "ask again to restart it"
        if self._process is None:
            return EngineError("the engine is not running", hint=hint)
        code = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = await asyncio.to_thread(self._process.wait, 1.0)
        if code is not None and code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            cause = f"was killed by {name}" + (" (out of memory?)" if name in ("SIGKILL", "SIGABRT") else "")
        else:
            cause = "ended unexpectedly"
        last = _last_log_line(self._log_start)
        return EngineError(f"the engine {cause}" + (f" [{last}]" if last else ""), hint=hint)

    async def _end(self) -> None:
        """Close the lease; kill the worker if it does not go by itself. Never raises."""
        process, self._process = self._process, None
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if process is not None:
            try:
                await asyncio.to_thread(process.wait, GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await asyncio.to_thread(process.wait)
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump
        if self._read_transport is not None:
            self._read_transport.close()
            self._read_transport = None

    # -- requests ------------------------------------------------------------------------------------

    def _open(self) -> tuple[int, _Inbox]:
        number = self._next
        self._next += 1
        inbox = self._inboxes[number] = asyncio.Queue()
        return number, inbox

    async def _send(self, message: Message) -> None:
        if self._writer is None:
            raise EngineError("the engine is not running", hint="ask again to restart it")
        try:
            self._writer.write(pack(message))
            await self._writer.drain()
        except FramingError as error:
            raise ContextError(f"the engine cannot take this: {error}", hint="ask something shorter") from error
        except (OSError, RuntimeError) as error:
            raise EngineError(f"the engine does not answer: {error}", hint="ask again to restart it") from error

    async def _abandon(self, number: int, inbox: _Inbox) -> None:
        """The reader is gone: cancel, and wait until the worker is free again."""
        with contextlib.suppress(EngineError, asyncio.TimeoutError):
            await self._send(Cancel(number))
            async with asyncio.timeout(GRACE_SECONDS):
                while isinstance(await inbox.get(), Reply):
                    pass

    def _timed(self, event: EngineEvent) -> EngineEvent:
        """Add the load time of this worker to a finished message."""
        if not isinstance(event, Finished):
            return event
        import msgspec

        return msgspec.structs.replace(event, usage=msgspec.structs.replace(event.usage, load_ms=self._load_ms))


def worker_environment(base: dict[str, str]) -> dict[str, str]:
    """The environment of the worker: no network look-ups, and a fast BLAS on Linux where there is one."""
    found = {**base, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1"}
    root = str(locations.package_dir().parent)
    found["PYTHONPATH"] = os.pathsep.join(filter(None, (root, base.get("PYTHONPATH"))))
    blas = openblas() if sys.platform == "linux" else None
    if blas:
        # mlx's CPU wheel carries the reference BLAS; the system's is 25 times faster in matmul.
        found["LD_PRELOAD"] = ":".join(filter(None, (base.get("LD_PRELOAD"), blas)))
    return found


def openblas() -> str | None:
    """Path of the system's OpenBLAS, None when it is not installed."""
    folders = [
        Path(p) for p in ("/usr/lib", "/usr/lib64", "/usr/local/lib", *map(str, Path("/usr/lib").glob("*-linux-gnu")))
    ]
    return next(
        (str(folder / name) for folder in reversed(folders) for name in BLAS if (folder / name).exists()),
        None,
    )


def _raise_failure(message: Message | EngineError) -> None:
    """End a request: silently when it is done, with the right error when it failed."""
    if isinstance(message, EngineError):
        raise message
    if isinstance(message, Failed):
        kind = {"model": ModelError, "context": ContextError, "engine": EngineError}[message.kind]
        raise kind(message.message, hint=message.hint)
    if not isinstance(message, Done):
        raise EngineError(f"the engine sent an unexpected {type(message).__name__}", hint="restart codemode")


@contextlib.contextmanager
def _log() -> Iterator[IO[bytes]]:
    """The log that the worker's errors go to, begun afresh when it has grown too long."""
    file = locations.log_file()
    try:
        locations.private_dir(file.parent)
        grown = file.exists() and file.stat().st_size > LOG_LIMIT
        opened = file.open("wb" if grown else "ab")
    except OSError:
        opened = Path(os.devnull).open("wb")  # noqa: SIM115 - closed by the `with` below
    with opened as stream:
        yield stream


def _last_log_line(start: int) -> str:
    """The last thing that a worker said whose log begins at byte ``start``."""
    try:
        with locations.log_file().open("rb") as stream:
            stream.seek(start)
            lines = stream.read(LOG_LIMIT).decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")
