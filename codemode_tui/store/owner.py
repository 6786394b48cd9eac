"""Which running program a turn belongs to.

Each program that writes turns holds a lock on a file of its own beside the database. The kernel
drops the lock with the process, however it dies; a process id could have been taken by another.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from codemode_tui import locations


class Owner:
    """The lock of this program. Released by ``close`` or by death."""

    def __init__(self, folder: Path, process: str) -> None:
        locations.private_dir(folder)
        self._file = _file(folder, process)
        self._fd = _locked(self._file)
        try:
            os.write(self._fd, f"{os.getpid()}\n".encode())
        except BaseException:  # a full disk; whoever tries again makes another one
            self.close()
            raise

    def close(self) -> None:
        with suppress(OSError):  # the next program to open the store removes it
            self._file.unlink()
        os.close(self._fd)


def is_alive(folder: Path, process: str) -> bool:
    """True while the program that registered ``process`` runs, and where that cannot be told."""
    return not _is_free(_file(folder, process))


def forget_the_dead(folder: Path) -> None:
    """Remove the lock files of programs that are gone, also of those that died before they became known."""
    for file in folder.glob("*.lock"):
        _is_free(file, forget=True)


def _locked(file: Path) -> int:
    """A descriptor that holds the lock of ``file``, which is there."""
    while True:
        fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(fd), os.stat(file)):
                return fd
        except FileNotFoundError:
            pass
        os.close(fd)  # somebody took it for that of a dead program in the meantime


def _is_free(file: Path, *, forget: bool = False) -> bool:
    """Whether nobody holds the lock of ``file``, for certain; ``forget`` removes it then."""
    try:
        fd = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if forget:
            with suppress(OSError):
                file.unlink()  # while it is held: nobody else can take it for theirs
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def _file(folder: Path, process: str) -> Path:
    return folder / f"{process}.lock"
