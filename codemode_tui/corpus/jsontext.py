"""JSON that hides nothing: its strings are verbatim, and what no eye can see in them is spelt out (CONTRACT)."""

from __future__ import annotations

import re
import unicodedata

_SUSPECT = re.compile(r"[^\x20-\x7e\n]")


def escaped(text: str) -> str:
    """JSON text in which every character of category Cc, Cf, Cs or Co is ``\\u``-escaped. It means the same."""
    return text if text.isprintable() else _SUSPECT.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"):
        return char
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
