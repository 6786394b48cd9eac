"""The folder that a training or a fusing works in, and the one that appears when it is done."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from codemode_tui import locations
from codemode_tui.engine.tuning.job import CHECKPOINT, FULL, JOB, RESULT, ROWS
from codemode_tui.errors import UsageError
from codemode_tui.training.tuning.plan import check_names

PLAN, CURVE = "plan.json", "curve.json"
_OURS = {JOB, ROWS, CHECKPOINT, RESULT, PLAN, CURVE, "checkpoint.part.safetensors", ".DS_Store"}
"""All that may lie in a work folder."""


def check_out(out: Path, taken: str = "name another --out") -> None:
    """Raises UsageError: ``out`` is there already (``taken`` says what to do then), or cannot be made. An empty folder
    is like none, unless we are in it."""
    check_names(str(out))
    if os.path.lexists(out) and (out.is_symlink() or not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} exists already", hint=taken)
    if out.exists() and out.samefile(locations.current_dir()):
        raise UsageError(f"{out} is replaced whole, and you are in it", hint="cd out of it and name it")
    if not out.parent.is_dir():
        raise UsageError(f"{out.parent} is no folder", hint="make it first, or name another --out")


@contextlib.contextmanager
def locked(work: Path) -> Iterator[int]:
    """Hold the work folder, made if it is missing, by a descriptor; the kernel lets go of it when we have ended, and
    with us whoever was given that.

    Raises:
        UsageError: another process works in it, or it holds something else: it will be removed; the disk is full.
    """
    work.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(work, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another process works in {work}", hint="wait for it, or name another --out") from None
        if strange := sorted({path.name for path in work.iterdir()} - _OURS):
            raise UsageError(f"{work} holds {strange[0]}, which is no part of a training", hint="move it away first")
        yield lock
    except OSError as error:
        if error.filename is not None or isinstance(error, BrokenPipeError):  # nobody reads what we print
            raise
        raise UsageError(f"{work} cannot be written: {(error.strerror or str(error)).lower()}", hint=FULL) from error
    finally:
        os.close(lock)


def appear(folder: Path, out: Path, taken: str = "name another --out") -> None:
    """``folder`` as ``out``, on disk before it has its name.

    Raises:
        UsageError: something has taken the place meanwhile; ``taken`` says what to do then.
    """
    check_out(out, taken)
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    os.replace(folder, out)
