"""What stays closed to commands inside a workspace, by one walk over all of its names."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from codemode_tui.sandbox.types import ClosedPaths
from codemode_tui.tools.protected import (
    GIT_NAMES,
    PROTECTED_NAMES,
    SECRET_NAMES,
    SPARED_NAMES,
    Guard,
    fold,
    is_secret,
    write_guard,
)

BUDGET = 400_000

Inode = tuple[int, int]


def closed_paths(workspace: Path, *, budget: int | None = BUDGET) -> ClosedPaths:
    """Secrets, protected paths and anchors below ``workspace``, ignored files included.

    Args:
        workspace: real path of a folder.
        budget: how many names to look at, at most; None for all of them.

    Raises:
        PermissionError: too many files to be sure.
    """
    walk = _Walk(workspace, budget)
    walk.run()
    return ClosedPaths(
        tuple(sorted(walk.secrets)),
        tuple(sorted(walk.protected)),
        tuple(sorted(walk.anchors)),
        walk.named,
        tuple(walk.unread),
        SECRET_NAMES,
        SPARED_NAMES,
        PROTECTED_NAMES,
    )


class _Walk:
    def __init__(self, workspace: Path, budget: int | None) -> None:
        self._root = str(workspace)
        self._left = budget
        self._files: list[str] = []
        self.secrets: set[str] = set()
        self.protected: set[str] = set()
        self.anchors: set[str] = set()
        self.named: dict[str, tuple[int, int, int]] = {}
        self.unread: list[str] = []

    def run(self) -> None:
        for entry, parts in self._entries():
            if is_secret(parts[-2:]):
                self._close(entry.path, self.secrets)
            elif fold(entry.name) == ".git" and entry.is_dir(follow_symlinks=False):
                self._name(entry.path)
                self.anchors.add(entry.path)
                for name in GIT_NAMES:
                    if os.path.lexists(path := f"{entry.path}/{name}"):
                        self._close(path, self.protected)
            elif write_guard(parts[-2:]) is Guard.DENY:
                self._close(entry.path, self.protected)
            elif entry.is_file(follow_symlinks=False):
                self._files.append(entry.path)
            elif not entry.is_dir(follow_symlinks=False) and not entry.is_symlink() and _is_socket(entry.path):
                self.secrets.add(entry.path)  # somebody listens there, outside of any sandbox
        self._close_other_names()

    def _entries(self) -> Iterator[tuple[os.DirEntry[str], tuple[str, ...]]]:
        """Every name below the workspace, but not what lies in a closed folder; links are not followed."""
        stack: list[tuple[str, tuple[str, ...]]] = [(self._root, ())]
        while stack:
            folder, above = stack.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                self.unread.append(folder)
                continue
            self._spend(len(entries))
            for entry in entries:
                parts = (*above[-1:], entry.name)
                yield entry, parts
                if entry.path not in self.named and entry.is_dir(follow_symlinks=False):
                    stack.append((entry.path, parts))

    def _spend(self, names: int) -> None:
        if self._left is None:
            return
        self._left -= names
        if self._left < 0:
            raise PermissionError(
                f"commands are not run here: more than {BUDGET:,} files to look through for secrets; "
                "name a smaller folder with --workspace"
            )

    def _name(self, path: str) -> os.stat_result | None:
        try:
            info = os.lstat(path)
        except OSError:
            return None
        # Removing a link and making another file may give the same inode; its time of change tells.
        self.named[path] = info.st_dev, info.st_ino, info.st_ctime_ns if stat.S_ISLNK(info.st_mode) else 0
        return info

    def _close(self, path: str, where: set[str]) -> None:
        """The path, or a link's target if that lies inside: a command cannot reach any other."""
        info = self._name(path)
        if info is None:
            return
        if not stat.S_ISLNK(info.st_mode):
            where.add(path)
            return
        target = os.path.realpath(path)
        if target.startswith(self._root.rstrip("/") + "/") and os.path.exists(target):
            where.add(target)

    def _close_other_names(self) -> None:
        """A file that is closed under one name is closed under all of its hard links."""
        closed = {inode: where for where in (self.protected, self.secrets) for inode in _linked(where)}
        for path in self._files if closed else ():
            with contextlib.suppress(OSError):
                info = os.lstat(path)
                if (where := closed.get((info.st_dev, info.st_ino))) is not None:
                    where.add(path)


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.lstat(path).st_mode)
    except OSError:
        return False


def _linked(paths: set[str]) -> set[Inode]:
    """Files at or below ``paths`` that have further names."""
    found: set[Inode] = set()
    for path in paths:
        below = (os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
        for file in (path, *below):
            with contextlib.suppress(OSError):
                info = os.lstat(file)
                if stat.S_ISREG(info.st_mode) and info.st_nlink > 1:
                    found.add((info.st_dev, info.st_ino))
    return found
