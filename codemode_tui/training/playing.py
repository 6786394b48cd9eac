"""Play the cases of a suite: each in a fresh folder and a conversation of its own, one after another."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from codemode_tui.chat import events as ev
from codemode_tui.chat.conversation import Conversation
from codemode_tui.engine.api import Engine
from codemode_tui.errors import SandboxError
from codemode_tui.training.grading import Failure, grade
from codemode_tui.training.suite import Case, Expected, Suite, turn_key

OpenConversation = Callable[[Path], Awaitable[Conversation]]
"""A new conversation in this workspace over the engine that is being evaluated: greedy, runs and writes granted."""
OnCase = Callable[[int, int, Case], None]
"""Told ``done, total, case`` before each case."""


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


class Crash(Exception):
    """A turn that did not come to its end."""

    def __init__(self, message: str, record: ev.TurnRecord) -> None:
        super().__init__(message)
        self.record = record


async def play_suite(
    suite: Suite, engine: Engine, open_conversation: OpenConversation, on_case: OnCase | None = None
) -> list[CaseResult]:
    """Play every case. The engine is the caller's: it is started here when it has died, and never closed.

    Raises:
        EngineError, ModelError: the engine cannot be (re)started; no case can be played.
        SandboxError: there is no sandbox here; every case that runs code would fail for no fault of the model.
    """
    results = []
    for number, case in enumerate(suite.cases):
        if on_case:
            on_case(number, len(suite.cases), case)
        if not engine.running:
            await engine.start()
        results.append(await play_case(case, open_conversation))
    return results


async def play_case(case: Case, open_conversation: OpenConversation) -> CaseResult:
    """Play one case and grade each of its turns. Whatever goes wrong is a crash of this case.

    Raises:
        SandboxError: there is no sandbox here.
    """
    records: list[ev.TurnRecord] = []
    failures: list[Failure] = []
    with tempfile.TemporaryDirectory(prefix="codemode-eval-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve() / "workspace"
        folder.mkdir()
        try:
            write_files(folder, case)
            conversation = await open_conversation(folder)  # never closed: that would end the shared engine
            await conversation.probe_sandbox()
            for number, turn in enumerate(case.turns):
                if number:
                    write_files(folder, turn)
                records.append(await _ask(conversation, turn.query))
                failures += [Failure(turn_key(number, f.check), f.why) for f in grade(turn, records[-1], folder)]
        except SandboxError:
            raise
        except Exception as error:
            if isinstance(error, Crash) and error.record.steps:
                records.append(error.record)
            why = str(error) or type(error).__name__
            return CaseResult(case, tuple(records), _all_failed(case, why), why)
    return CaseResult(case, tuple(records), tuple(failures))


def write_files(folder: Path, turn: Expected) -> None:
    """Put the files of a turn into the folder, their text byte for byte.

    Raises:
        ValueError: the model has put a link there that leads out of the folder.
    """
    for path, text in turn.files.items():
        file = folder / path
        if not file.resolve().is_relative_to(folder):
            raise ValueError(f"{path} leads out of the workspace")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8"))


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
