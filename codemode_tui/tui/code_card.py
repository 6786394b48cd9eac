"""The code of one call: line numbers, colours, wrapped. Streams line by line, highlighted once at the end."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from codemode_tui.front.highlight import Line, highlight
from codemode_tui.front.incoming import IncomingLines
from codemode_tui.sandbox.sanitise import visible_code
from codemode_tui.tui.lines_view import LinesView, Row


class CodeLines(LinesView):
    """Numbered code; text has no numbers."""

    def __init__(self, code: str = "", language: str = "python") -> None:
        super().__init__()
        self.language = language
        self._finished = 0
        """Lines that are complete and coloured."""
        self._arriving = IncomingLines()
        if code:
            self.show(code)

    @property
    def margin_width(self) -> int:
        return 0 if self.language == "text" else max(2, len(str(len(self.lines)))) + 2

    def margin_text(self, row: Row) -> str:
        if not self.margin_width:
            return ""
        number = str(row.line + 1) if row.start == 0 else "·"
        return f"{number:>{self.margin_width - 2}}  "

    def append(self, code: str) -> None:
        """More code arrives. A finished line is coloured once, on its own; the last one stays plain."""
        lines: list[Line] = [_one(line, self.language) for line in self._arriving.feed(code)]
        width, tail = self.margin_width, self._arriving.tail
        self.replace_tail(self._finished, [*lines, [(tail, "code-name")] if tail else []])
        self._finished += len(lines)
        if self.margin_width != width:
            self._rewrap()

    def settle(self) -> None:
        """Nothing more arrives: a line of which nothing has come is none."""
        if not self._arriving.tail:
            self.replace_tail(self._finished, [])
        super().settle()

    def show(self, code: str) -> None:
        """The whole code, coloured as a whole: a string over many lines is only known then."""
        self.set_lines(highlight(visible_code(code).rstrip("\n"), self.language))
        self._finished, self._arriving = len(self.lines), IncomingLines()


class CodeCard(Vertical):
    """A frame around the code, with what happened to it in the lower edge."""

    DEFAULT_CSS = """
    CodeCard {
        height: auto; padding: 0 1;
        border: round $faint; border-title-color: $muted; border-subtitle-color: $muted;
        background: $surface;
        CodeLines { background: $surface; }
        &.-asking { border: round $secondary; border-title-color: $secondary; }
        &.-running { border: round $accent; border-subtitle-color: $accent; }
        &.-ok { border: round $success 60%; border-subtitle-color: $success; }
        &.-failed { border: round $error 80%; border-subtitle-color: $error; }
        &.-denied { border: round $warning 60%; border-subtitle-color: $warning; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.code = CodeLines()
        self.text = ""
        self.border_title = "python"

    def compose(self) -> ComposeResult:
        yield self.code

    def append(self, code: str) -> None:
        self.text += code
        self.code.append(code)

    def settle(self) -> None:
        """Nothing more arrives."""
        self.code.settle()

    def show(self, code: str, *, edited: bool = False) -> None:
        """The code as it was parsed, or as the user changed it."""
        if code != self.text or not self.has_class("-whole"):
            self.text = code
            self.code.show(code)
            self.add_class("-whole")
        count = len(self.code.lines)
        title = f"python · {count} line{'s' if count != 1 else ''}"
        self.border_title = Content(f"{title} · edited by you" if edited else title)

    def state(self, name: str, note: str) -> None:
        """``asking``, ``running``, ``ok``, ``failed`` or ``denied``, and a few words about it."""
        for other in ("asking", "running", "ok", "failed", "denied"):
            self.set_class(other == name, f"-{other}")
        self.border_subtitle = Content(note)  # as content: a message in it is never read as markup


def _one(line: str, language: str) -> Line:
    return highlight(line, language)[0] if line else []
