"""Which rows of an imported set are looked at, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from codemode_tui.corpus.near import normalised
from codemode_tui.corpus.rows import Row, Split, read_row
from codemode_tui.feedback.imported import RowState, reviewed, state
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.types import Decision
from codemode_tui.store.external import ExternalRow

RowDecision = Literal["tool", "direct", "malformed", "unreadable"]
Sort = Literal["import", "question", "longest"]


class Wanted(msgspec.Struct, frozen=True):
    """Everything that is given must hold; nothing given is every row."""

    state: RowState | None = None
    split: Split | None = None
    decision: RowDecision | None = None
    text: str = ""
    """Stands in one of its messages, whatever its case."""
    sort: Sort = "import"


def chosen(rows: Iterable[ExternalRow], wanted: Wanted) -> Iterator[ExternalRow]:
    """The rows that are wanted: of equal ones those that nobody has reviewed first. ``import`` keeps no more than the
    reviewed ones in memory."""
    found = (row for row in rows if _is(row, wanted))
    if wanted.sort == "question":
        yield from sorted(found, key=lambda row: (normalised(row.query or ""), bool(row.events)))
    elif wanted.sort == "longest":
        yield from sorted(found, key=lambda row: (-len(row.line), bool(row.events)))
    else:
        done = []
        for row in found:
            if row.events:
                done.append(row)
            else:
                yield row
        yield from done


def decision(row: Row | None) -> RowDecision:
    """What the assistant does in a row, as ``data audit`` counts it."""
    if row is None:
        return "unreadable"
    made = {parse(turn.content).decision for turn in row.turns if turn.role == "assistant"}
    return "malformed" if Decision.MALFORMED in made else "tool" if Decision.TOOL in made else "direct"


def as_it_stands(row: ExternalRow) -> Row | None:
    """A row after its review; None if it cannot be read."""
    return read_row(reviewed(row).line, row.split)


def _is(row: ExternalRow, wanted: Wanted) -> bool:
    if wanted.state not in (None, state(row)) or wanted.split not in (None, row.split):
        return False
    if wanted.decision is None and not wanted.text:
        return True
    read = as_it_stands(row)  # the dear part, so it comes last
    if wanted.decision not in (None, decision(read)):
        return False
    said = [turn.content for turn in read.turns] if read else [row.line.decode("utf-8", "replace")]
    return any(wanted.text.casefold() in text.casefold() for text in said)
