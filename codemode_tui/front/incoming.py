"""Text that arrives in pieces: as lines for the screen, and whole. A piece may end in the middle of anything."""

from __future__ import annotations

from codemode_tui.sandbox.sanitise import sanitise_text

UNDECIDED = "\r\u200d"
"""What the next character decides: half of a line end, the joint between two emoji."""


class IncomingLines:
    """``feed`` gives the lines that became complete; ``tail`` is the one that is still being written.

    A line is made safe as a whole, never piece by piece: half a pair of emoji would look like a hidden joiner.
    """

    def __init__(self, limit: int | None = None) -> None:
        """``limit``: characters kept of one line; None for all."""
        self._limit = limit
        self._rest = ""

    def feed(self, text: str) -> list[str]:
        *complete, rest = (self._rest + text).split("\n")
        self._rest = rest[: self._limit]
        return [sanitise_text(line.removesuffix("\r")[: self._limit]) for line in complete]

    @property
    def tail(self) -> str:
        return sanitise_text(self._rest.rstrip(UNDECIDED))

    def close(self) -> str:
        """The last line, which had no end; what follows begins a new one."""
        line, self._rest = sanitise_text(self._rest), ""
        return line


class Printed:
    """All that a run printed, in the order in which it came: for copying. The sandbox bounds it.

    It is made safe when it is asked for, which takes longer than to keep it, and happens to few outputs.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._stream = ""

    def __bool__(self) -> bool:
        return bool(self._parts)

    def add(self, stream: str, text: str) -> None:
        """What another stream prints begins a line."""
        if stream != self._stream and self._parts and not self._parts[-1].endswith("\n"):
            self._parts.append("\n")
        self._stream = stream
        self._parts.append(text)

    @property
    def text(self) -> str:
        return sanitise_text("".join(self._parts).rstrip(UNDECIDED)).removesuffix("\n")
