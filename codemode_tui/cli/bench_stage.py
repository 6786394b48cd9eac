"""The processes that `bench screen` looks at: the interface as it is, and a model that only keeps the pace of one."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable

from codemode_tui import locations
from codemode_tui.chat import events as ev
from codemode_tui.chat.conversation import Conversation
from codemode_tui.chat.ports import NullRecorder
from codemode_tui.chat.services import Services
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.cli.correcting import NoEngine
from codemode_tui.engine.api import (
    Engine,
    EngineEvent,
    Finished,
    GenerateRequest,
    ModelInfo,
    OnProgress,
    Sampling,
    Token,
    ToolLikelihood,
    Usage,
)
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.types import Outcome
from codemode_tui.tui.app import CodemodeApp
from codemode_tui.tui.themes import load_themes

PIECE = 4
"""Characters of a token."""
LINE = "total_{0} = sum(read_numbers('data_{0}.csv'))\n"
OPENING = "<tool_call>\n<function=execute_code>\n<parameter=code>\n"
DECODE = """
import sys, time
while True:
    time.sleep(0.010)                       # the GPU, 48 layers
    until = time.perf_counter() + 0.0006    # what Python does for a token
    while time.perf_counter() < until: pass
    sys.stdout.write("token\\n"); sys.stdout.flush()
"""
SAMPLE = 0.005
"""Seconds between two looks at how late the event loop is."""
FEW, MANY = 20, 2_000
"""Turns shown."""
INFO = ModelInfo(
    name="paced", path="", bytes=0, quantization=None, weights_sha256="", profile="bundled", context_limit=32_768
)  # fmt: skip


def code(lines: int) -> str:
    return "".join(LINE.format(number) for number in range(lines))


class PacedEngine(NoEngine):
    """Says one text, a token each time that ``beat`` comes back."""

    def __init__(self, text: str, beat: Callable[[], AsyncIterator[None]]) -> None:
        self._text = text
        self._beat = beat
        self.running = False

    async def start(self, on_progress: OnProgress | None = None) -> ModelInfo:
        self.info, self.running = INFO, True
        return INFO

    async def generate(self, request: GenerateRequest) -> AsyncIterator[EngineEvent]:
        yield ToolLikelihood(0.9)
        beats = self._beat()
        for piece in pieces(self._text):
            await anext(beats)
            yield Token(piece)
        yield Finished("stop", self._text, (), Usage())


def pieces(text: str) -> list[str]:
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


async def decoded() -> AsyncIterator[None]:
    """A beat from a process that does what a decode does."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-I", "-S", "-c", DECODE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        while await child.stdout.readline():
            yield
    finally:
        child.kill()
        await child.wait()


async def at_rate(rate: float) -> AsyncIterator[None]:
    """So many beats a second."""
    begun, count = time.perf_counter(), 0
    while True:
        count += 1
        await asyncio.sleep(max(0.0, begun + count / rate - time.perf_counter()))
        yield


def app(engine: Engine, sampling: Sampling = Sampling()) -> CodemodeApp:  # noqa: B008 - frozen
    """The interface, with nothing behind it that would be measured too."""
    chat = Conversation(
        Services(
            engine=engine,
            profile=load_profile("bundled"),
            recorder=NullRecorder(),
            settings=ChatSettings(run="never", sampling=sampling),
            workspace=locations.current_dir(),
        )
    )
    themes = load_themes(locations.themes_dirs())
    return CodemodeApp(chat, themes=themes, theme="codemode-dark")


# -- what the processes do -----------------------------------------------------------------------------


def live(streaming: bool, report: int) -> None:
    """In a terminal until ctrl+q, idle or while code streams. ``report``: where it says ``ready``, and at its end how
    late the event loop was, in milliseconds, as JSON."""
    late: list[float] = []
    shown = app(PacedEngine(OPENING + code(2_000), decoded))

    async def watch() -> None:
        while shown.main.status.state != "ready":
            await asyncio.sleep(0.05)
        if streaming:
            shown.main.ask("Sum everything")
            while shown.main.status.state != "writing":
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
        gc.collect()
        os.write(report, b"ready\n")
        while True:
            before = time.perf_counter()
            await asyncio.sleep(SAMPLE)
            late.append((time.perf_counter() - before - SAMPLE) * 1000)

    async def run() -> None:
        task = asyncio.create_task(watch())
        await shown.run_async()
        task.cancel()

    asyncio.run(run())
    os.write(report, json.dumps(late).encode())
    os._exit(0)


def cpu(ours: bool, lines: int, rate: float) -> None:
    """Prints the processor seconds of streaming ``lines`` lines of code, in the interface or one token after another
    through Textual's own ``MarkdownStream``."""
    print(asyncio.run(_ours(lines, rate) if ours else _theirs(lines, rate)))


async def _ours(lines: int, rate: float) -> float:
    shown = app(PacedEngine(OPENING + code(lines) + "</parameter>\n</function>\n</tool_call>", lambda: at_rate(rate)))
    async with shown.run_test(size=(120, 40)):
        while shown.main.status.state != "ready":
            await asyncio.sleep(0.05)
        begun = time.process_time()
        shown.main.ask("Sum everything")
        while shown.main.driver.busy or not shown.main.transcript.cards:
            await asyncio.sleep(0.05)
        return time.process_time() - begun


async def _theirs(lines: int, rate: float) -> float:
    from textual.app import App, ComposeResult
    from textual.containers import VerticalScroll
    from textual.widgets import Markdown

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            with VerticalScroll():
                yield Markdown("")

    bare = Bare()
    async with bare.run_test(size=(120, 40)):
        bare.query_one(VerticalScroll).anchor()
        begun = time.process_time()
        stream, beats = Markdown.get_stream(bare.query_one(Markdown)), at_rate(rate)
        for piece in pieces(f"```python\n{code(lines)}```\n"):
            await anext(beats)
            await stream.write(piece)
        await stream.stop()
        return time.process_time() - begun


def memory() -> None:
    """Prints the megabytes of this process after few and after many turns, as JSON."""
    print(json.dumps(asyncio.run(_memory())))


async def _memory() -> list[float]:
    shown = app(PacedEngine("", lambda: at_rate(1)))
    found = []
    async with shown.run_test(size=(120, 40)) as pilot:
        for number in range(1, MANY + 1):
            card = await shown.main.open_turn(f"Question {number}: what are the totals?")
            for event in _turn(f"turn-{number}"):
                await card.apply(event)
            if number in (FEW, MANY):
                await pilot.pause()
                gc.collect()
                found.append(_resident())
    return found


def _turn(turn: str) -> list[ev.Event]:
    said, answer = code(12), "The totals are **in the table**:\n\n| file | total |\n|---|---|\n| a | 1 |\n| b | 2 |\n"

    def parsed(step: int, decision: Decision, text: str, code: str | None) -> ev.StepParsed:
        return ev.StepParsed(
            turn, step, decision=decision, probability=0.9, forced=False, dialect=None, raw=text, text=text, code=code,
            warnings=(), finish_reason="stop", usage=Usage(), generation="",
        )  # fmt: skip

    printed = "".join(f"{number} {number * 7}\n" for number in range(12))
    record = ev.TurnRecord(
        session="", turn=turn, query="", decision={}, raw="", text="", code=None, run=None, answer=answer, attempts=1,
        finish_reason="stop", usage=Usage(generated_tokens=90, total_ms=900, decode_tps=90), steps=(), model=None,
    )  # fmt: skip
    return [
        ev.TurnStarted(turn, "", ""),
        parsed(0, Decision.TOOL, "", said),
        ev.RunStarted(turn, 0, "", said, "bwrap"),
        ev.RunOutput(turn, 0, "stdout", printed),
        ev.RunFinished(turn, 0, "", Outcome("ok", 0, printed)),
        parsed(1, Decision.DIRECT, answer, None),
        ev.AnswerReady(turn, answer),
        ev.TurnDone(turn, record),
    ]


def _resident() -> float:
    """Megabytes that this process holds."""
    line = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True, check=True)
    return int(line.stdout) / 1024
