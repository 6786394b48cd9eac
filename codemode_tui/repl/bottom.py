"""The line at the bottom: what happens now, and what is worth knowing: speed, context, sandbox, model."""

from __future__ import annotations

import time

from codemode_tui.front.status import BUSY, WORDS
from codemode_tui.front.wording import short
from codemode_tui.repl.console import Now
from codemode_tui.repl.lines import Line, cells
from codemode_tui.repl.look import Look
from codemode_tui.sandbox.sanitise import one_line

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
STOPPABLE = {"reading", "thinking", "writing", "running"}
BAR = 10
SLOW = 2.0
"""Seconds after which it is said how long something takes."""


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
        now = self.now
        if now.state != self._state:
            if (now.state in BUSY) != (self._state in BUSY) or "running" in (now.state, self._state):
                self._since = time.monotonic()
            self._state = now.state
        word = WORDS.get(now.state, now.state)
        if now.state in ("dead", "failed"):
            return [(f"✗ {word}", "bold error"), (f"  {self.look.key('restart')} starts it again", "muted")]
        if now.state == "asking":
            return [(f"? {word}", "bold secondary")]
        if now.state not in BUSY:
            return [("● ", "success"), (word, "muted")]
        passed = time.monotonic() - self._since
        frame = "•" if self.calm else FRAMES[int(passed * 10) % len(FRAMES)]
        line: Line = [(f"{frame} ", "accent"), (word, "")]
        line += [(f", try {now.attempt}", "warning")] if now.attempt > 1 else []
        line += [(f" {passed:.0f} s", "muted")] if passed >= SLOW else []
        if now.progress is not None:
            full = round(now.progress * BAR)
            line += [
                ("  ", ""),
                ("━" * full, "accent"),
                ("━" * (BAR - full), "faint"),
                (f" {now.progress:.0%}", "muted"),
            ]
        return [*line, (f"  {self.look.key('stop')} stops", "faint")] if now.state in STOPPABLE else line

    def _right(self, mode: str) -> list[Line]:
        """The most important first."""
        now = self.now
        parts: list[Line] = [[(mode, "accent")] if mode else []]
        if now.rate:
            parts.append([(f"{now.rate:.0f} tok/s", "muted")])
        if now.limit:
            share = now.used / now.limit
            color = "error" if share > 0.9 else "warning" if share > 0.75 else "muted"
            parts.append([(f"{short(now.used)}/{short(now.limit)} ({share:.0%})", color)])
        if now.info is not None:
            bits = (now.info.quantization or {}).get("bits")
            parts.append([(one_line(now.info.name, 40) + (f" {bits}-bit" if bits else ""), "muted")])
        if now.sandbox:
            parts.append([(one_line(now.sandbox, 40), "muted")])
        parts.append([(self.look.key("thumbs-down"), "bold muted"), (" that was wrong", "faint")])
        return [*parts, [("/help", "bold muted")]]
