"""Locks between the processes of one user. The kernel drops them with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from codemode_tui import locations
from codemode_tui.errors import EngineError

START_LOCK = "start.lock"
"""Held while an engine is looked for, started or ended, so that two starters come to one engine."""
TRIES = 10
LARGE = 1 << 30
"""Bytes of a model from which on only one is in memory: an engine's, or the one of a heavy job."""
_held: list[int] = []
"""The descriptor that holds the memory, once for each time that this process took it: training evaluates within its
own lock."""


@contextlib.contextmanager
def memory_lock(purpose: str, *, alone: bool = False) -> Iterator[None]:
    """Hold the machine's memory for one heavy job at a time, for example ``training``.

    Engines without a client end. While it is held no engine loads a large model, but for this process.

    Args:
        purpose: what for, for those who are refused meanwhile.
        alone: the job does not use the engine of the terminals: a large one in use is in its way.

    Raises:
        EngineError: another process holds it (the message says which), or there is no place for the lock.
    """
    if _held:
        _held.append(_held[-1])
        try:
            yield
        finally:
            _held.pop()
        return
    with _memory_file() as file:
        if not _locked(file):
            raise EngineError(
                f"the memory of this machine is taken by {_words(_read(file))}", hint="wait for its end, or stop it"
            )
        _make_room(alone)
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps({"purpose": purpose, "pid": os.getpid()}).encode(), 0)
        _held.append(file)
        try:
            yield
        finally:
            _held.pop()
            os.ftruncate(file, 0)


def heavy(purpose: str, size: int, *, alone: bool = False) -> contextlib.AbstractContextManager[None]:
    """The lock on the machine's memory for a job with a model of ``size`` bytes; nothing for a small one.

    Raises:
        EngineError: on entering, as ``memory_lock``.
    """
    return memory_lock(purpose, alone=alone) if size >= LARGE else contextlib.nullcontext()


def holding() -> bool:
    """Whether this process holds the memory: what it starts loads within that."""
    return bool(_held)


def held_files() -> tuple[int, ...]:
    """What holds the memory, for ``pass_fds`` of the process that does a job: the lock is then held until that one
    has ended, too, even when we are killed."""
    return tuple(_held[:1])


def check_memory_free(name: str, size: int) -> None:
    """Whether a model of ``size`` bytes may be loaded now.

    Raises:
        EngineError: it is large, and another process holds the memory.
    """
    if size >= LARGE and not _held and (holder := memory_holder()):
        raise EngineError(
            f"{name} is not loaded: the memory of this machine is taken by {holder}",
            hint="wait for its end, or take a smaller model (--model bundled)",
        )


def memory_holder() -> str:
    """Which heavy job holds the memory, in words; empty when none does."""
    try:
        with _memory_file() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with _memory_file() as file:
            return _words(_read(file))
    except (EngineError, OSError):  # where nothing can be locked, nobody holds it
        pass
    return ""


def try_lock(path: Path) -> int | None:
    """A descriptor that holds the lock file ``path`` until it is closed; None while another process holds it.

    Raises:
        OSError: the file cannot be made.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    except OSError:
        os.close(file)
        raise
    return file


def runtime_folder() -> Path:
    """The folder of sockets and locks, made if it is missing, and this user's alone.

    Raises:
        OSError: it cannot be made, or belongs to somebody else.
    """
    folder = locations.private_dir(locations.runtime_dir())
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} is not a folder of yours")
    if found.st_mode & 0o077:
        os.chmod(folder, 0o700)
    return folder


def _locked(file: int) -> bool:
    """Take the lock. Somebody who only looks (``memory_holder``) has it for a moment too."""
    for _ in range(TRIES):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.02)
    return False


def _make_room(alone: bool) -> None:
    from codemode_tui.engine.engines import end_unused, running

    end_unused()
    if not alone:
        return
    for engine in running():
        if engine.state is None or engine.state.memory_bytes >= LARGE:
            raise EngineError(
                f"the engine of your terminals (process {engine.pid or 'unknown'}) has a large model in memory",
                hint="leave them, or end it with `codemode engine stop`",
            )


@contextlib.contextmanager
def _memory_file() -> Iterator[int]:
    try:
        path = runtime_folder() / "memory.lock"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise EngineError(f"there is no place for a lock: {error}", hint="check its permissions") from error
    try:
        yield file
    finally:
        os.close(file)


def _read(file: int) -> dict[str, object]:
    try:
        found = json.loads(os.pread(file, 4096, 0))
    except ValueError:  # it has only just begun
        found = {}
    return found if isinstance(found, dict) else {}


def _words(holder: dict[str, object]) -> str:
    if not holder:
        return "another job"
    return f"{holder.get('purpose')} (process {holder.get('pid')})"
