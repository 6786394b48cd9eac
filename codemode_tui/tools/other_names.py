"""Secrets under other names: further hard links, and what a link of a secret name leads to. Standard library only."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence

from codemode_tui.tools.protected import is_secret

Inode = tuple[int, int]


class OtherNames:
    """Looks for secrets in the folders that a path leads through, and no further: else each read would be a walk.

    A folder is looked through once for as long as no name comes or goes in it; for its links alone, which are few,
    unless the path leads to a file of several names.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Inode, bool], tuple[int, tuple[str, ...]]] = {}

    def lead_to(self, folders: Sequence[tuple[int, str]], found: os.stat_result | None) -> bool:
        """True where a secret name stands for the end of a path too, or for a folder on the way to it.

        Args:
            folders: descriptor and name of each folder on the way, the workspace first.
            found: what is at the end of the path, if anything.
        """
        linked = found is not None and stat.S_ISREG(found.st_mode) and found.st_nlink > 1
        infos = [os.fstat(fd) for fd, _ in folders]
        # Not the workspace itself: what leads there closes nothing to commands either.
        way = {_inode(info) for info in (*infos[1:], found) if info is not None}
        return any(
            inode in way
            for (fd, name), info in zip(folders, infos, strict=True)
            for secret in self._secrets(fd, name, info, linked)
            for inode in _inodes(fd, secret, linked)
        )

    def _secrets(self, fd: int, above: str, info: os.stat_result, linked: bool) -> tuple[str, ...]:
        """Secret names in a folder: those of links, or all."""
        key = _inode(info), linked
        changed, names = self._known.get(key, (-1, ()))
        if changed != info.st_mtime_ns:
            names = tuple(_secrets(fd, above, linked))
            self._known[key] = info.st_mtime_ns, names
        return names


def _secrets(fd: int, above: str, linked: bool) -> Iterator[str]:
    with contextlib.suppress(OSError):
        own = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=fd)  # another thread may list `fd`
        try:
            with os.scandir(own) as entries:
                for entry in entries:
                    if (linked or entry.is_symlink()) and is_secret((entry.name,), above=above):
                        yield entry.name
        finally:
            os.close(own)


def _inodes(fd: int, name: str, linked: bool) -> Iterator[Inode]:
    """What stands there, links followed; of a folder its files too, where any of them may have several names."""
    with contextlib.suppress(OSError):
        info = os.stat(name, dir_fd=fd)
        yield _inode(info)
        if linked and stat.S_ISDIR(info.st_mode):
            for _, _, files, folder in os.fwalk(name, dir_fd=fd):
                for file in files:
                    yield _inode(os.stat(file, dir_fd=folder, follow_symlinks=False))


def _inode(info: os.stat_result) -> Inode:
    return info.st_dev, info.st_ino
