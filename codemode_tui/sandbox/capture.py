"""What a program prints: decoded as it arrives, shown at once, kept within bounds from both ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Literal

from codemode_tui.sandbox.sanitise import OutputDecoder
from codemode_tui.sandbox.types import OnOutput

_PIECE = 64 * 1024
_LINE_SECONDS = 0.05
"""How long the beginning of a line waits for its end before it is shown alone."""


class Captured:
    """One stream's text: its beginning and its end; what lies between is counted."""

    def __init__(self, keep_bytes: int) -> None:
        self._head_left = keep_bytes - keep_bytes // 4
        self._tail_limit = keep_bytes // 4
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._lost = 0

    def add(self, text: str) -> None:
        if self._head_left > 0:
            taken, text = text[: self._head_left], text[self._head_left :]
            self._head.append(taken)
            self._head_left -= len(taken)
        if not text:
            return
        self._tail.append(text)
        self._tail_size += len(text)
        while self._tail_size - len(self._tail[0]) >= self._tail_limit:
            gone = len(self._tail.popleft())
            self._tail_size -= gone
            self._lost += gone

    @property
    def truncated(self) -> bool:
        return self._lost > 0 or self._tail_size > self._tail_limit

    @property
    def text(self) -> str:
        tail = "".join(self._tail)
        extra = max(0, len(tail) - self._tail_limit)
        lost = self._lost + extra
        gap = f"\n… {lost:,} characters left out …\n" if lost else ""
        return "".join(self._head) + gap + tail[extra:]


class Streams:
    """stdout and stderr of one process."""

    def __init__(self, keep_bytes: int, kill_bytes: int) -> None:
        self.stdout = Captured(keep_bytes)
        self.stderr = Captured(keep_bytes)
        self._shown = {"stdout": keep_bytes, "stderr": keep_bytes}
        self._left = kill_bytes
        self._on_flood: Callable[[], None] = lambda: None
        self._on_output: OnOutput | None = None

    def listen(self, on_flood: Callable[[], None], on_output: OnOutput | None) -> None:
        """From now on: too much of it is reported, and what comes is shown."""
        self._on_flood, self._on_output = on_flood, on_output

    @property
    def truncated(self) -> bool:
        return self.stdout.truncated or self.stderr.truncated

    async def read(self, name: Literal["stdout", "stderr"], reader: asyncio.StreamReader) -> None:
        """Read one stream to its end, whatever it holds. A line is shown as one, if its parts come at once."""
        decoder = OutputDecoder()
        captured = self.stdout if name == "stdout" else self.stderr
        begun = ""
        while True:
            try:
                data = await asyncio.wait_for(reader.read(_PIECE), _LINE_SECONDS if begun else None)
            except TimeoutError:
                self._show(name, begun)
                begun = ""
                continue
            text = decoder.feed(data, final=not data)
            self._left -= len(data)
            captured.add(text)
            if not data:
                self._show(name, begun + text)
                return
            lines, end, begun = (begun + text).rpartition("\n")
            if len(begun) > _PIECE or self._on_output is None:
                lines, end, begun = lines + end, begun, ""
            self._show(name, lines + end)
            if self._left < 0:
                self._on_flood()

    def _show(self, name: Literal["stdout", "stderr"], text: str) -> None:
        left = self._shown[name]
        if self._on_output is not None and text and left > 0:
            self._shown[name] -= len(text)
            self._on_output(name, text[:left])
