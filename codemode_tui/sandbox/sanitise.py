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
_HIDDEN_BLANKS = frozenset("\u2028\u2029\u115f\u1160\u3164\uffa0\u2800\u180b\u180c\u180d\u180e\u180f")
"""Separators that break lines where no one sees it, and letters that show nothing."""


def sanitise_text(text: str) -> str:
    """``text`` with every control, format, surrogate and private character made visible.

    Newline and tab stay; ``\\r\\n`` becomes a newline. A letter, an emoji or a combining mark stays as
    it is, variation selectors and joiners inside an emoji included.
    """
    if _ORDINARY.match(text):
        return text  # the common case, at C speed
    return _SUSPECT.sub(_visible, text.replace("\r\n", "\n"))


def visible_code(text: str) -> str:
    """Code for people to judge: like ``sanitise_text``, and a carriage return never hides a line."""
    return "".join(sanitise_text(part) + end for part, end in _lines(text))


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
    char = match.group()
    category = unicodedata.category(char)
    if category == "Cf" and char == "\u200d":
        # A joiner between two emoji is part of the picture; anywhere else it hides.
        before, after = (
            match.string[match.start() - 1 : match.start()],
            match.string[match.end() : match.end() + 1],
        )
        if before and after and ord(before) > 0x2190 and ord(after) > 0x2190:
            return char
    if category in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or char in _HIDDEN_BLANKS:
        return _escaped(char)
    return char


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _lines(text: str) -> list[tuple[str, str]]:
    parts = text.replace("\r\n", "\n").split("\n")
    return [(part, "\n") for part in parts[:-1]] + [(parts[-1], "")]
