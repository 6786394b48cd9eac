"""Bindings made from the table of commands."""

from __future__ import annotations

from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding, BindingType
from textual.keys import Keys

from codemode_tui.commands import Where, at

# Most terminals send alt+enter as ESC CR, which Textual reads as enter: a new line would send what is half written.
cast("dict[str, tuple[Keys, ...]]", ANSI_SEQUENCES_KEYS)["\x1b\r"] = (Keys.ControlJ,)


def bindings(where: Where, *, priority: bool = False) -> list[BindingType]:
    """The bindings of a place. ``priority`` keys act before the focused widget sees them."""
    return [Binding(c.keys, c.action, c.summary, show=False, priority=priority, id=c.id) for c in at(where)]
