"""What a command changed in a folder: every file's identity before and after it. Git's own files are left out."""

from __future__ import annotations

import os
from pathlib import Path

from codemode_tui import locations
from codemode_tui.sandbox.types import FileChange

Snapshot = dict[str, tuple[int, int, int, int]]
"""Relative path to inode, size, time of change of the content and of the inode."""


def take(root: Path) -> Snapshot:
    """All files below ``root``; symbolic links count as themselves. This program's own folders are left out: it may
    write them meanwhile, and a command may not.
    """
    own = {f"{folder.relative_to(root)}/" for folder in locations.own_dirs(root)}
    found: Snapshot = {}
    stack = [""]
    while stack:
        below = stack.pop()
        if below in own:
            continue
        try:
            entries = list(os.scandir(root / below))
        except OSError:
            continue  # not readable, or gone
        for entry in entries:
            path = f"{below}{entry.name}"
            try:
                if entry.is_dir(follow_symlinks=False):
                    stack += [f"{path}/"] if entry.name != ".git" else []
                    continue
                info = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            found[path] = info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns
    return found


def changes(before: Snapshot, after: Snapshot) -> tuple[FileChange, ...]:
    """In order of path."""
    made = [FileChange(path, "created") for path in after.keys() - before.keys()]
    gone = [FileChange(path, "deleted") for path in before.keys() - after.keys()]
    other = [FileChange(path, "modified") for path in before.keys() & after.keys() if before[path] != after[path]]
    return tuple(sorted([*made, *gone, *other], key=lambda change: change.path))
