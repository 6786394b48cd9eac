"""Cases on the command line: an engine that is started and ended, conversations over it, a line of progress."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from codemode_tui import config, locations
from codemode_tui.chat.conversation import Conversation
from codemode_tui.cli.awake import keep_awake
from codemode_tui.cli.ending import cancel_when_told_to_end
from codemode_tui.cli.progress import ProgressLine
from codemode_tui.cli.session import Options, make_engine, open_conversation
from codemode_tui.engine.api import Engine, ModelInfo
from codemode_tui.engine.lock import heavy
from codemode_tui.engine.models import find_model

if TYPE_CHECKING:
    from codemode_tui.training.playing import OnCase
    from codemode_tui.training.regression import Regression
    from codemode_tui.training.replay import Replay
    from codemode_tui.training.report import Evaluation
    from codemode_tui.training.suite import Case, Suite
    from codemode_tui.training.workbench import Bench

T = TypeVar("T")


class Contender(NamedTuple):
    """A model that is to be measured, not started yet."""

    name: str
    """By which it is found again, whatever a workspace says."""
    engine: Engine
    size: int
    """Bytes of its weights; 0 of one that is elsewhere."""


def contender(model: str | None, profile: str | None) -> Contender:
    """The model of this name, else the chosen one. Its engine is nobody else's.

    Raises:
        ConfigError, ModelError: there is no such model or profile.
    """
    name = model or config.load_settings(locations.config_file()).model.default or "bundled"
    engine = make_engine(Options(model=name, profile=profile), shared=False)
    return Contender(name, engine, _bytes(name))


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end. Being terminated is an interrupt like ctrl+c: folders of running cases go, and so do workers.

    A Mac does not fall asleep meanwhile.
    """

    async def interruptible() -> T:
        task = asyncio.current_task()
        assert task is not None
        cancel_when_told_to_end(task, signal.SIGINT)
        return await work

    keep_awake()
    try:
        return asyncio.run(interruptible())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def reach(contenders: Iterable[Contender]) -> None:
    """Connect to each server once: one that is down is found out before another model is played to its end.

    Raises:
        EngineError, ModelError: a server does not answer, or has no such model.
    """
    for one in contenders:
        if one.size == 0:  # nothing is loaded here, so it costs no more than the question
            try:
                await one.engine.start()
            finally:
                await one.engine.close()


async def evaluate(suite: Suite, one: Contender, *, jobs: int = 1) -> Evaluation:
    """Play a suite against a model, whose engine ends with it.

    Raises:
        EngineError, ModelError, SandboxError: no case can be played.
    """
    from codemode_tui.training.playing import play_suite
    from codemode_tui.training.report import Evaluation

    async def work(info: ModelInfo, on_case: OnCase) -> Evaluation:
        results = await play_suite(suite, one.engine, opener(one, info), on_case, jobs=jobs)
        return Evaluation(suite.name, info, tuple(results))

    return await _measured(one, work)


async def replayed(found: Regression, one: Contender, *, jobs: int = 1) -> Replay:
    """Ask the turns of ``found`` again with a model, whose engine ends with it.

    Raises:
        EngineError, ModelError, SandboxError: nothing can be asked.
    """
    from codemode_tui.training.replay import replay

    async def work(info: ModelInfo, on_case: OnCase) -> Replay:
        return await replay(found, one.engine, opener(one, info), on_case, jobs=jobs)

    return await _measured(one, work)


def opener(one: Contender, info: ModelInfo) -> Callable[[Path], Awaitable[Conversation]]:
    """Conversations as cases need them: greedy, nothing stored, runs and writes granted.

    No file of a case has a say in how it is asked, and none of its runs takes the place of one of the user's.
    """

    async def opened(workspace: Path) -> Conversation:
        options = Options(
            workspace=workspace, model=one.name, profile=info.profile, store=False, run="auto", allow_write=True,
            servers=False, temp=0.0, seed=0, passing=True,
        )  # fmt: skip
        return await open_conversation(options, one.engine)

    return opened


def watched(records: Iterable[T]) -> Iterator[T]:
    """The same, with a line of progress: each turn of the past is run again before it counts."""
    progress = ProgressLine()
    try:
        for number, record in enumerate(records, 1):
            progress.say(f"running turn {number} of the past again")
            yield record
    finally:
        progress.clear()


async def make_bench() -> Bench:
    """Where code of the past is run again.

    Raises:
        SandboxError: there is no sandbox here.
    """
    from codemode_tui.sandbox.select import choose
    from codemode_tui.sandbox.types import Limits
    from codemode_tui.training.workbench import Bench

    settings = config.load_settings(locations.config_file()).sandbox
    sandbox = await choose(settings.backend, settings.packages)
    return Bench(sandbox, Limits.of(settings.timeout, settings.memory_mb))


async def _measured(one: Contender, work: Callable[[ModelInfo, OnCase], Awaitable[T]]) -> T:
    """Start the engine, say how far ``work`` is, and end the engine whatever happens."""
    progress = ProgressLine()
    with heavy(f"an evaluation of {one.name}", one.size):
        try:
            progress.say("loading the model")
            info = await one.engine.start()

            def on_case(done: int, total: int, case: Case) -> None:
                progress.say(f"{info.name}: {done + 1} of {total}  {case.group}  {case.id}")

            return await work(info, on_case)
        finally:
            progress.clear()
            await one.engine.close()


def _bytes(name: str) -> int:
    """Size of a model's weights; 0 of one that is elsewhere."""
    return sum(file.stat().st_size for file in find_model(name).path.glob("*.safetensors"))
