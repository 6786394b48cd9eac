"""Step 4: sessions can be given another name."""

from __future__ import annotations

import sqlite3

from codemode_tui.store.schema_1 import append_only

FACTS = ("session_title",)


def titles(db: sqlite3.Connection) -> None:
    db.execute(
        """CREATE TABLE session_title (
            seq INTEGER PRIMARY KEY, at TEXT NOT NULL,
            session TEXT NOT NULL REFERENCES session (id), title TEXT NOT NULL
        ) STRICT"""
    )
    db.execute("CREATE INDEX title_by_session ON session_title (session, seq)")
    append_only(db, FACTS)
