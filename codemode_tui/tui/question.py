"""What was asked, at the head of its turn. A pasted file is repeated on the screen only where somebody wants that."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from codemode_tui.front.keys import first_key
from codemode_tui.sandbox.sanitise import sanitise_text

FOLDED, EXPANDED = (8, 2_000), (2_000, 100_000)
"""Lines and characters shown at most."""


class Question(Horizontal):  # a column for the mark: a text without blanks would begin below it
    DEFAULT_CSS = """
    Question { text-style: bold; height: auto; margin-bottom: 1; padding: 0 1; background: $surface; }
    Question Static { width: 1fr; }
    Question .mark { width: 2; color: $primary; }
    """

    def __init__(self, text: str) -> None:
        super().__init__(classes="question")
        self._text = text.strip()
        self._expanded = False
        self._shown = Static(Content(""))

    def compose(self) -> ComposeResult:
        yield Static(Content("❯"), classes="mark")
        yield self._shown

    def on_mount(self) -> None:
        self._show()

    def toggle(self) -> None:
        """Show all of it, or its beginning again."""
        self._expanded = not self._expanded
        self._show()

    def _show(self) -> None:
        head, rest = folded(self._text, *(EXPANDED if self._expanded else FOLDED))
        parts = [(sanitise_text(head), "bold")]
        if rest:
            key = "" if self._expanded else f" · {first_key('expand', getattr(self.app, 'keys', {}))} shows them"
            whole = rest.startswith("\n")
            lines, letters = rest.count("\n"), len(rest)
            more = f"\n⋯ {lines:,} more line{'s' * (lines != 1)}" if whole else f" ⋯ {letters:,} more characters"
            parts.append((f"{more}{key}", "not bold $muted"))
        self._shown.update(Content.assemble(*parts))


def folded(text: str, most_lines: int, most_characters: int) -> tuple[str, str]:
    """What is shown of ``text``, and the rest: cut at the end of a line, but in one that begins in the first half."""
    lines = text.split("\n", most_lines + 1)
    # One line more takes no more room than saying so.
    head = text if len(lines) <= most_lines + 1 else "\n".join(lines[:most_lines])
    if len(head) > most_characters:
        head = head[:most_characters]
        end = head.rfind("\n")
        head = head[:end] if end >= most_characters // 2 else head
    return head, text[len(head) :]
