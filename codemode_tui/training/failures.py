"""Why cases fail, as a few kinds: each failed case is of the first kind that fits."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from codemode_tui.chat.events import TurnRecord
from codemode_tui.training import facts
from codemode_tui.training.playing import CaseResult
from codemode_tui.training.rebuilding import literals
from codemode_tui.training.suite import Expected, turn_key

Kind = Literal[
    "crash", "format", "decision", "miscopied", "code_error", "wrong_file", "wrong_output", "wrong_call", "wrong_answer"
]
MEANING: dict[Kind, str] = {
    "crash": "the turn did not come to its end",
    "format": "the message was cut off, or its call is not written as it should be",
    "decision": "it answered instead of calling, or called instead of answering",
    "miscopied": "its code names something nearly, not just, as it stands in the question or the folder",
    "code_error": "its code ended with an exception or was stopped",
    "wrong_file": "files are not as they should be",
    "wrong_output": "the code printed something else",
    "wrong_call": "it got there without the functions that were asked for",
    "wrong_answer": "the answer does not say what it should",
}
_NEAR = 0.75
"""Likeness from which on a name is a slip of another one."""


class Cluster(msgspec.Struct, frozen=True):
    """Failed cases of one kind, the largest cluster first."""

    kind: Kind
    meaning: str
    count: int
    detail: dict[str, int]
    """What it was in particular: types of exceptions, decisions, names as they were miscopied."""
    cases: tuple[str, ...]


def clusters(results: Sequence[CaseResult]) -> list[Cluster]:
    """The failed cases by kind."""
    found: dict[Kind, list[tuple[str, str]]] = {}
    for result in results:
        if not result.passed:
            kind, detail = failure(result)
            found.setdefault(kind, []).append((result.case.id, detail))
    made = [
        Cluster(
            kind,
            MEANING[kind],
            len(those),
            {name: sum(detail == name for _, detail in those) for name in dict.fromkeys(d for _, d in those if d)},
            tuple(case for case, _ in those),
        )
        for kind, those in found.items()
    ]
    return sorted(made, key=lambda one: (-one.count, list(MEANING).index(one.kind)))


def failure(result: CaseResult) -> tuple[Kind, str]:
    """The kind of a failed case, and what it was in particular."""
    if result.crash:
        return "crash", result.crash.partition(":")[0]
    number, turn, record = next(_failed(result))
    failed = {failure.check for failure in result.failures}
    value = str(record.decision.get("value"))
    decisions = [str(step.decision.get("value")) for step in record.steps]
    for odd in ("malformed", "truncated", "announced"):
        if odd in decisions and record.steps[-1].run is None and turn_key(number, "decision") not in failed:
            return "format", odd
    if turn_key(number, "decision") in failed:
        return ("decision", f"{turn.decision} → {value}") if value in ("tool", "direct") else ("format", value)
    if slip := next(_slips(result, number, record), ""):
        return "miscopied", slip
    last = next((step.run for step in reversed(record.steps) if step.run is not None), None)
    if last is not None and last.status != "ok":
        return "code_error", last.exception.type if last.exception and last.status == "error" else last.status
    kinds: tuple[tuple[str, Kind], ...] = (
        ("files_after", "wrong_file"), ("files_gone", "wrong_file"), ("stdout_regex", "wrong_output"),
        ("calls", "wrong_call"), ("answer_contains", "wrong_answer"), ("answer_regex", "wrong_answer"),
    )  # fmt: skip
    return next(((kind, "") for check, kind in kinds if turn_key(number, check) in failed), ("wrong_output", ""))


def _failed(result: CaseResult) -> Iterator[tuple[int, Expected, TurnRecord]]:
    """The turns with a check that does not hold."""
    failed = {failure.check for failure in result.failures}
    for number, (turn, record) in enumerate(zip(result.case.turns, result.records, strict=False)):
        if any(turn_key(number, check) in failed for check in turn.checks):
            yield number, turn, record


def _slips(result: CaseResult, number: int, record: TurnRecord) -> Iterator[str]:
    """Names in the code that are nearly, and not quite, one that was there to be copied."""
    turns = result.case.turns[: number + 1]
    there = {path for turn in turns for path in turn.files}
    known = there | {path.rpartition("/")[2] for path in there}
    asked = " ".join(turn.query for turn in turns)
    known |= {word for word in facts.facts(asked) if facts.telling(word)}
    told = "\n".join([asked, *there, *(text for turn in turns for text in turn.files.values())])
    told += "\n".join(step.run.stdout for step in record.steps if step.run is not None)
    for step in record.steps:
        for name in sorted(literals(step.code or "")):
            if facts.telling(name) and name not in told:
                near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=_NEAR)
                if near and near[0] not in name:
                    yield f"{near[0]} → {name}"
