"""Keys as people write them, and who has which."""

from __future__ import annotations

import sys

from codemode_tui.commands import COMMANDS, Command, Front, unfit
from codemode_tui.commands import command as find

_NAMES = {
    "escape": "esc", "enter": "enter", "pageup": "page up", "pagedown": "page down", "up": "↑", "down": "↓",
    "underscore": "_", "slash": "/",
}  # fmt: skip
EVERYWHERE = ("app", "chat", "scroll")
MAC = sys.platform == "darwin"
"""As its terminals ship, Option is not Meta: alt+enter arrives as enter."""


def spelled(keys: str) -> str:
    """``escape,ctrl+j`` as ``esc / ctrl+j``; of more than two the first two."""
    return " / ".join([_spelled(key.strip()) for key in keys.split(",") if key.strip()][:2])


def first_key(name: str, keymap: dict[str, str]) -> str:
    """The key to name in a hint, as the user has mapped it: on a Mac one without alt, if any; without one the slash
    name."""
    command = find(name)
    slash = f"/{command.slash}" if command.slash else "no key"
    keys = [key.strip() for key in keymap.get(name, command.keys).split(",")]
    return _spelled(min(keys, key=lambda key: MAC and "alt+" in key)) or slash


def keys_of(command: Command, keymap: dict[str, str]) -> str:
    return spelled(keymap.get(command.id, command.keys))


def clash(name: str, key: str, keymap: dict[str, str], front: Front = "tui") -> str:
    """Why ``key`` cannot be the key of this command; empty when it can."""
    mine = find(name).where
    if why := unfit(name, key):
        return why
    for other in COMMANDS:
        together = other.where == mine or other.where in EVERYWHERE or mine in EVERYWHERE
        if other.id != name and together and other.can(front) and key in other.keys_in(front, keymap).split(","):
            return f"{_spelled(key)} is taken: {other.summary}"
    return ""


def _spelled(key: str) -> str:
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, _NAMES.get(last, last)])
