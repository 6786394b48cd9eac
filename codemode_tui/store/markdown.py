"""A session as a Markdown document, for people and for other programs: whoever prints it sanitises it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.ids import local
from codemode_tui.store.records import StoredGeneration, StoredSession, StoredTurn

_MARKS = {-1: " 👎", 0: "", 1: " 👍"}
_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})(.*)")
"""Further in it is code, or belongs to a point of a list, with which it ends."""
_HEADING = re.compile(r"^( {0,3})(#{1,6})(?=\s|$)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*")
_NO_TEXT = re.compile(
    r"\s*$| {4}|\t| {0,3}(?:>|#{1,6}(?:\s|$)|[-+*](?:\s|$)|\d{1,9}[.)](?:\s|$)|`{3}|~{3}|(?:[-_*][ \t]*){3,}$)"
)
"""Lines that a line of dashes behind them makes no heading."""
_MARKUP = re.compile(r"^( {0,3})(?=<(?:[!?]|(?:script|pre|style|textarea)\b))", re.IGNORECASE)
"""What goes on until its end, over all turns if there is none."""


def markdown(session: StoredSession, turns: Sequence[StoredTurn]) -> str:
    """Turns as headings, code and what it printed in fences, answers as they were written but for what would reach
    beyond them."""
    parts = [
        f"# {' '.join(session.title.split()) or session.id}",
        f"{session.workspace} · {local(session.started):%Y-%m-%d %H:%M}",
    ]
    for turn in turns:
        parts += [f"## {turn.index}.{_MARKS[turn.rating]}", _quoted(turn.query), *_told(turn)]
    return "\n\n".join(parts) + "\n"


def _told(turn: StoredTurn) -> Iterator[str]:
    for generation in turn.generations:
        yield from unanswered(turn, generation, fenced, _within)
        for run in generation.runs:
            if run.edited_from is not None:
                yield "The model's own code, before it was edited:"
                yield fenced(run.edited_from, "python")
            yield fenced(run.code, "python")
            if run.outcome is not None:
                yield f"{run.outcome.status}, {run.outcome.duration_ms:.0f} ms"
                if said := said_by(run.outcome):
                    yield fenced(said, "text")
    if turn.answer:
        yield _within(turn.answer)
    if turn.state != "done":
        yield f"*{turn.state}{f': {turn.error}' if turn.error else ''}*"


def unanswered(
    turn: StoredTurn,
    generation: StoredGeneration,
    code: Callable[[str, str], str],
    prose: Callable[[str], str] = str,
) -> Iterator[str]:
    """What a message of the model said that neither ran nor answered: a turn that ended with it has nothing else."""
    if generation.runs or turn.answer is not None:
        return
    if generation.code is None:
        said = generation.raw.strip()
        yield from [code(said, "text")] if said else []
    else:
        yield from filter(None, (prose(generation.text.strip()), code(generation.code, "python"), "not run"))


def said_by(outcome: Outcome) -> str:
    """What a run printed, and the exception that ended it."""
    error = f"{outcome.exception.type}: {outcome.exception.message}" if outcome.exception else ""
    return "\n".join(filter(None, (outcome.stdout.rstrip("\n"), outcome.stderr.rstrip("\n"), error)))


def _within(text: str) -> str:
    """``text`` with its headings below those of turns, and with the fence closed that it leaves open."""
    open_fence, lines = "", list[str]()
    for line in text.split("\n"):
        if found := _FENCE.fullmatch(line):
            indent, mark, rest = found.groups()
            if open_fence:
                open_fence = "" if mark.startswith(open_fence.strip()) and not rest.strip() else open_fence
            elif mark[0] == "~" or "`" not in rest:
                open_fence = indent + mark
        elif not open_fence:
            if (under := _UNDERLINE.fullmatch(line)) and lines and not _NO_TEXT.match(lines[-1]):
                said = lines.pop()
                line = f"{said[: len(said) - len(said.lstrip())]}{'#' if under[1][0] == '=' else '##'} {said.strip()}"
            line = _HEADING.sub(lambda heading: heading[1] + ("##" + heading[2])[:6], line)
            line = _MARKUP.sub(r"\1\\", line)
        lines.append(line)
    return "\n".join(lines + [open_fence] * bool(open_fence))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def fenced(text: str, language: str) -> str:
    """``text`` in a fence longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"
