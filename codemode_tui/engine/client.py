"""The client of a worker: has one started or joins one, speaks frames with it, notices its death, lets it go."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

import msgspec

from codemode_tui.engine.api import EngineEvent, Finished, GenerateRequest, ModelInfo, OnProgress, Progress
from codemode_tui.engine.framing import FrameReader, FramingError, pack
from codemode_tui.engine.link import GRACE_SECONDS, Link, start
from codemode_tui.engine.lock import holding
from codemode_tui.engine.messages import Cancel, Done, Failed, Generate, Hello, Inquire, Load, Loaded, Message, Reply
from codemode_tui.engine.models import ModelRef, inspect, weights_bytes
from codemode_tui.engine.sharing import Admit, promised, share
from codemode_tui.errors import ContextError, EngineError, ModelError
from codemode_tui.settings import EngineSettings

SILENCE_SECONDS = 20.0
"""After so long without a word a worker at work is asked whether it is there; after as long again it hangs."""
STUCK_SECONDS = 60.0
"""A worker that has not stopped for so long after it was told to is stuck in the middle of something."""
LATE_SECONDS = 2.0
"""A timer that is later than this was not looked after: this process was suspended."""
_Inbox = asyncio.Queue[Message | EngineError]


class WorkerEngine:
    """An engine in a process of its own (see ``api.Engine``), which other programs of the user may share."""

    def __init__(
        self,
        model: ModelRef,
        profile: str | None = None,
        settings: EngineSettings = EngineSettings(shared=False),  # noqa: B008 - frozen
        *,
        admit: Admit = lambda: 0,
    ) -> None:
        """``admit`` is called before a process is started for the model."""
        self._model = model
        self._profile = profile or model.profile
        self._settings = settings
        self._admit = admit
        self._link: Link | None = None
        self._info: ModelInfo | None = None
        self._load_ms = 0.0
        self._inboxes: dict[int, _Inbox] = {}
        self._next = 1
        self._current: int | None = None
        self._turn = asyncio.Lock()
        self._starting = asyncio.Lock()
        self._pump: asyncio.Task[None] | None = None
        self.script: tuple[int, ...] | None = None
        """Tokens that the next messages follow instead of sampling (tests, benchmarks)."""

    @property
    def info(self) -> ModelInfo | None:
        return self._info

    @property
    def running(self) -> bool:
        return self._link is not None and self._link.open and self._pump is not None

    @property
    def pid(self) -> int | None:
        """Process id of the worker."""
        return self._link.pid if self._link else None

    async def start(self, on_progress: OnProgress | None = None) -> ModelInfo:
        async with self._starting:
            if self.running and self._info is not None:
                return self._info
            await self._end()  # what a dead worker has left
            # The description (and, once, the hash of the weights) is worked out while the model loads.
            given_up = threading.Event()
            description = asyncio.create_task(asyncio.to_thread(inspect, self._model, stopped=given_up.is_set))
            try:
                await self._connect(on_progress)
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
                try:
                    if not over and self.running:
                        await self._abandon(number, inbox)
                finally:  # also when this is cancelled as well
                    self._inboxes.pop(number, None)

    async def cancel(self) -> None:
        number = self._current
        if number is not None and self.running:
            self._give_up_in(STUCK_SECONDS, number)
            with contextlib.suppress(EngineError):
                await self._send(Cancel(number))

    async def close(self) -> None:
        await self._end()

    # -- the worker --------------------------------------------------------------------------------

    @property
    def _wanted(self) -> Load:
        """What the worker is to hold. Settings that change what it answers belong here, and nowhere else."""
        held = self._settings
        return Load(
            0,
            str(self._model.path),
            held.context_limit,
            str(self._model.adapter or ""),
            kv_bits=held.kv_bits,
            saved_bytes=held.saved_cache_mb << 20,
            wired=held.wired,
        )

    async def _connect(self, on_progress: OnProgress | None) -> None:
        if on_progress:
            on_progress(Progress("start", 0, 0))
        from codemode_tui.engine.admission import guarded

        settings = self._settings
        hello = Hello(
            settings.linger_minutes * 60,
            settings.idle_unload_minutes * 60,
            guarded(settings) and not holding(),  # the engine could not tell that its own client is in its way
            await asyncio.to_thread(weights_bytes, self._model.path),
        )
        if settings.shared:
            self._link = await share(self._wanted, hello, self._admit)
        else:
            self._link = await start(await promised(hello, self._admit))
        self._pump = asyncio.create_task(self._receive(self._link))

    async def _load(self, on_progress: OnProgress | None) -> Loaded:
        number, inbox = self._open()
        try:
            await self._send(msgspec.structs.replace(self._wanted, id=number))
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

    async def _receive(self, link: Link) -> None:
        """Hand every message to the request it belongs to; the end of the stream is the end of the worker."""
        frames = FrameReader()
        asked = False
        error: EngineError | None = None
        with contextlib.suppress(FramingError, OSError):
            while True:
                try:
                    async with asyncio.timeout(SILENCE_SECONDS):
                        data = await link.reader.read(1 << 16)
                except TimeoutError:
                    if asked and self._inboxes:
                        error = EngineError("the engine does not answer any more", hint="ask again to restart it")
                        link.kill()
                        break
                    asked = bool(self._inboxes)
                    if asked:
                        link.writer.write(pack(Inquire()))
                    continue
                if not data:
                    break
                asked = False
                for message in frames.feed(data):
                    inbox = self._inboxes.get(getattr(message, "id", -1))
                    if inbox is not None:
                        inbox.put_nowait(message)
        self._pump = None
        inboxes = list(self._inboxes.values())  # now: those that are opened meanwhile are of the next worker
        error = error or await link.obituary()
        for inbox in inboxes:
            inbox.put_nowait(error)

    async def _obituary(self) -> EngineError:
        if self._link is None:
            return EngineError("the engine is not running", hint="ask again to restart it")
        return await self._link.obituary()

    async def _end(self) -> None:
        """End the lease; a private worker is gone then. Never raises."""
        link, self._link = self._link, None
        if link is not None:
            await link.close()
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump
        for inbox in self._inboxes.values():  # nobody else tells those that still wait
            inbox.put_nowait(EngineError("the engine was closed", hint="ask again to restart it"))

    # -- requests ------------------------------------------------------------------------------------

    def _open(self) -> tuple[int, _Inbox]:
        number = self._next
        self._next += 1
        inbox = self._inboxes[number] = asyncio.Queue()
        return number, inbox

    async def _send(self, message: Message) -> None:
        if self._link is None:
            raise EngineError("the engine is not running", hint="ask again to restart it")
        try:
            self._link.writer.write(pack(message))
            await self._link.writer.drain()
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

    def _give_up_in(self, seconds: float, number: int) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, self._give_up, number, loop.time() + seconds)

    def _give_up(self, number: int, due: float) -> None:
        """Nothing but its end helps a worker that does not stop: for this client, and for all who wait behind it."""
        if asyncio.get_running_loop().time() - due > LATE_SECONDS:
            self._give_up_in(GRACE_SECONDS, number)  # we were suspended, and have not heard yet what it said meanwhile
        elif self._current == number and self._link is not None:
            self._link.kill()
            error = EngineError("the engine did not stop and was ended", hint="ask again to restart it")
            self._inboxes[number].put_nowait(error)

    def _timed(self, event: EngineEvent) -> EngineEvent:
        """Add the load time of this worker to a finished message."""
        if not isinstance(event, Finished):
            return event
        return msgspec.structs.replace(event, usage=msgspec.structs.replace(event.usage, load_ms=self._load_ms))


def _raise_failure(message: Message | EngineError) -> None:
    """End a request: silently when it is done, with the right error when it failed."""
    if isinstance(message, EngineError):
        raise message
    if isinstance(message, Failed):
        kind = {"model": ModelError, "context": ContextError, "engine": EngineError}[message.kind]
        raise kind(message.message, hint=message.hint)
    if not isinstance(message, Done):
        raise EngineError(f"the engine sent an unexpected {type(message).__name__}", hint="restart codemode")
