"""Private folders of the host for one run each. What a killed host left behind is removed by the next one."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import math
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "codemode-run-"
_PLACES = ("/tmp", "/var/tmp")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DEPTH = 30
"""Folders in one another, of a run that means no harm."""
_ENTRY = 512
"""Bytes that each name counts for, or millions of empty files would count for nothing."""
_YOUNG_SECONDS = 60.0
"""A folder this new may belong to a host that has not locked it yet."""

_locks: dict[str, int] = {}
"""Folders of this process by path: the descriptor whose lock says that somebody uses them."""


def make_scratch(apart: Path | None = None) -> str:
    """A fresh folder that only this user can enter; not below ``apart``, a real path, where another place is found."""
    where = tempfile.gettempdir() if apart is None else _outside(apart)
    if not _locks:
        sweep(Path(where))
    folder = tempfile.mkdtemp(prefix=_PREFIX, dir=where)
    _locks[folder] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(_locks[folder], fcntl.LOCK_EX | fcntl.LOCK_NB)
    return folder


def _outside(apart: Path) -> str:
    usual = tempfile.gettempdir()
    for place in (usual, *_PLACES):
        if not Path(os.path.realpath(place)).is_relative_to(apart) and os.access(place, os.W_OK | os.X_OK):
            return place
    return usual


def remove_scratch(folder: str) -> None:
    """Remove it, whatever the code has made in it: folders that nobody may enter, or a thousand in one another."""
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
        root = os.open(folder, _FOLDER)
        try:
            _empty(root, secrets.token_hex(8))
        finally:
            os.close(root)
        os.rmdir(folder)
    if (lock := _locks.pop(folder, None)) is not None:
        os.close(lock)


def _empty(root: int, unique: str) -> None:
    """Remove what is in a folder level by level: recursion, and paths as a whole, would end before the folders do."""
    counter = itertools.count()
    gone = True
    while gone:
        gone = False
        with os.scandir(root) as found:
            entries = [(one.name, one.is_dir(follow_symlinks=False)) for one in found]
        for name, is_folder in entries:
            with contextlib.suppress(OSError):
                if is_folder:
                    _lift(root, name, unique, counter)
                    os.rmdir(name, dir_fd=root)
                else:
                    os.unlink(name, dir_fd=root)
                gone = True


def _lift(root: int, name: str, unique: str, counter: Iterator[int]) -> None:
    """Move the folders in ``name`` up into ``root``, and remove its files."""
    os.chmod(name, 0o700, dir_fd=root)
    inside = os.open(name, _FOLDER, dir_fd=root)
    try:
        with os.scandir(inside) as found:
            entries = [(one.name, one.is_dir(follow_symlinks=False)) for one in found]
        for inner, is_folder in entries:
            if is_folder:
                os.chmod(inner, 0o700, dir_fd=inside)
                os.rename(inner, f"{unique}-{next(counter)}", src_dir_fd=inside, dst_dir_fd=root)
            else:
                os.unlink(inner, dir_fd=inside)
    finally:
        os.close(inside)


def bytes_in(folder: str, *, hidden: float = math.inf) -> float:
    """What the files below take on the disk; ``hidden`` where that cannot be told: too deep, or not to be read.

    What vanishes meanwhile does not count.
    """
    total, todo = 0.0, [(folder, 0)]
    while todo and total < math.inf:
        path, depth = todo.pop()
        if depth > _DEPTH:
            total += hidden
            continue
        try:
            with os.scandir(path) as found:
                for one in found:
                    total += _ENTRY
                    if one.is_dir(follow_symlinks=False):
                        todo.append((one.path, depth + 1))
                    else:
                        total += one.stat(follow_symlinks=False).st_blocks * 512
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            total += hidden
    return total


@contextlib.contextmanager
def scratch(apart: Path | None = None) -> Iterator[str]:
    """As ``make_scratch``, and gone afterwards."""
    folder = make_scratch(apart)
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
