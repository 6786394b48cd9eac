"""Step 1: sessions, turns, generations, runs, feedback; blobs by hash; full-text search."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def first_tables(db: sqlite3.Connection) -> None:
    for statement in _TABLES:
        db.execute(statement)
    append_only(db, FACTS)


def append_only(db: sqlite3.Connection, tables: Iterable[str], verbs: Iterable[str] = ("UPDATE", "DELETE")) -> None:
    """Rows of ``tables`` are facts: never changed, and deleted only by ``purge``."""
    for table in tables:
        for verb in verbs:
            db.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


FACTS = (
    "blob", "provenance", "process", "process_end", "session", "session_event", "turn", "turn_end",
    "generation", "generation_chunk", "generation_end", "run", "run_end", "feedback_event",
)  # fmt: skip

_TABLES = (
    # seq is the rowid: it grows, and only a purge deletes. Large texts lie in blob.
    """CREATE TABLE blob (
        sha256 TEXT NOT NULL PRIMARY KEY,
        codec TEXT NOT NULL CHECK (codec IN ('raw', 'zlib')), bytes BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE provenance (
        id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL CHECK (json_valid(body))
    ) STRICT""",
    # Which program wrote a turn: a turn without an end is interrupted when its process is gone.
    """CREATE TABLE process (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL,
        pid INTEGER NOT NULL, app TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE process_end (
        process TEXT NOT NULL PRIMARY KEY REFERENCES process (id), at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('closed', 'died'))
    ) STRICT""",
    """CREATE TABLE session (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL,
        workspace TEXT NOT NULL, title TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX session_by_workspace ON session (workspace)",
    """CREATE TABLE session_event (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL,
        session TEXT NOT NULL REFERENCES session (id),
        kind TEXT NOT NULL CHECK (kind IN ('interrupted', 'resumed', 'ended')),
        body TEXT NOT NULL CHECK (json_valid(body))
    ) STRICT""",
    """CREATE TABLE turn (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL,
        session TEXT NOT NULL REFERENCES session (id), idx INTEGER NOT NULL,
        process TEXT NOT NULL REFERENCES process (id),
        query TEXT NOT NULL REFERENCES blob (sha256), context TEXT NOT NULL REFERENCES blob (sha256),
        UNIQUE (session, idx)
    ) STRICT""",
    "CREATE INDEX turn_by_process ON turn (process)",
    """CREATE TABLE turn_end (
        turn TEXT NOT NULL PRIMARY KEY REFERENCES turn (id), at TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'cancelled', 'interrupted')),
        answer TEXT REFERENCES blob (sha256), error TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE generation (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL,
        turn TEXT NOT NULL REFERENCES turn (id),
        step INTEGER NOT NULL, origin TEXT NOT NULL, prompt TEXT NOT NULL REFERENCES blob (sha256),
        provenance TEXT NOT NULL REFERENCES provenance (id)
    ) STRICT""",
    "CREATE INDEX generation_by_turn ON generation (turn)",
    """CREATE TABLE generation_chunk (
        generation TEXT NOT NULL REFERENCES generation (id), i INTEGER NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (generation, i)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE generation_end (
        generation TEXT NOT NULL PRIMARY KEY REFERENCES generation (id), at TEXT NOT NULL,
        raw TEXT NOT NULL REFERENCES blob (sha256), token_ids TEXT NOT NULL REFERENCES blob (sha256),
        finish_reason TEXT NOT NULL CHECK (finish_reason IN ('stop', 'length', 'cancel', 'error', 'killed')),
        usage TEXT NOT NULL CHECK (json_valid(usage)), probability REAL, decision TEXT,
        forced INTEGER NOT NULL,
        dialect TEXT, text TEXT REFERENCES blob (sha256), code TEXT REFERENCES blob (sha256),
        warnings TEXT NOT NULL CHECK (json_valid(warnings))
    ) STRICT""",
    """CREATE TABLE run (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL,
        generation TEXT NOT NULL REFERENCES generation (id), code TEXT NOT NULL REFERENCES blob (sha256),
        edited_from TEXT REFERENCES blob (sha256), confirmed_by TEXT NOT NULL, backend TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX run_by_generation ON run (generation)",
    """CREATE TABLE run_end (
        run TEXT NOT NULL PRIMARY KEY REFERENCES run (id), at TEXT NOT NULL, status TEXT NOT NULL,
        outcome TEXT REFERENCES blob (sha256), response TEXT REFERENCES blob (sha256)
    ) STRICT""",
    """CREATE TABLE feedback_event (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL,
        turn TEXT NOT NULL REFERENCES turn (id),
        generation TEXT REFERENCES generation (id), actor TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN
            ('rate', 'reason', 'comment', 'correct', 'verify', 'review', 'retract', 'implicit')),
        body TEXT NOT NULL CHECK (json_valid(body))
    ) STRICT""",
    "CREATE INDEX feedback_by_turn ON feedback_event (turn)",
    # The rating in force: the last word about the turn as a whole or about any message of it.
    """CREATE VIEW rating_now AS
        SELECT turn, CASE kind WHEN 'retract' THEN 0 ELSE json_extract(body, '$.v') END AS rating,
            max(seq) AS seq
        FROM feedback_event WHERE kind IN ('rate', 'retract') GROUP BY turn""",
    "CREATE VIRTUAL TABLE said USING fts5 (text, turn UNINDEXED, tokenize = 'unicode61 remove_diacritics 2')",
)
