"""Rows of training data that others made: kept verbatim, and what a reviewer made of each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from codemode_tui.errors import UsageError
from codemode_tui.store.blobs import data_of, packed, plain
from codemode_tui.store.database import transaction
from codemode_tui.store.feedback import LAST_EVENT
from codemode_tui.store.ids import new_id, now
from codemode_tui.store.records import KeptSplit

Split = Literal["train", "valid", "test"]
ExternalKind = Literal["edit", "verify", "drop", "keep"]
BATCH = 500


class NewRow(msgspec.Struct, frozen=True):
    """One row to be imported."""

    line: bytes
    """Its JSON, verbatim, without the end of the line."""
    split: Split | None
    query: str | None
    """The first user message."""


class ExternalEvent(msgspec.Struct, frozen=True):
    """What a reviewer did: ``edit {"line", "feedback", "rows"}`` · ``verify {"ok", "how", …}`` · ``drop {}`` ·
    ``keep {}``. The store adds to an edit the newest feedback event and the newest row before it, by ``seq``."""

    id: str
    seq: int
    at: str
    actor: str
    kind: ExternalKind
    body: dict[str, Any]


class ExternalRow(msgspec.Struct, frozen=True):
    seq: int
    source: str
    sha256: str
    """Of ``line``."""
    split: Split | None
    query: str | None
    line: bytes
    newest: int
    """``seq`` of the newest feedback event when it was imported: in the order of all examples it stands
    behind records whose ``first`` is at most this."""
    events: tuple[ExternalEvent, ...] = ()
    kept: KeptSplit | None = None
    """The split that it had before something that it resembled was purged."""


class Imported(NamedTuple):
    """What became of the rows of one import."""

    added: int
    known: int
    """``source`` had them already."""
    held_out: int
    """Of those: rows to train with that were imported as ``valid`` or ``test`` before, and stay that."""


def import_rows(db: sqlite3.Connection, source: str, rows: Iterable[NewRow]) -> Imported:
    """Keep rows of training data under a name, all or none."""
    known = held_out = 0
    # Nobody else can write during a transaction: what takes its time, reading and packing them, comes before it.
    made = [(packed(row.line), row.split, row.query and plain(row.query)) for row in rows]
    texts: dict[str, tuple[str, str, bytes]] = {}
    new: list[tuple[str, Split | None, str | None]] = []
    with transaction(db):
        (newest,) = db.execute(LAST_EVENT).fetchone()
        query = "SELECT sha256, split FROM external_row WHERE source = ?"
        there: dict[str, Split | None] = dict(db.execute(query, (source,)))
        for text, split, asked in made:
            digest = text[0]
            if digest in there:
                known += 1
                held_out += split == "train" and there[digest] in ("valid", "test")
                continue
            there[digest] = split
            texts[digest] = text
            new.append((digest, split, asked))
        # In the order of their index, which is twice as quick.
        db.executemany("INSERT OR IGNORE INTO blob VALUES (?, ?, ?)", (texts[digest] for digest in sorted(texts)))
        at = now()
        db.executemany(
            "INSERT INTO external_row (at, source, sha256, split, query, newest) VALUES (?, ?, ?, ?, ?, ?)",
            ((at, source, *row, newest) for row in new),
        )
    return Imported(len(new), known, held_out)


def external_rows(db: sqlite3.Connection, source: str | None) -> Iterator[ExternalRow]:
    """The rows of one source, or of all, in the order of their import."""
    after = 0
    query = f"{_ROWS} AND source = ?3 ORDER BY seq LIMIT ?2" if source is not None else f"{_ROWS} ORDER BY seq LIMIT ?2"
    values = () if source is None else (source,)
    while rows := db.execute(query, (after, BATCH, *values)).fetchall():
        for seq, of, digest, split, question, newest, kept in rows:
            line = data_of(db, digest)
            yield ExternalRow(seq, of, digest, split, question, line, newest, _events(db, seq), kept)
        after = rows[-1][0]


def external_sources(db: sqlite3.Connection) -> dict[str, int]:
    """The names under which rows were imported, and how many rows each has."""
    return dict(db.execute("SELECT source, count(*) FROM external_row GROUP BY source ORDER BY min(seq)").fetchall())


def add_external_event(
    db: sqlite3.Connection, row: int, kind: ExternalKind, body: dict[str, Any], actor: str = "user"
) -> ExternalEvent:
    """Append what a reviewer did with a row.

    Raises:
        UsageError: there is no such row, or no such kind of event.
    """
    if kind not in get_args(ExternalKind):
        raise UsageError(f"no event {kind!r}", hint=f"one of {' '.join(get_args(ExternalKind))}")
    if not db.execute("SELECT 1 FROM external_row WHERE seq = ?", (row,)).fetchone():
        raise UsageError(f"no imported row {row}", hint="`codemode data import` imports some")
    event, at = new_id(), now()
    with transaction(db):
        if kind == "edit":  # where it stands in the history: it must move nothing that was there before it
            feedback, rows = db.execute(_BEFORE).fetchone()
            body = {**body, "feedback": feedback, "rows": rows}
        cursor = db.execute(
            "INSERT INTO external_event (id, at, row, actor, kind, body) VALUES (?, ?, ?, ?, ?, ?)",
            (event, at, row, actor, kind, json.dumps(body, sort_keys=True)),
        )
    return ExternalEvent(event, cursor.lastrowid or 0, at, actor, kind, body)


_BEFORE = f"SELECT ({LAST_EVENT}), (SELECT max(seq) FROM external_row)"
_ROWS = """SELECT seq, source, sha256, external_row.split, query, newest, kept_split.split FROM external_row
    LEFT JOIN kept_split ON kept_split.session = source || ' ' || sha256 WHERE seq > ?1"""


def _events(db: sqlite3.Connection, row: int) -> tuple[ExternalEvent, ...]:
    rows = db.execute("SELECT id, seq, at, actor, kind, body FROM external_event WHERE row = ? ORDER BY seq", (row,))
    return tuple(
        ExternalEvent(event, seq, at, actor, kind, json.loads(body))
        for event, seq, at, actor, kind, body in rows.fetchall()
    )
