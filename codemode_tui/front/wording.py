"""What happened, in words: the same in every front end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, NamedTuple

from codemode_tui.engine.api import Usage
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.types import FileChange, Outcome
from codemode_tui.store.records import Standing

Mood = Literal["ok", "failed", "denied"]
ODD = {
    Decision.ANNOUNCED: "said it would act, then stopped",
    Decision.MALFORMED: "a broken call, not run",
    Decision.TRUNCATED: "cut off, not run",
}
METER = 10
"""Cells of a full meter."""


class Note(NamedTuple):
    text: str
    color: str
    """Theme colour."""


def remark(decision: Decision, *, forced: bool = False, cut: bool = False) -> str:
    """What is odd about a decision; ``cut``: its message has no end. Empty for nothing."""
    return ODD.get(decision, "cut off" if cut else "") or ("forced" if forced else "")


def took(milliseconds: float) -> str:
    if milliseconds <= 0:
        return ""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def meter(probability: float) -> str:
    """The filled part of the bar, in half cells; full only for what is certain."""
    full, half = divmod(int(probability * 2 * METER), 2)
    return "━" * full + "╸" * half


def percent(probability: float | None) -> str:
    """``99 %``; never a rounded 0 or 100 for what is not certain."""
    if probability is None:
        return ""
    if probability < 0.01:
        return "<1 %"
    return ">99 %" if probability > 0.994 else f"{probability * 100:.0f} %"


def summary(outcome: Outcome) -> tuple[Mood, str]:
    """How a run ended."""
    time = took(outcome.duration_ms) or "0 ms"
    calls = f" · {len(outcome.tool_calls)} tool call{'s' if len(outcome.tool_calls) != 1 else ''}"
    match outcome.status:
        case "ok":
            return "ok", f"✓ ran in {time}{calls if outcome.tool_calls else ''}"
        case "denied":
            return "denied", "not run: you denied it"
        case "not_run":
            return "denied", "not run"
        case "timeout":
            return "failed", f"✗ out of time after {time}"
        case "memory":
            return "failed", "✗ out of memory"
        case "killed":
            return "failed", f"✗ stopped after {time}"
    return "failed", f"✗ failed after {time}" if outcome.duration_ms else "✗ not run"


def notes(outcome: Outcome, undone: Collection[str] | None = None) -> list[Note]:
    """What is said below the output of a run: exception or reason, cut output, changed files. Not sanitised.

    ``undone``: the files that were put back since; none of them once that has been taken back.
    """
    found: list[Note] = []
    error = outcome.exception
    if error is not None:
        # A syntax error names its line itself.
        line = f" (line {error.line})" if error.line and f"line {error.line})" not in error.message else ""
        found.append(Note(f"{error.type}: {error.message}{line}", "error"))
    elif outcome.reason:
        found.append(Note(outcome.reason, "error"))
    if outcome.truncated:
        found.append(Note("the output was longer; the rest was counted, not kept", "muted"))
    for change in outcome.files_changed:
        gone = change.path in (undone or ())
        said = f"○ {change.change} {change.path}, undone" if gone else f"● {change.change} {change.path}"
        found.append(Note(said, "muted" if gone else "success"))
    if outcome.undo:
        commands = any(call.name == "run_command" for call in outcome.tool_calls)
        does = "takes that back" if undone else "puts back all but what a command wrote" if commands else "puts it back"
        found.append(Note(f"/undo{' undone' * (undone is not None)} {does}", "muted"))
    return found


def put_back(changes: Sequence[FileChange], named: Callable[[str], str], most: int = 5) -> str:
    """What an undo did to each file; ``named``: a path as it is written."""
    words: dict[str, list[str]] = {}
    for change in changes:
        words.setdefault("removed" if change.change == "deleted" else "put back", []).append(named(change.path))
    said = (f"{word}: {', '.join(names[:most])}{' …' * (len(names) > most)}" for word, names in words.items())
    return " · ".join(said) or "nothing was left to put back"


def silent(outcome: Outcome) -> bool:
    """Nothing ran, and nothing of it is worth a line."""
    return outcome.status in ("denied", "not_run") and outcome.exception is None


def figures(usage: Usage) -> str:
    """What a turn cost; empty for one that generated nothing."""
    if not usage.generated_tokens:
        return ""
    parts = [f"{usage.total_ms / 1000:.1f} s", f"{usage.generated_tokens:,} tokens"]
    return " · ".join([*parts, *([f"{usage.decode_tps:.0f} tok/s"] if usage.decode_tps else [])])


def said_of(standing: Standing) -> Note:
    """What came of a rating, and the reasons that were given."""
    match standing.state:
        case "corrected" | "verified" as state:
            return Note("✓ corrected" + (" · verified" if state == "verified" else ""), "success")
        case "skipped" | "dropped" as state:
            return Note(state, "muted")
    return Note("saved", "muted")


def reasons_in_words(reasons: tuple[str, ...]) -> str:
    return ", ".join(code.replace("_", " ") for code in reasons)


def short(count: int) -> str:
    """``12.3k``."""
    return str(count) if count < 1000 else f"{count / 1000:.1f}k" if count < 100_000 else f"{count / 1000:.0f}k"


def size(count: int) -> str:
    """``21.5 GB``."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
