"""Step 5: words of scripts whose vowels are marks (Devanagari, Thai, pointed Hebrew) are found whole."""

from __future__ import annotations

import sqlite3


def marks(db: sqlite3.Connection) -> None:
    for statement in _TABLES:
        db.execute(statement)


_TABLES = (
    # As before, but a mark ends no word. The accents of Latin letters are still left out.
    """CREATE VIRTUAL TABLE heard USING fts5 (text, turn UNINDEXED,
        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'", prefix = '2 3 4')""",
    "INSERT INTO heard (rowid, text, turn) SELECT rowid, text, turn FROM said",
    "DROP TABLE said",
    "ALTER TABLE heard RENAME TO said",
)
