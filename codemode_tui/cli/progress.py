"""One line that tells how far a long command is: on a terminal's standard error, silent elsewhere."""

from __future__ import annotations

import shutil
import sys


class ProgressLine:
    """``say`` replaces the line, ``clear`` takes it away."""

    def __init__(self) -> None:
        self._shown = sys.stderr is not None and sys.stderr.isatty()

    def say(self, text: str) -> None:
        if self._shown:
            from codemode_tui.sandbox.sanitise import sanitise_text

            width = shutil.get_terminal_size().columns - 1
            line = " ".join(sanitise_text(text).split())[:width]
            self._write(line)

    def clear(self) -> None:
        if self._shown:
            self._write("")

    def _write(self, line: str) -> None:
        try:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        except OSError:  # the terminal is gone; what was left running goes on
            self._shown = False
