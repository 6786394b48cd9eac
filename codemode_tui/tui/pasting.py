"""Pastes, taken out of what the terminal sends before Textual looks at it letter by letter.

Textual takes ten seconds for ten megabytes, and reads an escape sequence in a paste as keys: what
somebody copied from a page could press them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

from codemode_tui.front.pasting import Pasted, Pastes

_AFTER_ESCAPE = re.compile(r"\x1b\x1b(?:[\[O]([A-DFH])|\[(\d+)~)")
"""An arrow or another such key behind an escape that was read with it: with Option or Meta, in Terminal.app, in iTerm2
and in rxvt. Who presses escape and then an arrow has the two read one by one."""


class PasteParser(XTermParser):
    """Textual's parser of input, with pastes as a whole, and with what it takes for escape and another key as alt."""

    def __init__(self, debug: bool = False) -> None:
        self._pastes = Pastes()
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        if not data:
            yield from super().feed(data)
        for part in self._pastes.feed(data):
            if isinstance(part, Pasted):
                yield events.Paste(part.text.replace("\0", ""))
            else:
                yield from super().feed(_AFTER_ESCAPE.sub(_alt, part))


def _alt(keys: re.Match[str]) -> str:
    """As xterm writes it."""
    return f"\x1b[1;3{keys[1]}" if keys[1] else f"\x1b[{keys[2]};3~"


def install() -> None:
    """Let Textual's driver for terminals use ``PasteParser``: it has no other place to say so."""
    linux_driver.XTermParser = PasteParser  # type: ignore[attr-defined]  # its import is its only place
