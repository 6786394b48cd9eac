"""Bindings made from the table of commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding, BindingType
from textual.keys import Keys

from codemode_tui.commands import COMMANDS, Where, at

# Most terminals send alt+enter as ESC CR, which Textual reads as enter: a new line would send what is half written.
cast("dict[str, tuple[Keys, ...]]", ANSI_SEQUENCES_KEYS)["\x1b\r"] = (Keys.ControlJ,)

BEHIND = frozenset(c.action for c in COMMANDS if c.where == "app") - {"help", "palette", "suspend", "interrupt", "quit"}
"""Actions that are about the conversation: not while a list or a page lies over it."""
_NONE = "no_key"
"""Names a key that no keyboard has."""


def keymap(keys: Mapping[str, str]) -> dict[str, str]:
    """``keys`` for Textual: where it is given no key for an action, it leaves the one that ships."""
    return {name: given or _NONE for name, given in keys.items()}


def bindings(where: Where, *, priority: bool = False) -> list[BindingType]:
    """The bindings of a place. ``priority`` keys act before the focused widget sees them."""
    return [Binding(c.keys, c.action, c.summary, show=False, priority=priority, id=c.id) for c in at(where)]
