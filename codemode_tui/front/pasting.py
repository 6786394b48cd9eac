"""Pastes, taken out of what a terminal sends before anything looks at it letter by letter.

A toolkit's own parser takes seconds or minutes for ten megabytes, or reads an escape sequence in a paste as
keys: what somebody copied from a page could press them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

BEGIN, END = "\x1b[200~", "\x1b[201~"
_KEPT = len(END) - 1
"""Characters at the end of a chunk that may be the beginning of a mark."""


class Pasted(NamedTuple):
    text: str


def newlines(text: str) -> str:
    """A paste with its line breaks as everybody else writes them: most terminals send each as CR."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Pastes:
    """Splits a stream of input, in chunks of any length, into pastes and all the rest.

    The beginning of a mark at the end of a chunk is given on, not held back: it may be the escape key.
    If it proves to have been a mark, whoever got it gets that paste as well, mark and all.
    """

    def __init__(self) -> None:
        self._state: Literal["keys", "paste", "given on"] = "keys"
        self._last = ""
        """The end of what was read before, at most ``_KEPT`` characters."""
        self._parts: list[str] = []

    def feed(self, data: str) -> Iterator[str | Pasted]:
        while data:
            mark = BEGIN if self._state == "keys" else END
            joined = self._last + data
            at = joined.find(mark)
            if at < 0:
                yield from self._on(joined, data)
                return
            begin, data = at - len(self._last), joined[at + len(mark) :]
            if self._state == "paste":
                yield Pasted("".join((*self._parts, joined[:at])))
                self._parts.clear()
                self._state = "keys"
            elif self._state == "given on" or begin < 0:
                yield joined[len(self._last) : at + len(mark)]
                self._state = "keys" if self._state == "given on" else "given on"
            else:
                if begin:
                    yield joined[len(self._last) : at]
                self._state = "paste"
            self._last = ""

    def _on(self, joined: str, data: str) -> Iterator[str]:
        """A chunk, or the rest of one, without a mark."""
        if self._state == "paste":
            cut = max(0, len(joined) - _KEPT)
            self._parts.append(joined[:cut])
            self._last = joined[cut:]
        else:
            self._last = joined[-_KEPT:]
            yield data
