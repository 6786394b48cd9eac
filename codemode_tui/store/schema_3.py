"""Step 3: the review of one folder stays quick beside 100,000 turns of others; splits that outlive a purge."""

from __future__ import annotations

import sqlite3

from codemode_tui.store.schema_1 import append_only

FACTS = ("kept_split",)


def folders(db: sqlite3.Connection) -> None:
    for statement in _TABLES:
        db.execute(statement)
    append_only(db, FACTS)


_WORKSPACE = """
    UPDATE feedback_now SET workspace =
        (SELECT workspace FROM session JOIN turn ON turn.session = session.id WHERE turn.id = feedback_now.turn)"""
_TABLES = (
    "ALTER TABLE feedback_now ADD COLUMN workspace TEXT NOT NULL DEFAULT ''",
    _WORKSPACE,
    # Whoever keeps a standing need not know where its turn was asked.
    f"CREATE TRIGGER feedback_placed AFTER INSERT ON feedback_now BEGIN {_WORKSPACE} WHERE turn = new.turn; END",
    # One index for each list: with a rating and a state, with one of them, in one folder or in all.
    "CREATE INDEX feedback_by_folder ON feedback_now (workspace, last, rating)",
    "CREATE INDEX feedback_by_folder_and_state ON feedback_now (workspace, state, last, rating)",
    # The split of a session that it owes to an example which was purged.
    """CREATE TABLE kept_split (
        session TEXT NOT NULL PRIMARY KEY REFERENCES session (id),
        split TEXT NOT NULL CHECK (split IN ('train', 'valid', 'test', 'none'))
    ) STRICT""",
)
