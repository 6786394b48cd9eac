"""How a database came to be: a list of steps. ``PRAGMA user_version`` is the number of steps taken."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from codemode_tui.errors import StoreError
from codemode_tui.store.schema_1 import first_tables
from codemode_tui.store.schema_2 import corrections
from codemode_tui.store.schema_3 import folders
from codemode_tui.store.schema_4 import titles
from codemode_tui.store.schema_5 import marks
from codemode_tui.store.schema_6 import words

APPLICATION_ID = 0x434D5455
"""``CMTU`` in the file's header: this is our database and nobody else's."""


MIGRATIONS: list[Callable[[sqlite3.Connection], None]] = [
    first_tables, corrections, folders, titles, marks, words,
]  # fmt: skip


def migrate(db: sqlite3.Connection, file: Path) -> None:
    """Bring ``db`` to this program's version; a backup is made first where there is anything to lose.

    Raises:
        StoreError: it was made by a newer version, or by another program.
    """
    version = version_of(db, file)
    if version == len(MIGRATIONS):
        return
    if version > 0:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        write_copy(db, file.with_name(f"{file.name}.v{version}-{stamp}-{os.getpid()}.backup"))
    db.execute("BEGIN IMMEDIATE")
    try:
        # Read again under the lock: another process may have migrated meanwhile.
        for number in range(version_of(db, file), len(MIGRATIONS)):
            MIGRATIONS[number](db)
            db.execute(f"PRAGMA user_version = {number + 1}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has rolled it back already, and that is what must be said
            db.execute("ROLLBACK")
        raise


def version_of(db: sqlite3.Connection, file: Path) -> int:
    """How many of the steps ``db`` has taken. Only reads.

    Raises:
        StoreError: it was made by a newer version, or by another program.
    """
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    owner: int = db.execute("PRAGMA application_id").fetchone()[0]
    tables: int = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if owner != APPLICATION_ID and tables:
        raise StoreError(
            f"{file} is the database of another program",
            hint="move it away, with the -wal and -shm beside it, and start again; nothing was changed",
        )
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{file} was written by a newer version of this program (format {version}, this one knows "
            f"{len(MIGRATIONS)})",
            hint="update this program; nothing was changed",
        )
    return version


def write_copy(db: sqlite3.Connection, file: Path) -> None:
    """Copy the whole database into ``file``, a new one; nothing is left of it when that fails."""
    # VACUUM INTO writes into an empty file; created by us, it is private from its first byte.
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        db.execute("VACUUM INTO ?", (str(file),))
    except BaseException:
        file.unlink(missing_ok=True)
        raise
