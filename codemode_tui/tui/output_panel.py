"""What the running code prints. What is shown is bounded: a flood costs no more than a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from codemode_tui.front.highlight import Line
from codemode_tui.front.incoming import IncomingLines, Printed
from codemode_tui.front.keys import first_key
from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.tui.lines_view import LinesView

HEAD, TAIL = 8, 10
"""Lines shown of a long output, until it is expanded."""
KEEP = 2_000
"""Lines that can be shown; what fell out is counted."""
LINE_LIMIT = 4_000
"""Characters shown of one line."""


class OutputPanel(LinesView):
    DEFAULT_CSS = """
    OutputPanel { padding: 0 1; border-left: wide $faint 60%; background: $background; margin-left: 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.expanded = False
        self.expand_key = first_key("expand", {})
        self.printed = Printed()
        """And what was noted below it."""
        self._kept: list[tuple[str, str]] = []
        """Finished lines, and the colour of each."""
        self._dropped = 0
        self._arriving = IncomingLines(LINE_LIMIT + 1)
        self._color = "code-name"
        """Of the line that is arriving."""

    def on_mount(self) -> None:
        self.expand_key = first_key("expand", getattr(self.app, "keys", {}))

    @property
    def text(self) -> str:
        """All of it, whatever is shown: for copying."""
        return self.printed.text

    @property
    def _shown(self) -> list[tuple[str, str]]:
        tail = self._arriving.tail
        return [*self._kept, (_bounded(tail), self._color)] if tail else self._kept

    def append(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        self.printed.add(stream, text)
        color = "code-name" if stream == "stdout" else "warning"
        if color != self._color:
            self._close()
            self._color = color
        self._kept += [(_bounded(line), color) for line in self._arriving.feed(text)]
        if len(self._kept) > KEEP:
            cut = len(self._kept) - KEEP
            del self._kept[HEAD : HEAD + cut]
            self._dropped += cut
        self._show()

    def note(self, text: str, color: str = "error") -> None:
        """A line that is not output: the exception, the reason of a kill."""
        self.printed.add("note", f"{text}\n")
        self._close()
        self._kept += _noted([(text, color)])
        self._show()

    def renote(self, before: Sequence[tuple[str, str]], now: Sequence[tuple[str, str]]) -> None:
        """Other words in the place of those that were noted last."""
        self._kept = self._kept[: len(self._kept) - len(_noted(before))] + _noted(now)
        self._show()

    def finish(self) -> None:
        """The run is over."""
        self._close()
        self._show()

    def _close(self) -> None:
        """The line that was arriving has ended, with a newline or without."""
        if line := self._arriving.close():
            self._kept.append((_bounded(line), self._color))

    def toggle(self) -> None:
        self.expanded = not self.expanded
        self._show()

    def _show(self) -> None:
        kept = self._shown
        total = self._dropped + len(kept)
        if not kept:
            return self.set_lines([[("(no output)", "muted")]])
        if total <= HEAD + TAIL + 1 or (self.expanded and not self._dropped):
            return self.set_lines([_line(*k) for k in kept])
        tail = len(kept) - HEAD if self.expanded else TAIL
        left_out = total - HEAD - tail
        hint = "" if self.expanded else f" · {self.expand_key} shows them"
        marker: Line = [(f"⋯ {left_out:,} more lines{hint}", "muted")]
        self.set_lines([*(_line(*k) for k in kept[:HEAD]), marker, *(_line(*k) for k in kept[-tail:])])
        return None


def _noted(notes: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_bounded(line), color) for text, color in notes for line in sanitise_text(text).split("\n")]


def _line(text: str, color: str) -> Line:
    return [(text, color)] if text else []


def _bounded(line: str) -> str:
    return line if len(line) <= LINE_LIMIT else line[: LINE_LIMIT - 1] + "…"
