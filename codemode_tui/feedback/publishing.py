"""A folder appears whole or not at all, and takes the place only of an earlier one of its kind."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codemode_tui.errors import UsageError
from codemode_tui.feedback.manifest import KIND

MANIFEST, CARD = "manifest.json", "README.md"


def check_target(out: Path) -> None:
    """Raises UsageError: ``out`` cannot become an export; what is there is not ours to replace."""
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
    except (OSError, ValueError, LookupError, TypeError):
        ours = set()
    if not ours:
        raise UsageError(f"{out} exists and is no earlier export", hint=hint)
    there = {str(path.relative_to(out)) for path in out.rglob("*") if not path.is_dir()}
    if strange := sorted(there - ours):
        raise UsageError(f"{out} holds {strange[0]}, which is no part of an export", hint="move it away, or " + hint)


@contextmanager
def staged(out: Path | None) -> Iterator[tuple[Path, Path]]:
    """A new folder, and a private one for what is not finished. When the block ends well, the first becomes ``out``.

    Both lie beside ``out``, on the same disk. Without ``out`` nothing stays.
    """
    if out is not None:
        check_target(out)
    parent = None if out is None else out.parent
    base = Path(tempfile.mkdtemp(prefix=".codemode-export-", dir=parent))  # for this user alone
    try:
        folder, scratch = base / "folder", base / "scratch"
        folder.mkdir()
        scratch.mkdir()
        yield folder, scratch
        if out is not None:
            _settle(folder)
            _take_place(folder, out, base / "before")
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _take_place(folder: Path, out: Path, before: Path) -> None:
    check_target(out)  # once more: exporting takes a while
    if out.exists():
        os.replace(out, before)
        try:
            os.replace(folder, out)
        except OSError:
            os.replace(before, out)
            raise
    else:
        os.replace(folder, out)
    _sync(out.parent)


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
