"""Private folders of the host for one run each. What a killed host left behind is removed by the next one."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "codemode-run-"
_YOUNG_SECONDS = 60.0
"""A folder this new may belong to a host that has not locked it yet."""

_locks: dict[str, int] = {}
"""Folders of this process by path: the descriptor whose lock says that somebody uses them."""


def make_scratch() -> str:
    """A fresh folder that only this user can enter."""
    if not _locks:
        sweep(Path(tempfile.gettempdir()))
    folder = tempfile.mkdtemp(prefix=_PREFIX)
    _locks[folder] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(_locks[folder], fcntl.LOCK_EX | fcntl.LOCK_NB)
    return folder


def remove_scratch(folder: str) -> None:
    """Remove it, whatever modes the code gave its files."""
    for parent, _, _ in os.walk(folder):
        with contextlib.suppress(OSError):
            os.chmod(parent, 0o700)
    shutil.rmtree(folder, ignore_errors=True)
    if (lock := _locks.pop(folder, None)) is not None:
        os.close(lock)


@contextlib.contextmanager
def scratch() -> Iterator[str]:
    folder = make_scratch()
    try:
        yield folder
    finally:
        remove_scratch(folder)


def sweep(where: Path) -> None:
    """Remove the folders in ``where`` whose hosts were killed: nobody holds their lock."""
    for path in where.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.lstat().st_mtime < _YOUNG_SECONDS or path.lstat().st_uid != os.geteuid():
                continue
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_scratch(str(path))
            finally:
                os.close(fd)
