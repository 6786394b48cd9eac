"""The one table of interactive commands: palette, slash commands, keys and help are made from it."""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    id: str
    """Name of the action, of the setting below ``[keys]``, and of the slash command."""
    summary: str
    keys: str = ""
    """Default keys, separated by commas; empty if it has none."""
    slash: bool = True
    """Whether ``/id`` works; what only makes sense as a key does not."""
    footer: str = ""
    """Word for the status line, empty if it is not shown there."""


COMMANDS: tuple[Command, ...] = (
    Command("help", "keys and commands", "f1", footer="help"),
    Command("stop", "stop the running turn", "escape", slash=False),
    Command("thumbs_down", "mark a turn as wrong: the focused one, else the last (again takes it back)", "ctrl+g",
            footer="👎"),
    Command("thumbs_up", "mark a turn as right (again takes it back)", "alt+g"),
    Command("raw", "the model's own words for a turn, verbatim", "f2"),
    Command("copy", "copy the answer, or the code if there is none", "f3"),
    Command("new", "begin a new conversation", "f4"),
    Command("restart", "start the engine again", "f5"),
    Command("model", "which model answers, and how it is used"),
    Command("theme", "choose a theme", "f6"),
    Command("turn_up", "focus the turn before", "alt+up", slash=False),
    Command("turn_down", "focus the turn after", "alt+down", slash=False),
    Command("quit", "quit; what was said is stored", "ctrl+q"),
)  # fmt: skip


def find(name: str) -> Command | None:
    """The slash command of that name (with or without its slash, ``-`` for ``_``)."""
    wanted = name.lstrip("/").replace("-", "_")
    return next((command for command in COMMANDS if command.slash and command.id == wanted), None)


def matching(text: str) -> list[Command]:
    """Slash commands that begin like ``text``; none unless it begins with a slash and is one word."""
    if not text.startswith("/") or any(c.isspace() for c in text):
        return []
    return [command for command in COMMANDS if command.slash and command.id.startswith(text[1:].replace("-", "_"))]


def shown_key(keys: str) -> str:
    """The first of ``keys`` as people write it: ``^g``, ``F1``, ``alt+↑``."""
    key = keys.split(",")[0].strip()
    arrows = {"up": "↑", "down": "↓", "left": "←", "right": "→", "escape": "esc"}
    *modifiers, last = key.split("+")
    last = arrows.get(last, last.upper() if last.startswith("f") and last[1:].isdigit() else last)
    if modifiers == ["ctrl"]:
        return f"^{last}"
    return "+".join([*modifiers, last])
