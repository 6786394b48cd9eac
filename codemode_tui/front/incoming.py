"""Text that arrives in pieces, as lines for the screen. A piece may end in the middle of anything."""

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
