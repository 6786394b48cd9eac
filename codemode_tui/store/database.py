"""Opening the file, safely: private, durable, and never over something that is damaged."""

from __future__ import annotations

import os
import shlex
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from codemode_tui import locations
from codemode_tui.errors import StoreError, UsageError
from codemode_tui.store.migrations import migrate, version_of, write_copy

_OLDEST = (3, 37, 0)
"""The first SQLite with STRICT tables."""
_BUSY_MS = 5000
_HEADER = 100
_MAGIC = b"SQLite format 3\0"
C = TypeVar("C", bound=sqlite3.Connection)


def open_database(file: Path) -> sqlite3.Connection:
    """A connection for the calling thread, migrated and ready.

    Raises:
        StoreError: the folder or file cannot be used; the hint says what to do. A damaged file is
            left exactly as it is.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old", hint="use a Python with SQLite 3.37 or newer")
    with friendly(file):
        locations.private_dir(file.parent)
        file = Path(os.path.realpath(file))  # behind a link, as SQLite: what belongs to the file lies beside it there
        inode = _entered(file)
        try:
            db = _connected(file, _Counted)
        except BaseException:
            _left(inode)
            raise
        db.inode = inode
        try:
            version_of(db, file)  # the switch to WAL is a change: none of a file that is not ours
            _configure(db)
            migrate(db, file)
            db.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            db.close()
            raise
        return db


class _Counted(sqlite3.Connection):
    inode: tuple[int, int] | None = None

    def close(self) -> None:
        super().close()
        inode, self.inode = self.inode, None
        if inode is not None:
            _left(inode)


_open: Counter[tuple[int, int]] = Counter()
"""Connections of this process, by device and inode of their file."""
_counting = threading.Lock()


def _entered(file: Path) -> tuple[int, int]:
    """Create the file, or look at it, and count one more connection to it.

    A file that this process has open already is only looked up: closing any descriptor of it would take the locks of
    all its connections away, and the next program that ends would delete the log that they write into
    (sqlite.org/howtocorrupt.html, 2.2).
    """
    with _counting:
        found = _inode(file)
        if found is None or not _open[found]:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives -wal and -shm the same mode
            _refuse_torn(file)
            found = _inode(file) or (0, 0)
        _open[found] += 1
        return found


def _left(inode: tuple[int, int]) -> None:
    with _counting:
        _open[inode] -= 1


def _inode(file: Path) -> tuple[int, int] | None:
    try:
        info = file.stat()
    except FileNotFoundError:
        return None
    return info.st_dev, info.st_ino


def _connected(file: Path, factory: type[C]) -> C:
    return sqlite3.connect(file, isolation_level=None, timeout=_BUSY_MS / 1000, cached_statements=256, factory=factory)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, on disk when it ends well. Inside another one it is part of that."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has rolled it back already
            db.execute("ROLLBACK")
        raise


def empty_log(db: sqlite3.Connection) -> bool:
    """Bring all that the log holds into the file and cut it to nothing; False where others are in the way just now.

    Until then what was deleted stands in one or both. Never waits: a checkpoint that waits for readers keeps others
    from writing meanwhile.
    """
    db.execute("PRAGMA busy_timeout = 0")
    try:
        busy: int = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy
    except sqlite3.Error:  # the disk is full, or another one does the same
        return False
    finally:
        db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")


@contextmanager
def snapshot(file: Path) -> Iterator[sqlite3.Connection]:
    """One moment of an open database, for reading: what others write meanwhile is not seen."""
    db = _connected(file, sqlite3.Connection)
    try:
        db.execute("PRAGMA query_only = ON")
        db.execute("BEGIN")
        yield db
    finally:
        db.close()


def backup(db: sqlite3.Connection, file: Path) -> None:
    """Copy the whole database into ``file``, which must not exist. Others may write meanwhile.

    Raises:
        UsageError: it exists, or cannot be made.
        StoreError: it cannot be written whole; nothing is left of it.
    """
    with friendly(file):
        try:
            write_copy(db, file)
        except FileExistsError:
            raise UsageError(f"{file} exists already", hint="name another file") from None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(f"{file} cannot be written: {reason}", hint="name a file in another folder") from error


@contextmanager
def friendly(file: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into a StoreError with the way out of it."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _store_error(file, str(error)) from error
    except OSError as error:
        raise StoreError(
            f"{file} cannot be used: {(error.strerror or str(error)).lower()}",
            hint="check the folder and its permissions, or set CODEMODE_HOME to another folder",
        ) from error


def _store_error(file: Path, text: str) -> StoreError:
    lowered = text.lower()
    for words, message, hint in _CAUSES:
        if any(word in lowered for word in words):
            named = {"file": shlex.quote(str(file)), "aside": shlex.quote(_aside(file))}
            return StoreError(message.format(file=file, text=text), hint=hint.format(**named))
    return StoreError(f"{file}: {text}", hint="run again; if it stays, set CODEMODE_HOME to another folder")


_CAUSES = (
    (
        ("malformed", "not a database", "file is encrypted", "torn"),
        "{file} is damaged ({text})",
        # A log that is left there would be played back into the backup.
        "end all that use it and move it aside with what belongs to it: mkdir {aside} && mv {file} {file}-wal "
        "{file}-shm {aside} (the last two may be missing); then start afresh, or put a backup there: cp BACKUP {file}",
    ),
    (
        ("foreign key",),  # SQLite says no more: only a purge takes away what rows that are written refer to
        "this turn was deleted meanwhile",
        "ask again, or begin another session with /new",
    ),
    (("full",), "{file} cannot be written: the disk is full", "free some space; what was confirmed is kept"),
    (
        ("disk i/o error",),
        "{file} cannot be read or written ({text})",
        "check the disk and its free space; what was confirmed is kept",
    ),
    (
        ("readonly", "read-only", "unable to open"),
        "{file} cannot be written: {text}",
        "check the folder and its permissions, or set CODEMODE_HOME to another folder",
    ),
    (("locked", "busy"), "{file} is in use by another program", "wait for it to end, then try again"),
    (
        ("no such module: fts5",),
        "this Python's SQLite has no full-text search",
        "use a Python whose SQLite has FTS5",
    ),
)


def _aside(file: Path) -> str:
    return f"{file}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"


def _configure(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    # The switch to WAL does not wait for other connections by itself.
    for attempt in range(50):
        try:
            db.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt == 49:
                raise
            time.sleep(0.05)
    db.execute("PRAGMA synchronous = FULL")
    if sys.platform == "darwin":  # there fsync alone does not empty the drive's cache
        db.execute("PRAGMA fullfsync = 1")
        db.execute("PRAGMA checkpoint_fullfsync = 1")


def _refuse_torn(file: Path) -> None:
    """A file that is none, or shorter than its own header says: it lost its end, and SQLite would notice much later."""
    with open(file, "rb") as stream:
        head = stream.read(_HEADER)
    if len(head) == _HEADER and not head.startswith(_MAGIC):  # SQLite would remove the log, and what is in there
        raise sqlite3.DatabaseError("file is not a database")
    wal = file.with_name(file.name + "-wal")
    if len(head) < _HEADER or (wal.exists() and wal.stat().st_size):
        if 0 < len(head) < _HEADER:
            raise sqlite3.DatabaseError("torn: shorter than a header")
        return
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    fresh = head[24:28] == head[92:96]  # only then is the page count valid
    # Looked at after the log: a program that was emptying it has written all of the file by then.
    if fresh and (65536 if page == 1 else page) * pages > file.stat().st_size:
        raise sqlite3.DatabaseError("torn: its end is missing")
