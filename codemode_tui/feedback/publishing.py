"""A folder appears whole or not at all, and takes the place only of an earlier one of its kind."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codemode_tui import locations
from codemode_tui.errors import UsageError
from codemode_tui.feedback.manifest import KIND

MANIFEST, CARD = "manifest.json", "README.md"
_PREFIX, _BEFORE = ".codemode-export-", "before"
_FINDER = ".DS_Store"
"""What macOS puts into every folder that was looked at."""
_EXCHANGE = 2
"""``RENAME_EXCHANGE`` of Linux, ``RENAME_SWAP`` of macOS."""
_TRIES = 10
_HERE = -100
"""``AT_FDCWD`` of Linux: names are relative to the current folder."""


def check_target(out: Path) -> None:
    """Raises UsageError: ``out`` cannot become an export; what is there is not ours to replace, or we are in it. An
    empty folder is like none."""
    hint = "name another --out"
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise UsageError(f"{out} is no folder", hint=hint)
    if not out.parent.is_dir():
        raise UsageError(f"{out.parent} is no folder", hint="make it first, or name another --out")
    if not out.exists():
        return
    try:
        known = json.loads((out / MANIFEST).read_text("utf-8"))
        ours = {MANIFEST, CARD, *known["files"]} if known["kind"] == KIND else set[str]()
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        ours = set()
    if not ours and {*os.listdir(out)} - {_FINDER}:
        raise UsageError(f"{out} exists and is no earlier export", hint=hint)
    there = {str(path.relative_to(out)) for path in out.rglob("*") if not path.is_dir() and path.name != _FINDER}
    if strange := sorted(there - ours):
        raise UsageError(f"{out} holds {strange[0]}, which is no part of an export", hint="move it away, or " + hint)
    if locations.current_dir().is_relative_to(out.resolve()):
        raise UsageError(f"{out} is replaced whole, and you are in it", hint="cd out of it and name it, or " + hint)


@contextmanager
def staged(out: Path | None) -> Iterator[tuple[Path, Path]]:
    """A new folder, and a private one for what is not finished. When the block ends well, the first becomes ``out``.

    Both lie beside ``out``, on the same disk, in a folder that is locked while this program lives: the next export
    into the same place removes what was left by one that was killed. Without ``out`` nothing stays.
    """
    if out is not None:  # ``.`` and ``x/..`` have no name, and their parent is not what they lie in
        out = out.resolve() if out.name in ("", "..") else out.parent.resolve() / out.name
    parent = Path(tempfile.gettempdir()) if out is None else out.parent
    _clear_up(parent)
    if out is not None:
        check_target(out)
    with _friendly(out or parent):
        base, lock = _locked(parent)
    try:
        folder, scratch = base / "folder", base / "scratch"
        folder.mkdir()
        scratch.mkdir()
        with _friendly(out or parent):
            yield folder, scratch
            if out is not None:
                _settle(folder)
                _take_place(folder, out, base / _BEFORE)
    finally:
        shutil.rmtree(base, ignore_errors=True)
        os.close(lock)


def _locked(parent: Path) -> tuple[Path, int]:
    """A new folder for this user alone, and the descriptor that locks it. Until it is locked, another export may take
    it for one that was left, and remove it.

    Raises:
        OSError: it cannot be made; or each one was removed.
    """
    for _ in range(_TRIES):
        base = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        try:
            lock = os.open(base, os.O_RDONLY)
        except FileNotFoundError:
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if base.exists():
            return base, lock
        os.close(lock)
    raise FileNotFoundError(errno.ENOENT, "other exports into the same place removed its folder")


@contextmanager
def _friendly(where: Path) -> Iterator[None]:
    """What the system says of a full disk names no file, of a closed folder only a temporary one."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = f"{'free some space, or ' if full else ''}name another --out"
        raise UsageError(f"{where} cannot be written: {reason}", hint=hint) from error


def _take_place(folder: Path, out: Path, before: Path) -> None:
    """``out`` is the earlier export or this one at every moment, where the file system can swap two folders. Where it
    cannot, an end between two renames leaves the earlier one in ``before``, and ``_clear_up`` puts it back."""
    check_target(out)  # once more: exporting takes a while
    if not out.exists():
        os.replace(folder, out)
    elif not _swap(folder, out):
        before.mkdir()
        os.replace(out, before / out.name)
        try:
            os.replace(folder, out)
        except BaseException:  # an interrupt, too: what is in ``before`` goes with it
            if not out.exists():
                os.replace(before / out.name, out)
            raise
    _sync(out.parent)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two folders in one step. False, and nothing has happened, where that does not exist."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "darwin":
            return bool(libc.renamex_np(*names, _EXCHANGE) == 0)
        return bool(libc.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)
    except AttributeError:  # a C library without it
        return False


def _clear_up(parent: Path) -> None:
    """Remove what exports that were killed have left in a folder; what they had moved aside goes back."""
    for base in parent.glob(f"{_PREFIX}*"):
        try:
            lock = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # another user's
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for moved in (base / _BEFORE).glob("*"):
                if not os.path.lexists(parent / moved.name):
                    os.replace(moved, parent / moved.name)
            shutil.rmtree(base, ignore_errors=True)
        except BlockingIOError:
            pass  # it lives
        finally:
            os.close(lock)


def _settle(folder: Path) -> None:
    """On disk before it has its name."""
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
