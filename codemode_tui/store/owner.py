"""Which running program a turn belongs to.

Each program that writes turns holds a lock on a file of its own beside the database. The kernel
drops the lock with the process, however it dies; a process id could have been taken by another.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from codemode_tui import locations


class Owner:
    """The lock of this program. Released by ``close`` or by death."""

    def __init__(self, folder: Path, process: str) -> None:
        locations.private_dir(folder)
        self._file = _file(folder, process)
        self._fd = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(self._fd, f"{os.getpid()}\n".encode())

    def close(self) -> None:
        self._file.unlink(missing_ok=True)
        os.close(self._fd)


def is_alive(folder: Path, process: str) -> bool:
    """True while the program that registered ``process`` runs."""
    try:
        fd = os.open(_file(folder, process), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def forget(folder: Path, process: str) -> None:
    """Remove the lock file of a program that is gone."""
    _file(folder, process).unlink(missing_ok=True)


def _file(folder: Path, process: str) -> Path:
    return folder / f"{process}.lock"
