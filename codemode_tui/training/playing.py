"""Play cases: each in a fresh folder and a conversation of its own, several side by side if that is wanted.

The model says one message at a time whatever is wanted; runs, tools and files of one case go on while it speaks in
another. Each conversation has its own cache in the engine, so what a case comes to does not depend on its neighbours.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from codemode_tui.chat import events as ev
from codemode_tui.chat.conversation import Conversation
from codemode_tui.engine.api import Engine, ModelInfo
from codemode_tui.errors import EngineError, SandboxError
from codemode_tui.protocol.render import clean
from codemode_tui.training.grading import Failure, grade
from codemode_tui.training.suite import Case, Suite, turn_key
from codemode_tui.training.workbench import fresh_folder, put

OpenConversation = Callable[[Path], Awaitable[Conversation]]
"""A new conversation in this workspace over the engine that is being evaluated: greedy, runs and writes granted."""
OnCase = Callable[[int, int, Case], None]
"""Told ``done, total, case`` before each case."""
_ITS_OWN = "error: "
"""Begins the crash of a turn that failed above engine, sandbox and store: the question was too long for the model, or
the turns before left no place for the files of the next one."""
_SET_UP = "set-up: "
"""Begins the crash of a case whose own files cannot be put into a folder."""
_MISNAMED = {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ENOTDIR, errno.EISDIR, errno.EEXIST}
"""What the system says of names that it does not take; all else it may say (a full disk) passes."""
MOST_JOBS = 4
"""Conversations of which the engine keeps the cache; with more each step would read its prompt anew."""


class CaseResult(NamedTuple):
    """What became of one case."""

    case: Case
    records: tuple[ev.TurnRecord, ...]
    """The turns that came to an end, the first question's first."""
    failures: tuple[Failure, ...]
    crash: str = ""
    """Why the case could not be played to its end; empty when it was."""

    @property
    def passed(self) -> bool:
        return not self.failures and not self.crash

    @property
    def unasked(self) -> bool:
        """Whether it says nothing about the model: what was to ask it failed, not what it would have said."""
        return bool(self.crash) and not self.crash.startswith(_ITS_OWN)

    @property
    def unplayable(self) -> bool:
        """Whether no model can be asked it here: a mistake of its suite."""
        return self.crash.startswith(_SET_UP)

    @property
    def checks(self) -> int:
        """Checks that the case names, of all its turns."""
        return sum(len(turn.checks) for turn in self.case.turns)

    @property
    def held(self) -> int:
        """Of these, how many held."""
        return self.checks - len({failure.check for failure in self.failures})


class Crash(Exception):
    """A case that cannot go on."""

    def __init__(self, message: str, record: ev.TurnRecord | None = None) -> None:
        super().__init__(message)
        self.record = record
        """Of the turn that did not come to its end; None between two turns."""


async def play_suite(
    suite: Suite,
    engine: Engine,
    open_conversation: OpenConversation,
    on_case: OnCase | None = None,
    *,
    jobs: int = 1,
) -> list[CaseResult]:
    """Play every case of a suite; as ``play``."""
    return await play([(case, open_conversation) for case in suite.cases], engine, on_case, jobs=jobs)


async def play(
    cases: Sequence[tuple[Case, OpenConversation]],
    engine: Engine,
    on_case: OnCase | None = None,
    *,
    jobs: int = 1,
) -> list[CaseResult]:
    """Play every case, at most ``jobs`` at a time; results in the order of the cases.

    The engine is the caller's: it is started here when it has died, and never closed. A case that crashed while
    others were played is played once more, alone: their engine may have died under it.

    Raises:
        EngineError, ModelError: the engine cannot be (re)started; no case can be played.
        SandboxError: there is no sandbox here; every case that runs code would fail for no fault of the model.
    """
    jobs = max(1, min(jobs, MOST_JOBS))
    waiting = iter(range(len(cases)))
    found: dict[int, CaseResult] = {}

    async def one(number: int) -> None:
        if not engine.running:
            await engine.start()
        found[number] = await play_case(*cases[number])

    async def work() -> None:
        for number in waiting:
            if on_case:
                on_case(len(found), len(cases), cases[number][0])
            await one(number)

    await _together([work() for _ in range(min(jobs, len(cases)))])
    if jobs > 1:
        for number in [number for number in sorted(found) if found[number].crash]:
            await one(number)
    return [found[number] for number in range(len(cases))]


async def play_case(case: Case, open_conversation: OpenConversation) -> CaseResult:
    """Play one case and grade each of its turns. Whatever goes wrong is a crash of this case.

    Raises:
        SandboxError: there is no sandbox here.
    """
    records: list[ev.TurnRecord] = []
    failures: list[Failure] = []
    where = ""
    try:
        with fresh_folder("codemode-eval-") as folder:
            where = f"{folder}/"
            _put_first(folder, case.files)
            conversation = await open_conversation(folder)  # never closed: that would end the shared engine
            await conversation.probe_sandbox()
            for number, turn in enumerate(case.turns):
                if number:
                    _put_more(folder, turn.files)
                records.append(await _ask(conversation, turn.query))
                failures += [Failure(turn_key(number, f.check), f.why) for f in grade(turn, records[-1], folder)]
    except SandboxError:
        raise
    except Exception as error:
        # A first message that broke off is no decision of the model's: one that called is whole.
        if isinstance(error, Crash) and error.record and error.record.steps and error.record.steps[0].run is not None:
            records.append(error.record)
        # The folder's name is another one each time, and says nothing.
        why = str(error).replace(where, "") or type(error).__name__
        return CaseResult(case, tuple(records), _all_failed(case, why), why)
    return CaseResult(case, tuple(records), tuple(failures))


def must_have_answered(model: ModelInfo, results: Sequence[CaseResult]) -> None:
    """Raises EngineError: cases were played, and the model could not be asked a single one."""
    if results and all(result.unasked for result in results):
        why = f"{model.name} could not be asked a single case: {clean(results[0].crash)}"
        raise EngineError(why, hint="mend that first, then measure again")


async def _together(work: Sequence[Awaitable[None]]) -> None:
    """Everything to its end; the first error ends the others, and each has cleared up when this returns."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _put_first(folder: Path, files: Mapping[str, str]) -> None:
    """Put a case's own files into its empty folder.

    Raises:
        Crash: there is none that takes them.
        OSError: it cannot be done now.
    """
    try:
        put(folder, files)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in _MISNAMED:
            raise
        raise Crash(f"{_SET_UP}its files cannot be put into a folder ({error})") from error


def _put_more(folder: Path, files: Mapping[str, str]) -> None:
    """Put a follow-up's files into the folder as the turns before have left it.

    Raises:
        Crash: there is no place for them, and that is what the model's own code came to.
    """
    try:
        put(folder, files)
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links that lead to each other
        raise Crash(f"{_ITS_OWN}the turns before left no place for {', '.join(files)} ({error})") from error


async def _ask(conversation: Conversation, query: str) -> ev.TurnRecord:
    """The record of a finished turn.

    Raises:
        Crash: the turn failed.
    """
    last: ev.Event | None = None
    async for event in conversation.ask(query):  # to its end: the conversation is free only then
        last = event
    if isinstance(last, ev.TurnFailed):
        raise Crash(f"{last.kind}: {last.message}", last.record)
    assert isinstance(last, ev.TurnDone)
    return last.record


def _all_failed(case: Case, why: str) -> tuple[Failure, ...]:
    return tuple(
        Failure(turn_key(number, check), f"not graded: {why}")
        for number, turn in enumerate(case.turns)
        for check in turn.checks
    )
