"""The one gate between untrusted text and a terminal.

What comes from a model, a program, a file or a server may hold escape sequences, characters that turn
the reading direction, and characters that cannot be seen. Here each of them becomes something visible
and inert. Widgets and consoles do not do this (measured: ESC, C1 and bidi characters pass through).
"""

from __future__ import annotations

import codecs
import re
import unicodedata

_ORDINARY = re.compile(r"[\x20-\x7e\n\t]*\Z")
_SUSPECT = re.compile(r"[^\x20-\x7e\n\t]")
_HIDDEN = re.compile(
    "[\u2028\u2029\u115f\u1160\u3164\uffa0\u2800\u180b-\u180f\u034f\u17b4\u17b5\u2065\ufe00-\ufe0d\ufff0-\ufff8"
    "\U00016fe4\U0001d159\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
"""Separators that break lines where no one sees it; letters, marks and unassigned characters that show nothing."""
_MOST_MARKS = 8
"""Marks upon one letter that any script writes; a flood of them covers the lines around it."""


def sanitise_text(text: str) -> str:
    """``text`` with every control, format, surrogate and private character made visible.

    Newline and tab stay; ``\\r\\n`` becomes a newline. A letter, an emoji or a combining mark stays as
    it is, variation selectors and joiners inside an emoji included.
    """
    if _ORDINARY.match(text):
        return text  # the common case, at C speed
    return _SUSPECT.sub(_visible, text.replace("\r\n", "\n"))


visible_code = sanitise_text
"""Code for people to judge: a carriage return never hides a line."""


def one_line(text: str, limit: int = 200) -> str:
    """Sanitised, on one line, at most ``limit`` characters: for titles, toasts and errors."""
    line = " ".join(sanitise_text(text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


class OutputDecoder:
    """Bytes of a program to text, incrementally; what is not UTF-8 becomes U+FFFD."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes, *, final: bool = False) -> str:
        return self._decoder.decode(data, final)


def _visible(match: re.Match[str]) -> str:
    char, text, at = match.group(), match.string, match.start()
    category = unicodedata.category(char)
    if char == "\u200d":
        # A joiner between two emoji is part of the picture; anywhere else it hides.
        return char if _picture(text, at - 1) and _picture(text, at + 1) else _escaped(char)
    if category in ("Cc", "Cf", "Cs", "Co") or _HIDDEN.match(char):
        return _escaped(char)
    if char in "\ufe0e\ufe0f":
        chosen = text[at - 1 : at] in ("\u2139", "\u3030") or _selects(text, at, ("So", "Sm", "Sk", "Po", "Nd"))
        return char if chosen else _escaped(char)
    if "\U000e0100" <= char <= "\U000e01ef":  # another shape of an ideograph; a row of them can carry a hidden text
        return char if _selects(text, at, ("Lo",)) else _escaped(char)
    if category in ("Mn", "Me") and _marks(text[max(0, at - _MOST_MARKS) : at]) == _MOST_MARKS:
        return _escaped(char)
    return char


def _picture(text: str, at: int) -> bool:
    """An emoji stands there, or the sign that selects its coloured shape."""
    char = text[at : at + 1] if at >= 0 else ""
    if char == "\ufe0f":
        return _picture(text, at - 1)
    # Emoji that are younger than this Python's tables count as unassigned.
    return char > "\u2190" and (
        unicodedata.category(char) in ("So", "Sm", "Sk") or "\U0001f000" <= char <= "\U0001faff"
    )


def _selects(text: str, at: int, categories: tuple[str, ...]) -> bool:
    return at > 0 and not _HIDDEN.match(text[at - 1]) and unicodedata.category(text[at - 1]) in categories


def _marks(text: str) -> int:
    return sum(unicodedata.category(char) in ("Mn", "Me") for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
