"""`codemode doctor` on the store: read only, so that a damaged one stays as it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from codemode_tui import locations
from codemode_tui.cli.finding import Finding, fail, ok, warn
from codemode_tui.settings import Settings
from codemode_tui.store.database import friendly
from codemode_tui.store.migrations import MIGRATIONS, version_of

MOST = 1 << 30
"""Bytes of a store that are looked through; a larger one would take more than a moment."""
LITTLE = 1 << 30
"""Free bytes of a disk that is nearly full."""
_ELSEWHERE = "check its permissions, or set CODEMODE_HOME to another folder"


def store(_: Settings) -> Iterator[Finding]:
    file = locations.store_file()
    free = shutil.disk_usage(next(folder for folder in file.parents if folder.exists())).free
    if wrong := _unusable(file):
        yield wrong
    elif not file.exists():
        yield ok("store", "nothing is stored yet")
    else:
        size = sum(
            one.stat().st_size for one in file.parent.glob(f"{file.name}*") if one.suffix != ".backup" and one.is_file()
        )
        yield from _contents(size)
        yield from _copies()
    if free < LITTLE:
        yield warn(
            "store", f"only {free / 1e6:,.0f} MB of the disk are free", "free some space: what cannot be stored is lost"
        )


def _unusable(file: Path) -> Finding | None:
    """What keeps a store from being opened at this place, and from being made there."""
    for link in (file, *file.parents):
        if link.is_symlink() and not (link.exists() or (link == file and file.resolve().parent.is_dir())):
            return fail(
                "store", f"{link} leads to {os.readlink(link)}, which is not there", "mount that disk, or mend the link"
            )
    if file.is_fifo():
        return fail("store", f"{file} is a pipe, not a file", "remove it, or put a file in its place")
    above = next(folder for folder in file.parents if folder.exists())
    if not above.is_dir():
        return fail("store", f"{above} is no folder: nothing can be stored", _ELSEWHERE)
    for place in (above, file):  # the log lies beside it
        if place.exists() and not os.access(place, os.R_OK | os.W_OK | (os.X_OK if place == above else 0)):
            return fail("store", f"{place} may not be written: nothing can be stored", _ELSEWHERE)
    return None


def _contents(size: int) -> Iterator[Finding]:
    """Raises StoreError: it is damaged, of another program or of a newer version."""
    file = locations.store_file()
    with friendly(file), closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=5)) as db:
        version = version_of(db, file)
        if size <= MOST:
            said = " ".join(db.execute("PRAGMA quick_check(1)").fetchone()[0].split())
            if said != "ok":
                raise sqlite3.DatabaseError(f"malformed: {said}")
        if not version and not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            yield ok("store", "nothing is stored yet")  # begun on a full disk, say
            return
        sessions, turns = (db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("session", "turn"))
    checked = "whole" if size <= MOST else "too large to look through here"
    yield ok("store", f"{sessions:,} sessions, {turns:,} turns, {size / 1e6:,.1f} MB, {checked}: {file}")
    if version < len(MIGRATIONS):
        yield ok("store", "of an older version; the next start brings it up, with a backup first")


def _copies() -> Iterator[Finding]:
    file = locations.store_file()
    copies = sorted(file.parent.glob(f"{file.name}.*.backup"))
    if copies:
        size = sum(one.stat().st_size for one in copies)
        yield ok("store", f"{len(copies)} copies from updates, {size / 1e6:,.1f} MB, the newest {copies[-1].name}")
    yield ok("store", "`codemode sessions backup FILE` makes a copy, also while it is in use")
