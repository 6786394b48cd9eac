"""Step 6: Chinese, Japanese, Thai and emoji are found wherever they stand."""

from __future__ import annotations

import sqlite3

from codemode_tui.store.words import apart


def words(db: sqlite3.Connection) -> None:
    db.create_function("apart", 1, apart, deterministic=True)
    for statement in _TABLES:
        db.execute(statement)


_TABLES = (
    # As before, but emoji (So) are words, too.
    """CREATE VIRTUAL TABLE heard USING fts5 (text, turn UNINDEXED,
        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc So'", prefix = '2 3 4')""",
    "INSERT INTO heard (rowid, text, turn) SELECT rowid, apart(text), turn FROM said",
    "DROP TABLE said",
    "ALTER TABLE heard RENAME TO said",
)
