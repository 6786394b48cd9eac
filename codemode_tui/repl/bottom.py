"""The line at the bottom: what happens now, and what is worth knowing: speed, context, sandbox, model."""

from __future__ import annotations

import time

from codemode_tui.front.status import BUSY, FRAMES, begins, doing, measured
from codemode_tui.repl.console import Now
from codemode_tui.repl.lines import Line, cells
from codemode_tui.repl.look import Look
from codemode_tui.sandbox.sanitise import one_line

BAR = 10


class Bottom:
    def __init__(self, now: Now, look: Look, *, vi: bool = False, calm: bool = False) -> None:
        self.now, self.look, self.vi, self.calm = now, look, vi, calm
        self._state, self._since = "", time.monotonic()

    @property
    def moving(self) -> bool:
        return self.now.state in BUSY

    def line(self, mode: str = "") -> Line:
        """As long as the terminal is wide; what matters least is left out first. ``mode``: of the vi keys."""
        left = self._left()
        room = self.look.width - cells(left) - 2
        right: list[Line] = []
        for part in self._right(mode):
            if part and cells(part) + 3 <= room:
                right.append(part)
                room -= cells(part) + 3
        shown: Line = []
        for part in right:
            shown += [(" · ", "faint"), *part] if shown else part
        gap = max(1, self.look.width - cells(left) - cells(shown))
        return [*left, (" " * gap, ""), *shown]

    def _left(self) -> Line:
        now, key = self.now, self.look.key
        if now.state != self._state:
            if begins(self._state, now.state):
                self._since = time.monotonic()
            self._state = now.state
        passed = time.monotonic() - self._since
        sign = "•" if self.calm else FRAMES[int(passed * 10) % len(FRAMES)]
        return doing(now, passed, sign, (key("stop"), key("restart"), key("model")), BAR, "faint")

    def _right(self, mode: str) -> list[Line]:
        """The most important first."""
        now = self.now
        parts: list[Line] = [[(mode, "accent")] if mode else []]
        parts += [[one] for one in measured(now)]
        if now.info is not None:
            bits = (now.info.quantization or {}).get("bits")
            parts.append([(one_line(now.info.name, 40) + (f" {bits}-bit" if bits else ""), "muted")])
        if now.sandbox:
            parts.append([(one_line(now.sandbox, 40), "muted")])
        parts.append([(self.look.key("thumbs-down"), "bold muted"), (" that was wrong", "faint")])
        return [*parts, [("/help", "bold muted")]]
