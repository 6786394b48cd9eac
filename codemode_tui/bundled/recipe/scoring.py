"""What is measured of one generated message, against the one that the generator wrote. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from codemode_tui.bundled.recipe.example import Role
from codemode_tui.bundled.recipe.rows import Row
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.types import Decision


class Moment(NamedTuple):
    """A point where the assistant speaks."""

    history: tuple[tuple[Role, str], ...]
    expected: str


class Score(NamedTuple):
    """None where a measure does not apply."""

    decision: bool
    """Tool or direct, as expected."""
    tool_expected: bool
    malformed: bool
    """Neither a sound call nor a whole answer."""
    after_run: bool
    """Whether the message follows a tool's output."""
    code: bool | None
    """The same program, spacing aside."""
    names: bool | None
    """Every text that the program takes from the question (file names, words) is there, letter for letter."""
    answer: bool | None
    """The same words."""


def moments(row: Row) -> Iterator[Moment]:
    """Every assistant message of ``row`` with what came before it."""
    for at, (role, text) in enumerate(row.turns):
        if role == "assistant":
            yield Moment(row.turns[:at], text)


def score(moment: Moment, generated: str, *, truncated: bool = False) -> Score:
    """Compare one generated message."""
    wanted, got = parse(moment.expected), parse(generated, truncated=truncated)
    after_run = moment.history[-1][0] == "tool"
    tool = wanted.decision is Decision.TOOL
    malformed = truncated or got.decision not in (Decision.TOOL, Decision.DIRECT)
    right = got.decision is wanted.decision and not truncated
    if not tool:
        return Score(right, tool, malformed, after_run, None, None, right and got.text == wanted.text)
    said = " ".join(text for role, text in moment.history if role != "assistant")
    taken = {text for text in _texts(wanted.code or "") if len(text) > 1 and text in said}
    copied = taken <= set(_texts(got.code or "")) if taken else None
    same = right and _shape(got.code or "") == _shape(wanted.code or "")
    return Score(right, tool, malformed, after_run, same, copied, None)


def totals(scores: Iterable[Score]) -> dict[str, float | int]:
    """Shares of all scores: ``decision``, ``malformed``, ``code``, ``names``, ``answer``; and counts."""
    found = list(scores)
    asked = [s for s in found if not s.after_run]
    return {
        "questions": len(asked),
        "messages": len(found),
        "decision": share(s.decision for s in asked),
        "decision_tool": share(s.decision for s in asked if s.tool_expected),
        "decision_direct": share(s.decision for s in asked if not s.tool_expected),
        "malformed": share(s.malformed for s in found),
        "code": share(s.code for s in found),
        "names": share(s.names for s in found),
        "answer_direct": share(s.answer for s in asked),
        "answer_after_run": share(s.answer for s in found if s.after_run),
    }


def share(values: Iterable[bool | None]) -> float:
    """Share of true values among those that are not None; NaN of nothing is told as -1."""
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else -1.0


def _shape(code: str) -> str:
    try:
        return ast.dump(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return code


def _texts(code: str) -> list[str]:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
