"""A session as a Markdown document, for people and for other programs. Verbatim: whoever prints it sanitises it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.records import StoredGeneration, StoredSession, StoredTurn

_MARKS = {-1: " 👎", 0: "", 1: " 👍"}


def markdown(session: StoredSession, turns: Sequence[StoredTurn]) -> str:
    """Questions as headings, code and what it printed in fences, answers as they were written."""
    parts = [f"# {' '.join(session.title.split()) or session.id}", f"{session.workspace} · {session.started[:16]}"]
    for turn in turns:
        parts += [f"## {turn.index}.{_MARKS[turn.rating]}", _quoted(turn.query), *_told(turn)]
    return "\n\n".join(parts) + "\n"


def _told(turn: StoredTurn) -> Iterator[str]:
    for generation in turn.generations:
        yield from unanswered(turn, generation, fenced)
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
        yield turn.answer
    if turn.state != "done":
        yield f"*{turn.state}{f': {turn.error}' if turn.error else ''}*"


def unanswered(turn: StoredTurn, generation: StoredGeneration, code: Callable[[str, str], str]) -> Iterator[str]:
    """What a message of the model said that neither ran nor answered: a turn that ended with it has nothing else."""
    if generation.runs or turn.answer is not None:
        return
    if generation.code is None:
        said = generation.raw.strip()
        yield from [code(said, "text")] if said else []
    else:
        yield from filter(None, (generation.text.strip(), code(generation.code, "python"), "not run"))


def said_by(outcome: Outcome) -> str:
    """What a run printed, and the exception that ended it."""
    error = f"{outcome.exception.type}: {outcome.exception.message}" if outcome.exception else ""
    return "\n".join(filter(None, (outcome.stdout.rstrip("\n"), outcome.stderr.rstrip("\n"), error)))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def fenced(text: str, language: str) -> str:
    """``text`` in a fence longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"
