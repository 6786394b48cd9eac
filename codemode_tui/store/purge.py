"""Forgetting: append-only must not mean unforgettable. What is purged is gone from the file itself."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from codemode_tui.errors import UsageError
from codemode_tui.protocol.types import Message
from codemode_tui.store import schema_1, schema_3, schema_4
from codemode_tui.store.blobs import data_of, digest_of, text_of
from codemode_tui.store.database import empty_log, transaction
from codemode_tui.store.feedback import LAST_EVENT
from codemode_tui.store.ids import now
from codemode_tui.store.reads import resolve
from codemode_tui.store.records import KeptSplit


class Purged(msgspec.Struct, frozen=True):
    """What was deleted."""

    turns: tuple[str, ...]
    blobs: int
    """Texts that no other row needed."""
    backups: tuple[Path, ...]
    """Copies made before migrations: they may still hold it, and are the user's to delete."""
    held_by: tuple[str, ...]
    """Other sessions that have the same question before their own: those that were forked from it."""
    running: bool
    """A program that still runs has had a turn in its session: if it is there still, it stores again what it remembers.
    """
    shrunk: bool
    """The file has given its room back. Without that, remnants may lie in the free parts of the file."""
    pending: bool
    """It stands in the file, or in the log beside it, while another program reads what was there before: whoever opens
    or closes the store after that takes it out."""


Kind = Literal["turn", "session"]
_TRIES = 50
_PAUSE = 0.1
"""Seconds between two attempts to empty the log: most that read the store are done within the time of all."""


def doomed(db: sqlite3.Connection, kind: Kind, given: str) -> tuple[str, list[str]]:
    """The whole id of what is to be purged, and the turns that go: all of a session; of a turn also those after it
    in its session, each of which holds it in its context and prompts.

    Raises:
        UsageError: there is no such turn or session.
    """
    target = resolve(db, kind, given)
    rows = db.execute(_LATER if kind == "turn" else "SELECT id FROM turn WHERE session = ? ORDER BY idx", (target,))
    return target, [one for (one,) in rows.fetchall()]


def purge(
    db: sqlite3.Connection, file: Path, kind: Kind, given: str, kept: Mapping[str, KeptSplit], process: str
) -> Purged:
    """Delete what ``doomed`` names; sessions of ``kept`` are in that split from now on. ``process``: who does it.

    Raises:
        UsageError: there is no such turn or session, or one of its turns still runs.
    """
    # Foreign keys: each text that goes would be looked for in every table, without an index.
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA secure_delete = ON")
    db.execute("CREATE TEMP TABLE gone (turn TEXT PRIMARY KEY)")
    db.execute("CREATE TEMP TABLE loose (sha256 TEXT PRIMARY KEY)")
    try:
        with transaction(db):
            target, turns = doomed(db, kind, given)  # under the lock: nobody begins another turn meanwhile
            db.executemany("INSERT INTO gone VALUES (?)", [(turn,) for turn in turns])
            if db.execute("SELECT 1 FROM gone WHERE turn NOT IN (SELECT turn FROM turn_end)").fetchone():
                raise UsageError("that turn still runs", hint="stop it first")
            running = db.execute(_REMEMBERED, (process,)).fetchone() is not None
            blobs, held_by = _delete(db, kind, target)
            db.executemany("INSERT OR IGNORE INTO kept_split VALUES (?, ?)", kept.items())
        # From here on it is deleted, whatever becomes of the rest.
        empty_log(db)  # on a disk that is nearly full, its room is needed next
        shrunk = _shrunk(db)
        pending = not _emptied(db)
    finally:
        db.execute("DROP TABLE temp.gone")
        db.execute("DROP TABLE temp.loose")
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("PRAGMA foreign_keys = ON")
    backups = tuple(sorted(file.parent.glob(f"{file.name}.*.backup")))
    return Purged(tuple(turns), blobs, backups, held_by, running, shrunk, pending)


def _shrunk(db: sqlite3.Connection) -> bool:
    try:
        db.execute("VACUUM")
    except sqlite3.OperationalError:  # the disk has no room for a second copy, or another program writes
        return False
    return True


def _emptied(db: sqlite3.Connection) -> bool:
    for _ in range(_TRIES):
        if empty_log(db):
            return True
        time.sleep(_PAUSE)
    return False


def _delete(db: sqlite3.Connection, kind: str, target: str) -> tuple[int, tuple[str, ...]]:
    """Within a transaction: the rows, then the texts that nothing needs any more.

    Returns the number of those texts, and the sessions in which a question that went is still remembered.
    """
    asked = {digest_of(Message("user", text_of(db, query))) for (query,) in db.execute(_ASKED).fetchall()}
    sessions = {session for (session,) in db.execute("SELECT DISTINCT session FROM turn WHERE id IN gone")}
    (newest,) = db.execute(LAST_EVENT).fetchone()
    for table in _FACTS:
        db.execute(f"DROP TRIGGER {table}_no_delete")
    for table, columns in _TEXTS.items():
        for column in columns if table in _DOOMED else ():
            db.execute(
                f"INSERT OR IGNORE INTO loose SELECT {column} FROM {table} WHERE {_DOOMED[table]} "
                f"AND {column} IS NOT NULL"
            )
    seen = {text for _, context in _contexts(db, "WHERE id IN gone") for text in context}
    db.executemany("INSERT OR IGNORE INTO loose VALUES (?)", [(text,) for text in seen])
    for table, doomed in _DOOMED.items():
        db.execute(f"DELETE FROM {table} WHERE {doomed}")
    db.execute("INSERT INTO said (said) VALUES ('optimize')")  # or its index would keep the words
    if kind == "session":
        for table in ("session_event", "session_title", "kept_split"):
            db.execute(f"DELETE FROM {table} WHERE session = ?", (target,))
        db.execute("DELETE FROM session_now WHERE seq = (SELECT seq FROM session WHERE id = ?)", (target,))
        db.execute("DELETE FROM session WHERE id = ?", (target,))
    for session in sessions:  # without turns it is in no list: nobody could find its titles, to delete them
        db.execute(_UNTITLED, (session,))
    db.execute(_RECOUNT)
    for table, columns in _TEXTS.items():
        for column in columns:
            db.execute(f"DELETE FROM loose WHERE sha256 IN (SELECT {column} FROM {table})")
    holding: set[str] = set()
    for digest, context in _contexts(db, ""):
        if needed := seen.intersection(context):
            db.executemany("DELETE FROM loose WHERE sha256 = ?", [(text,) for text in needed])
            seen -= needed
        if not asked.isdisjoint(context):
            holding.add(digest)
    turns = db.execute("SELECT DISTINCT session, context FROM turn") if holding else ()
    held_by = {session for session, digest in turns if digest in holding} - sessions
    deleted = db.execute("DELETE FROM blob WHERE sha256 IN loose").rowcount
    schema_1.append_only(db, _FACTS, ("DELETE",))
    db.execute("INSERT INTO purge (at, kind, id, events) VALUES (?, ?, ?, ?)", (now(), kind, target, newest))
    return deleted, tuple(sorted(held_by))


def _contexts(db: sqlite3.Connection, where: str) -> Iterator[tuple[str, list[str]]]:
    """Distinct contexts, and the messages that each is made of, as hashes of their texts."""
    for (digest,) in db.execute(f"SELECT DISTINCT context FROM turn {where}").fetchall():
        yield digest, msgspec.json.decode(data_of(db, digest), type=list[str])


_FACTS = (*schema_1.FACTS, *schema_3.FACTS, *schema_4.FACTS)
_LATER = """
    SELECT later.id FROM turn JOIN turn later ON later.session = turn.session AND later.idx >= turn.idx
    WHERE turn.id = ? ORDER BY later.idx"""
_ASKED = "SELECT query FROM turn WHERE id IN gone"
_UNTITLED = "DELETE FROM session_title WHERE session = ?1 AND NOT EXISTS (SELECT 1 FROM turn WHERE session = ?1)"
_REMEMBERED = """
    SELECT 1 FROM turn JOIN open_process ON open_process.process = turn.process
    WHERE turn.session IN (SELECT session FROM turn WHERE id IN gone) AND turn.process <> ?"""
_GENERATIONS = "(SELECT id FROM generation WHERE turn IN gone)"
_DOOMED = {
    "run_end": f"run IN (SELECT id FROM run WHERE generation IN {_GENERATIONS})",
    "run": f"generation IN {_GENERATIONS}",
    "generation_chunk": f"generation IN {_GENERATIONS}",
    "generation_end": f"generation IN {_GENERATIONS}",
    "generation": "turn IN gone",
    "feedback_event": "turn IN gone",
    "feedback_now": "turn IN gone",
    "said": "turn IN gone",
    "turn_end": "turn IN gone",
    "turn": "id IN gone",
}
"""Which rows of each table belong to what goes; in this order they can be deleted."""
_TEXTS = {
    "turn": ("query", "context"),
    "turn_end": ("answer",),
    "generation": ("prompt",),
    "generation_end": ("raw", "token_ids", "text", "code"),
    "run": ("code", "edited_from"),
    "run_end": ("outcome", "response"),
    "external_row": ("sha256",),
}
"""Every column that refers to a text."""
_RECOUNT = """
    UPDATE session_now SET (last, turns) =
        (SELECT coalesce(max(turn.seq), 0), count(*) FROM turn JOIN session ON session.id = turn.session
         WHERE session.seq = session_now.seq)
    WHERE last NOT IN (SELECT seq FROM turn) AND last > 0"""
