"""Keys and commands, from the table of commands."""

from __future__ import annotations

from textwrap import fill, indent, wrap

from textual import events
from textual.content import Content
from textual.widgets import Static

from codemode_tui.commands import COMMANDS, Command
from codemode_tui.front.keys import keys_of
from codemode_tui.help.tables import SECTIONS
from codemode_tui.help.topics import titles
from codemode_tui.tui.page import Page, breadth

WAYS = 27
"""Cells of the left column."""
NARROW = 55
"""Cells of a line: in less the text stands below its key."""
FRAME = 7
"""Cells of a page around its text: border, padding, scroll bar."""


class HelpScreen(Page):
    def __init__(self, keymap: dict[str, str]) -> None:
        super().__init__("help", _text(keymap))
        self.keymap = keymap

    def on_resize(self, event: events.Resize) -> None:
        """What is too long for a line goes on below itself, not below the key."""
        room = breadth(event.size.width, 84) - FRAME
        for shown in self.query(Static):  # none once it is closed
            shown.update(_text(self.keymap, room))


def _text(keymap: dict[str, str], room: int = 107) -> Content:
    """``room``: cells of a line."""
    lines: list[Content] = []
    for title, places in SECTIONS:
        keyed = [c for c in COMMANDS if c.where in places and keys_of(c, keymap)]
        lines += [Content.styled(title, "bold $secondary"), *(_row(keys_of(c, keymap), c.summary, room) for c in keyed)]
        lines.append(Content(""))
    lines.append(Content.styled("Commands", "bold $secondary"))
    lines += [_row(_usage(c), c.summary, room) for c in COMMANDS if c.slash]
    lines += [Content(""), Content.styled("To read", "bold $secondary")]
    lines += [_row(f"/help {name}", title, room) for name, title in titles().items()]
    lines += [Content(""), Content.styled("/keymap changes a key; it is kept in [keys] of config.toml", "$muted")]
    return Content("\n").join(lines)


def _usage(command: Command) -> str:
    return f"/{command.slash} {command.argument}".strip()


def _row(left: str, right: str, room: int) -> Content:
    if room < NARROW:
        below = indent(fill(right, max(8, room - 4)), " " * 4)
        return Content.assemble((f"  {left}\n", "$accent"), (below, "$foreground"))
    longer = " " * max(0, len(left) - (WAYS - 3))
    lines = f"\n{' ' * WAYS}".join(wrap(right, room - WAYS, initial_indent=longer)).lstrip()
    return Content.assemble((f"  {left:<{WAYS - 3}} ", "$accent"), (lines, "$foreground"))
