"""What stays closed to commands inside a workspace, by one walk over all of its names."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from codemode_tui.sandbox.types import ClosedPaths
from codemode_tui.tools.own import is_below, own_folders
from codemode_tui.tools.protected import (
    GIT_NAMES,
    PROTECTED_NAMES,
    SECRET_NAMES,
    SPARED_NAMES,
    Guard,
    fold,
    in_repository,
    is_secret,
    write_guard,
)
from codemode_tui.tools.unfinished import starting_programs

BUDGET = 400_000
_STORES = frozenset((".hg", ".svn", ".jj"))
"""Repositories with names by the thousand, none of them somebody's own."""

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
        self._workspace = workspace
        self._root = str(workspace)
        self._left = budget
        self._own = own_folders(workspace)
        self._files: list[tuple[str, bool]] = []
        self.secrets: set[str] = set()
        self.protected: set[str] = set()
        self.anchors: set[str] = set()
        self.named: dict[str, tuple[int, int, int]] = {}
        self.unread: list[str] = []

    def run(self) -> None:
        """Look at every name below the workspace, but not in secret folders and repositories; follow no links.

        A protected folder may hold secrets; all else in it is as protected. So is a workspace within a repository, or
        one that is a folder of this program's own.
        """
        inside = in_repository(self._workspace.parts) or is_below((), self._own)
        if inside:
            self.protected.add(self._root)
        stack: list[tuple[str, str, bool]] = [(self._root, self._workspace.name, inside)]
        while stack:
            folder, above, protected = stack.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                self.unread.append(folder)
                if os.path.isdir(
                    folder
                ):  # it cannot be listed, and yet a name in it may be guessed; or it went just now
                    self.secrets.add(folder)
                continue
            self._spend(len(entries))
            for entry in entries:
                below = protected
                is_folder = entry.is_dir(follow_symlinks=False)
                if is_secret((entry.name,), above=above):
                    self._close_named(entry, self.secrets)
                    continue
                if is_folder and not protected and fold(entry.name) == ".git":
                    self._close_repository(entry.path)
                    continue
                if not protected and write_guard((entry.name,), above=above, folder=is_folder) is Guard.DENY:
                    self._close_named(entry, self.protected)
                    below = True
                elif is_folder and not protected and self._is_own(entry.path):
                    self._close(entry.path, self.protected)
                    self._anchor_way(entry.path)
                    below = True
                elif entry.is_file(follow_symlinks=False):
                    self._files.append((entry.path, protected))
                elif not is_folder and not entry.is_symlink() and _is_socket(entry.path):
                    self.secrets.add(entry.path)  # somebody listens there, outside of any sandbox
                if is_folder and fold(entry.name) not in _STORES:
                    stack.append((entry.path, entry.name, below))
        self._close_other_names()

    def _is_own(self, path: str) -> bool:
        return bool(self._own) and is_below(self._below_root(path), self._own)

    def _anchor_way(self, path: str) -> None:
        """Were a folder above it renamed, the program would find another one in its place, or none."""
        parts = self._below_root(path)
        self.anchors.update(str(self._workspace.joinpath(*parts[:end])) for end in range(1, len(parts)))

    def _below_root(self, path: str) -> tuple[str, ...]:
        return Path(path).relative_to(self._workspace).parts

    def _close_repository(self, path: str) -> None:
        self._name(path)
        self.anchors.add(path)
        for name in GIT_NAMES:
            if os.path.lexists(inner := f"{path}/{name}"):
                self._close(inner, self.protected)
        for inner in starting_programs(path):
            self._close(inner, self.protected)

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

    def _close_named(self, entry: os.DirEntry[str], where: set[str]) -> None:
        """Were the folder above renamed, a name that is closed only in a folder of that name would be so no more."""
        self._close(entry.path, where)
        folder = os.path.dirname(entry.path)
        is_folder = entry.is_dir(follow_symlinks=False)
        if folder != self._root and write_guard((entry.name,), folder=is_folder) is not Guard.DENY:
            self.anchors.add(folder)

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
        for path, protected in self._files if closed else ():
            with contextlib.suppress(OSError):
                info = os.lstat(path)
                where = closed.get((info.st_dev, info.st_ino))
                if where is not None and not (protected and where is self.protected):
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
