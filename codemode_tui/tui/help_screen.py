"""Keys and commands, from the table of commands."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from codemode_tui.commands import COMMANDS, Command, Where
from codemode_tui.tui.keys import keys_of

SECTIONS: tuple[tuple[str, tuple[Where, ...]], ...] = (
    ("Anywhere", ("app", "chat", "scroll")),
    ("While writing", ("prompt",)),
    ("When a turn is chosen, behind enter", ("turn",)),
    ("When code waits for your answer", ("confirm", "editor")),
    ("When a file is about to change", ("write",)),
    ("After a thumbs-down", ("strip",)),
    ("When a correction is shown", ("candidate",)),
    ("In the review", ("review",)),
    ("In the review of an imported set", ("row",)),
)


class HelpScreen(ModalScreen[None]):
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 70%; }
    HelpScreen > VerticalScroll {
        width: 84; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
        background: $surface; border: round $accent; border-title-color: $accent; border-subtitle-color: $muted;
        scrollbar-size-vertical: 1; scrollbar-background: $surface; scrollbar-background-hover: $surface;
    }
    HelpScreen Static { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q,enter", "dismiss", show=False)]

    def __init__(self, keymap: dict[str, str]) -> None:
        super().__init__()
        self.keymap = keymap

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = Content("help")
            box.border_subtitle = Content("esc closes · ↑ ↓ scroll")
            yield Static(self._text())

    def _text(self) -> Content:
        lines: list[Content] = []
        for title, places in SECTIONS:
            lines += [Content.styled(title, "bold $secondary")]
            lines += [
                _row(keys_of(c, self.keymap), c.summary)
                for c in COMMANDS
                if c.where in places and keys_of(c, self.keymap)
            ]
            lines.append(Content(""))
        lines.append(Content.styled("Commands", "bold $secondary"))
        lines += [_row(_usage(c), c.summary) for c in COMMANDS if c.slash]
        lines += [
            Content(""),
            Content.styled('Any key can be changed in [keys] of config.toml: stop = "f10"', "$muted"),
        ]
        return Content("\n").join(lines)


def _usage(command: Command) -> str:
    return f"/{command.slash} {command.argument}".strip()


def _row(left: str, right: str) -> Content:
    return Content.assemble((f"  {left:<22} ", "$accent"), (right, "$foreground"))
