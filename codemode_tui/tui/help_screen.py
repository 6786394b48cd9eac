"""Keys and commands, from the table of commands."""

from __future__ import annotations

from textual.content import Content

from codemode_tui.commands import COMMANDS, Command
from codemode_tui.front.keys import keys_of
from codemode_tui.help.tables import SECTIONS
from codemode_tui.help.topics import titles
from codemode_tui.tui.page import Page


class HelpScreen(Page):
    def __init__(self, keymap: dict[str, str]) -> None:
        super().__init__("help", _text(keymap))


def _text(keymap: dict[str, str]) -> Content:
    lines: list[Content] = []
    for title, places in SECTIONS:
        keyed = [c for c in COMMANDS if c.where in places and keys_of(c, keymap)]
        lines += [Content.styled(title, "bold $secondary"), *(_row(keys_of(c, keymap), c.summary) for c in keyed)]
        lines.append(Content(""))
    lines.append(Content.styled("Commands", "bold $secondary"))
    lines += [_row(_usage(c), c.summary) for c in COMMANDS if c.slash]
    lines += [Content(""), Content.styled("To read", "bold $secondary")]
    lines += [_row(f"/help {name}", title) for name, title in titles().items()]
    lines += [Content(""), Content.styled("/keymap changes a key; it is kept in [keys] of config.toml", "$muted")]
    return Content("\n").join(lines)


def _usage(command: Command) -> str:
    return f"/{command.slash} {command.argument}".strip()


def _row(left: str, right: str) -> Content:
    return Content.assemble((f"  {left:<24} ", "$accent"), (right, "$foreground"))
