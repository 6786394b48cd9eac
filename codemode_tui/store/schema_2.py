"""Step 2: corrections, imported rows, purging; and what lists need to stay quick with 100,000 turns.

``open_process``, ``session_now`` and ``feedback_now`` hold nothing of their own: they are kept in step
with the facts, so that starting, listing and reviewing never read all of them.
"""

from __future__ import annotations

import sqlite3

from codemode_tui.store.feedback import keep_standing
from codemode_tui.store.schema_1 import append_only

FACTS = ("external_row", "external_event", "purge")


def corrections(db: sqlite3.Connection) -> None:
    for statement in _TABLES:
        db.execute(statement)
    append_only(db, FACTS)
    for (turn,) in db.execute("SELECT DISTINCT turn FROM feedback_event").fetchall():
        keep_standing(db, turn)


_TABLES = (
    # Which program makes a correction: its turn's own may be long gone. NULL for a turn's own messages.
    "ALTER TABLE generation ADD COLUMN process TEXT REFERENCES process (id)",
    "CREATE INDEX generation_by_process ON generation (process) WHERE process IS NOT NULL",
    """CREATE TABLE open_process (process TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID""",
    """INSERT INTO open_process
        SELECT id FROM process WHERE id NOT IN (SELECT process FROM process_end)""",
    """CREATE TRIGGER process_opened AFTER INSERT ON process
        BEGIN INSERT INTO open_process VALUES (new.id); END""",
    """CREATE TRIGGER process_ended AFTER INSERT ON process_end
        BEGIN DELETE FROM open_process WHERE process = new.process; END""",
    # seq is that of the session; last that of its newest turn, 0 when it has none.
    """CREATE TABLE session_now (
        seq INTEGER PRIMARY KEY, workspace TEXT NOT NULL, last INTEGER NOT NULL, turns INTEGER NOT NULL
    ) STRICT""",
    """INSERT INTO session_now
        SELECT seq, workspace, coalesce((SELECT max(seq) FROM turn WHERE session = session.id), 0),
            (SELECT count(*) FROM turn WHERE session = session.id)
        FROM session""",
    "CREATE INDEX session_by_last ON session_now (last, seq)",
    "CREATE INDEX session_by_workspace_and_last ON session_now (workspace, last, seq)",
    "DROP INDEX session_by_workspace",
    """CREATE TRIGGER session_begun AFTER INSERT ON session
        BEGIN INSERT INTO session_now VALUES (new.seq, new.workspace, 0, 0); END""",
    """CREATE TRIGGER turn_begun AFTER INSERT ON turn BEGIN
        UPDATE session_now SET last = new.seq, turns = turns + 1
        WHERE seq = (SELECT seq FROM session WHERE id = new.session);
    END""",
    # One row for each turn about which a human said something; first and last are seqs of such events.
    """CREATE TABLE feedback_now (
        turn TEXT NOT NULL PRIMARY KEY REFERENCES turn (id), first INTEGER NOT NULL, last INTEGER NOT NULL,
        rating INTEGER NOT NULL, state TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX feedback_by_first ON feedback_now (first)",
    "CREATE INDEX feedback_by_last ON feedback_now (last)",
    "CREATE INDEX feedback_by_state ON feedback_now (state, last)",
    "DROP VIEW rating_now",
    # Rows of training data that others made, verbatim. newest is the newest feedback event at that time: where
    # in the order of all examples the row stands.
    """CREATE TABLE external_row (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, source TEXT NOT NULL,
        sha256 TEXT NOT NULL REFERENCES blob (sha256),
        split TEXT CHECK (split IN ('train', 'valid', 'test')), query TEXT, newest INTEGER NOT NULL,
        UNIQUE (source, sha256)
    ) STRICT""",
    """CREATE TABLE external_event (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL,
        row INTEGER NOT NULL REFERENCES external_row (seq), actor TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('edit', 'verify', 'drop', 'keep')),
        body TEXT NOT NULL CHECK (json_valid(body))
    ) STRICT""",
    "CREATE INDEX external_event_by_row ON external_event (row)",
    # All that stays of what was deleted. events: feedback events go on counting behind this seq.
    """CREATE TABLE purge (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('session', 'turn')),
        id TEXT NOT NULL, events INTEGER NOT NULL
    ) STRICT""",
    # As before, with an index of beginnings: what is being typed is found as quickly as whole words.
    """CREATE VIRTUAL TABLE heard USING fts5
        (text, turn UNINDEXED, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4')""",
    "INSERT INTO heard (rowid, text, turn) SELECT rowid, text, turn FROM said",
    "DROP TABLE said",
    "ALTER TABLE heard RENAME TO said",
)
