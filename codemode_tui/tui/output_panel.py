"""What the running code prints. Bounded: a flood costs no more than a page."""

from __future__ import annotations

from typing import Literal

from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.tui.highlight import Line
from codemode_tui.tui.lines_view import LinesView

HEAD, TAIL = 8, 10
"""Lines shown of a long output, until it is expanded."""
KEEP = 2_000
"""Lines kept; what fell out is counted."""
LINE_LIMIT = 4_000
"""Characters shown of one line."""


class OutputPanel(LinesView):
    DEFAULT_CSS = """
    OutputPanel { padding: 0 1; border-left: wide $faint 60%; background: $background; margin-left: 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.expanded = False
        self._kept: list[tuple[str, str]] = []
        self._dropped = 0
        self._open = False
        """Whether the last line has had no newline yet."""

    @property
    def text(self) -> str:
        """What is kept, as text: for copying."""
        return "\n".join(text for text, _ in self._kept)

    @property
    def long(self) -> bool:
        return self._dropped + len(self._kept) > HEAD + TAIL + 1

    def append(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        color = "code-name" if stream == "stdout" else "warning"
        first, *rest = sanitise_text(text).split("\n")
        if self._open and self._kept and self._kept[-1][1] == color:
            self._kept[-1] = (_bounded(self._kept[-1][0] + first), color)
        elif first or rest:
            self._kept.append((_bounded(first), color))
        self._kept += [(_bounded(line), color) for line in rest]
        self._open = True
        if len(self._kept) > KEEP:
            cut = len(self._kept) - KEEP
            del self._kept[HEAD : HEAD + cut]
            self._dropped += cut
        self._show()

    def note(self, text: str, color: str = "error") -> None:
        """A line that is not output: the exception, the reason of a kill."""
        if self._kept and not self._kept[-1][0]:
            self._kept.pop()
        self._kept += [(_bounded(line), color) for line in sanitise_text(text).split("\n")]
        self._open = False
        self._show()

    def finish(self) -> None:
        """The run is over: a last newline is not a line."""
        if self._kept and not self._kept[-1][0]:
            self._kept.pop()
        self._open = False
        self._show()

    def toggle(self) -> None:
        self.expanded = not self.expanded
        self._show()

    def _show(self) -> None:
        kept, total = self._kept, self._dropped + len(self._kept)
        if not kept:
            return self.set_lines([[("(no output)", "faint")]])
        if not self.long or (self.expanded and not self._dropped):
            return self.set_lines([_line(*k) for k in kept])
        tail = len(kept) - HEAD if self.expanded else TAIL
        left_out = total - HEAD - tail
        hint = "" if self.expanded else " · ctrl+l shows them"
        marker: Line = [(f"⋯ {left_out:,} more lines{hint}", "faint")]
        self.set_lines([*(_line(*k) for k in kept[:HEAD]), marker, *(_line(*k) for k in kept[-tail:])])
        return None


def _line(text: str, color: str) -> Line:
    return [(text, color)] if text else []


def _bounded(line: str) -> str:
    return line if len(line) <= LINE_LIMIT else line[: LINE_LIMIT - 1] + "…"
