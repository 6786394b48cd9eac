"""Decode as it arrives on a screen: the whole interface in a terminal of its own, with a real engine behind it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import ExitStack, aclosing
from pathlib import Path

from codemode_tui.cli.bench_screen import Screen, terminal
from codemode_tui.engine.api import EngineEvent, GenerateRequest, ModelInfo, OnProgress, Sampling, Token
from codemode_tui.engine.client import WorkerEngine
from codemode_tui.engine.models import ModelRef
from codemode_tui.errors import CodemodeError, EngineError
from codemode_tui.training.bench.parties import Figures, Step

PATIENCE = 300.0
QUESTION = "How many lines are in notes.txt?"
PROFILE = "bundled"


class OnScreen:
    """A party of ``bench engine``: the interface with the model of a folder, which says a script."""

    def __init__(self, folder: Path, script: tuple[int, ...]) -> None:
        self._program = f"from codemode_tui.cli.bench_decode import show; show({str(folder)!r}, {script!r}, "
        self._stack = ExitStack()
        self._screen: Screen | None = None
        self._line: socket.socket | None = None
        self.steps: Mapping[Step, Callable[[], Awaitable[Figures]]] = {"decode": self._decode}

    async def start(self) -> Figures:
        began = time.perf_counter()
        self._line, theirs = socket.socketpair()
        with theirs:
            program = f"{self._program}{theirs.fileno()})"
            self._screen = self._stack.enter_context(terminal("-c", program, keep=theirs.fileno()))
        await self._answer()
        await self._decode()  # not measured: the first one of all
        return {"start": time.perf_counter() - began}

    async def close(self) -> None:
        if self._line is not None:
            self._line.close()  # which ends it
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self._stack.close)

    async def _decode(self) -> Figures:
        assert self._line is not None
        with contextlib.suppress(OSError):  # it is gone: there will be no answer
            self._line.send(b"?")
        return {"decode": float(await self._answer())}

    async def _answer(self) -> bytes:
        return await asyncio.to_thread(self._heard)

    def _heard(self) -> bytes:
        """A line from it; what it writes to its terminal meanwhile is read, or it would wait for that."""
        assert self._screen is not None and self._line is not None
        said, deadline = b"", time.perf_counter() + PATIENCE
        while not said.endswith(b"\n"):
            piece = self._screen.side(self._line.fileno())
            if not piece or time.perf_counter() > deadline:
                raise EngineError("the interface ended while it was measured", hint="codemode --debug bench engine")
            said += b"" if piece == b" " else piece
        return said


# -- in the terminal -----------------------------------------------------------------------------------


class Timed:
    """An engine, and how fast its last message was taken from it."""

    def __init__(self, engine: WorkerEngine) -> None:
        self._engine = engine
        self.rate = 0.0

    @property
    def info(self) -> ModelInfo | None:
        return self._engine.info

    @property
    def running(self) -> bool:
        return self._engine.running

    async def start(self, on_progress: OnProgress | None = None) -> ModelInfo:
        return await self._engine.start(on_progress)

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[EngineEvent, None]:
        times: list[float] = []
        tokens = 0
        async with aclosing(self._engine.generate(request)) as events:  # type: ignore[type-var]  # a generator
            async for event in events:
                if isinstance(event, Token) and event.ids:
                    tokens += len(event.ids) if times else 0
                    times.append(time.perf_counter())
                yield event
        self.rate = tokens / (times[-1] - times[0]) if len(times) > 1 else 0.0

    async def cancel(self) -> None:
        await self._engine.cancel()

    async def close(self) -> None:
        await self._engine.close()


def show(folder: str, script: tuple[int, ...], line: int) -> None:
    """Runs the interface; for every byte that comes from ``line`` a question, and its tokens a second go back."""
    from codemode_tui.cli.bench_stage import app
    from codemode_tui.cli.tui import end_without_terminal

    threading.Thread(target=end_without_terminal, daemon=True).start()  # whoever measures may have been killed
    worker = WorkerEngine(ModelRef("thin", Path(folder), PROFILE))
    worker.script = script
    engine = Timed(worker)
    shown = app(engine, Sampling(max_tokens=len(script)))

    async def serve() -> None:
        try:
            while shown.main.status.state != "ready":
                await asyncio.sleep(0.05)
            os.write(line, b"ready\n")
            while await asyncio.to_thread(os.read, line, 1):
                await shown.chat.new_session()
                engine.rate = 0.0
                shown.main.ask(QUESTION)
                while not engine.rate or shown.main.driver.busy:
                    await asyncio.sleep(0.2)  # seldom: to look takes time from what is measured
                os.write(line, f"{engine.rate}\n".encode())
        finally:
            await worker.close()
            os._exit(0)

    async def run() -> None:
        task = asyncio.create_task(serve())
        await shown.run_async()
        task.cancel()

    with contextlib.suppress(CodemodeError):
        asyncio.run(run())
    os._exit(0)
