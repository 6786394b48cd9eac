"""Glob patterns by pathlib's rules, matched component by component while a tree is walked.

``**`` matches zero or more folders; ``*``, ``?`` and ``[…]`` stay within one name; names that begin
with a dot match only components that do. Standard library only.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata

States = frozenset[int]


class Glob:
    """A pattern as a small automaton: a state is the index of the next component to match."""

    def __init__(self, pattern: str) -> None:
        self.folders_only = pattern.endswith("/")
        parts: list[str] = []
        for part in _composed(pattern).split("/"):
            if part == ".." and parts and parts[-1] not in ("..", "**"):
                parts.pop()  # what is below a folder's parent is found beside the folder
                continue
            # `**/**` says no more than `**`, but would multiply the work.
            if part not in ("", ".") and not (part == "**" and parts[-1:] == ["**"]):
                parts.append(part)
        self.parts = tuple(parts)
        self._regexes = [re.compile(fnmatch.translate(part)) for part in parts]
        self.start: States = self._closure({0}) if parts else frozenset()

    def enter(self, states: States, folder: str, *, link: bool = False) -> States:
        """The states below ``folder``; empty when nothing there can match.

        ``**`` does not pass through a symbolic link, so that a loop of links ends.
        """
        following = set()
        for i in states:
            if self._is_deep(i):
                if not folder.startswith(".") and not link:
                    following.add(i)
            elif self._fits(i, folder):
                following.add(i + 1)
        return self._closure(following)

    def matches(self, states: States, file: str) -> bool:
        last = len(self.parts) - 1
        if self.folders_only or last not in states:
            return False
        return not file.startswith(".") if self._is_deep(last) else self._fits(last, file)

    def _is_deep(self, i: int) -> bool:
        return i < len(self.parts) and self.parts[i] == "**"

    def _fits(self, i: int, name: str) -> bool:
        if i >= len(self.parts):
            return False
        part, name = self.parts[i], _composed(name)
        if name.startswith(".") and not part.startswith("."):
            return False
        return part == name or self._regexes[i].match(name) is not None

    def _closure(self, states: set[int]) -> States:
        return frozenset(states | {i + 1 for i in states if self._is_deep(i)})


def _composed(text: str) -> str:
    """The spelling that keyboards and models use; macOS has made files of names in the other one, letter and accent."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
