"""Walk a workspace's files: no secrets, nothing ignored, nothing outside. Standard library only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from codemode_tui.tools.gitignore import Rules, ignored
from codemode_tui.tools.globbing import Glob, States
from codemode_tui.tools.paths import DEEPEST, Workspace
from codemode_tui.tools.protected import is_secret

_RULE_FILE = ".gitignore"
_RULE_BYTES = 1024 * 1024


class TooMany(Exception):
    """The walk met more entries, or deeper folders, than its budget allows."""


class Walker:
    """One walk over ``workspace``. ``budget`` is the number of directory entries it may look at."""

    def __init__(self, workspace: Workspace, budget: int) -> None:
        self._workspace = workspace
        self._left = budget

    def files(self, base: str, glob: Glob) -> Iterator[str]:
        """Files below the folder ``base`` whose path below it matches ``glob``, in name order."""
        with self._workspace.find(base) as place:
            fd = place.open_dir()
            parts = () if place.path == "." else place.parts
        try:
            stack = self._rules_above(parts)
            yield from self._walk(fd, parts, glob, glob.start, stack)
        finally:
            os.close(fd)

    def _walk(self, fd: int, parts: tuple[str, ...], glob: Glob, states: States, stack: list[Rules]) -> Iterator[str]:
        if len(parts) > DEEPEST:
            raise TooMany
        own = self._rules(fd, len(parts))
        stack = [*stack, own] if own else stack
        above = parts[-1] if parts else self._workspace.root.name
        for name in self._names(fd):
            here = (*parts, name)
            found = self._look(fd, name, here)
            if found is None or is_secret((name,), above=above):
                continue
            if ignored(stack, here, found.is_dir and not found.link):
                continue
            if not found.is_dir:
                if glob.matches(states, name):
                    yield "/".join(here)
                continue
            below = glob.enter(states, name, link=found.link)
            child = self._open(here) if below else None
            if child is not None:
                try:
                    yield from self._walk(child, here, glob, below, stack)
                finally:
                    os.close(child)

    def _names(self, fd: int) -> list[str]:
        try:
            names = os.listdir(fd)
        except OSError:  # unreadable folders are passed over, as `find` and `rg` do
            return []
        self._left -= len(names)
        if self._left < 0:
            raise TooMany
        return sorted(name for name in names if readable_name(name))

    def _look(self, fd: int, name: str, parts: tuple[str, ...]) -> _Entry | None:
        try:
            info = os.stat(name, dir_fd=fd, follow_symlinks=False)
            link = stat.S_ISLNK(info.st_mode)
            if link:
                with self._workspace.find("/".join(parts)) as place:
                    if place.info is None:
                        return None
                    info = place.info
        except (OSError, ValueError):
            return None
        is_dir = stat.S_ISDIR(info.st_mode)
        return _Entry(is_dir, link) if is_dir or stat.S_ISREG(info.st_mode) else None

    def _open(self, parts: tuple[str, ...]) -> int | None:
        try:
            with self._workspace.find("/".join(parts)) as place:
                return place.open_dir()
        except OSError:
            return None

    def _rules_above(self, parts: tuple[str, ...]) -> list[Rules]:
        """The rule files between the workspace and a folder that the walk begins in."""
        stack = []
        for depth in range(len(parts)):
            fd = self._open(parts[:depth]) if depth else os.dup(self._workspace.fd)
            if fd is not None:
                try:
                    stack.append(self._rules(fd, depth))
                finally:
                    os.close(fd)
        return [rules for rules in stack if rules is not None]

    @staticmethod
    def _rules(fd: int, depth: int) -> Rules | None:
        try:
            file = os.open(_RULE_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=fd)
        except OSError:
            return None
        if not stat.S_ISREG(os.fstat(file).st_mode):  # a folder of that name can be opened, and not read
            os.close(file)
            return None
        with open(file, "rb") as stream:
            try:
                text = stream.read(_RULE_BYTES).decode("utf-8", "surrogateescape")
            except OSError:
                return None
        return Rules(text.removeprefix("\ufeff"), depth)


class _Entry(NamedTuple):
    is_dir: bool
    link: bool


def readable_name(name: str) -> bool:
    """False for names that are no text: no path of the contract could name them again."""
    return not any("\ud800" <= c <= "\udfff" for c in name)
