"""Rows of sets that others made: they count for splits always, and are exported when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Literal, NamedTuple
from unicodedata import east_asian_width

import msgspec

from codemode_tui.corpus.rows import (
    RESPONSE,
    TARGETED,
    Row,
    Turn,
    is_rejected,
    is_unclear,
    read_row,
    supervised,
    unfinished,
)
from codemode_tui.feedback.example import Example, Said
from codemode_tui.feedback.splits import Place
from codemode_tui.protocol.render import RESPONSE_END, clean
from codemode_tui.store.external import ExternalEvent, ExternalRow

Proof = Literal["run", "human", ""]
RowState = Literal["none", "corrected", "verified", "dropped"]


FEWEST_WORDS = 4
"""Of a follow-up by which a conversation resembles another."""


class Reviewed(msgspec.Struct, frozen=True):
    """What a reviewer made of a row."""

    line: bytes
    proof: Proof = "human"
    """``run``: its code ran well · ``human``: whoever asks for the set stands for it · empty: it was edited and
    not verified since, or found wrong; or a model answered it without code, and nobody has reviewed that."""
    dropped: bool = False


class Edit(NamedTuple):
    """What a reviewer wrote instead of a row: in the history it stands where it was written."""

    row: ExternalRow
    line: bytes
    seq: int
    """Of its event."""
    feedback: float
    """``seq`` of the newest feedback event before it."""
    rows: float
    """``seq`` of the newest row before it."""
    last: bool
    """It is how the row stands."""


def edits(row: ExternalRow) -> list[Edit]:
    """The edits of a row, in order. One that does not say when it was made stands behind everything."""
    made = [event for event in row.events if event.kind == "edit"]
    return [
        Edit(
            row, _line(event), event.seq, event.body.get("feedback", inf), event.body.get("rows", inf),
            event is made[-1],
        )
        for event in made
    ]  # fmt: skip


def reviewed(row: ExternalRow) -> Reviewed:
    """Fold the events about a row, in order."""
    found = Reviewed(row.line, "" if row.source == TARGETED else "human")
    for event in row.events:
        if event.kind == "edit":
            found = Reviewed(_line(event), "")
        elif event.kind == "verify":
            how: Proof = "run" if event.body.get("how") == "run" else "human"
            found = Reviewed(found.line, how if event.body.get("ok") else "", found.dropped)
        elif event.kind == "drop":
            found = Reviewed(found.line, found.proof, True)
        elif event.kind == "keep":
            found = Reviewed(found.line, found.proof or "human")
    return found


def state(row: ExternalRow) -> RowState:
    """``none``: nobody has reviewed it · ``corrected``: edited, not verified · ``verified`` · ``dropped``."""
    now = reviewed(row)
    if now.dropped:
        return "dropped"
    judged = any(event.kind in ("edit", "verify") for event in row.events)
    if now.proof and (judged or row.source == TARGETED):
        return "verified"
    return "corrected" if judged else "none"


def place(item: ExternalRow | Edit) -> Place | None:
    """Where a row stands among all examples, as it was imported or as it was edited; None if it asks nothing.

    By all its questions, as each of its answers is an example of its own; but "continue" and "yes" in its midst say
    nothing, and at its end they are nods.
    """
    row, edited = (item.row, True) if isinstance(item, Edit) else (item, False)
    asked = _questions(read_row(item.line, row.split))
    if not asked:
        return None
    texts = tuple(dict.fromkeys((asked[0], *(text for text in asked if not is_nod(text)))))
    nods = tuple(text for text in asked[-1:] if text not in texts)
    return Place(f"{row.source} {row.sha256}", texts[0], texts, row.split, row.kept, nods, edited)


def is_nod(follow_up: str) -> bool:
    """Whether a question says too little to tell one conversation from another."""
    unspaced = sum(east_asian_width(char) in "WF" for char in follow_up)  # Chinese and Japanese: each about a word
    return len(follow_up.split()) + unspaced < FEWEST_WORDS


def examples(row: ExternalRow) -> Iterator[Example]:
    """One example for each assistant message of the row as it stands that is there to be learnt, with all that was
    said before it. A row that its set calls rejected, and nobody has mended or approved, is what not to say."""
    now, name = reviewed(row), row.sha256[:16]
    if now.dropped:
        yield Example(name, 0, (), source=row.source, refused="dropped")
        return
    read = read_row(now.line, row.split)
    said = _conversation(read)
    answers = supervised(read) if read and said else []
    if not answers:
        yield Example(name, 0, (), source=row.source, refused="no_prompt")
    judged = any(event.kind in ("edit", "verify") for event in row.events)
    if read is not None and is_unclear(read) and not judged:
        yield Example(name, 0, (), source=row.source, refused="unclear_label")
        return
    rejected = read is not None and is_rejected(read) and not judged
    torn = unfinished(read) if read is not None and not judged else []
    for step, at in enumerate(answers):
        example = Example(name, step, tuple(said[:at]), source=row.source, origin="imported")
        if rejected:
            yield msgspec.structs.replace(example, rejected=said[at].content)
        else:
            doubt = "malformed" if at in torn else "" if now.proof else "unverified"
            yield msgspec.structs.replace(example, chosen=said[at].content, proof=now.proof, doubt=doubt)


def _line(edit: ExternalEvent) -> bytes:
    return str(edit.body["line"]).encode("utf-8", "surrogatepass")


def _questions(row: Row | None) -> list[str]:
    return [turn.content for turn in row.turns if turn.role == "user"] if row else []


def _conversation(row: Row | None) -> list[Said]:
    """The messages of a row; none unless it is a system prompt and a conversation that begins with a question."""
    if row is None or any(turn.role == "other" for turn in row.turns):
        return []
    said = [_said(turn) for turn in row.turns]
    roles = [one.role for one in said]
    return said if roles[:2] == ["system", "user"] and "system" not in roles[1:] else []


def _said(turn: Turn) -> Said:
    text = clean(turn.content)
    if turn.role == "tool" and not text.lstrip().startswith(RESPONSE):
        return Said("user", f"{RESPONSE}\n{text}\n{RESPONSE_END}")
    return Said("user" if turn.role == "tool" else turn.role, text)  # type: ignore[arg-type] # no "other" here
