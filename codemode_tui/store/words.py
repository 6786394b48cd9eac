"""What counts as a word in searches. Scripts that put no blanks between words are found by every part of them."""

from __future__ import annotations

import re

_APART = "\u200b"
"""Parts words for SQLite's tokenizer and has no width: what was said can be made out again."""
_ALONE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"  # Han, kana, Hangul
    "¦©®°\u2100-\u2bff\U0001f000-\U0001faff]"  # signs and emoji
)
_DRAWN = re.compile("[\ufe0e\ufe0f\u20e3]")
"""How an emoji, or a digit as a key, is to be drawn."""


def apart(text: str) -> str:
    """``text`` for the index, or a word of a query: each character of these is a word, several of them are a phrase."""
    return text if text.isascii() else _ALONE.sub(rf"{_APART}\g<0>{_APART}", _DRAWN.sub("", text))


def joined(text: str) -> str:
    """A piece of the index as it was said, but for how emoji are drawn."""
    return text.replace(_APART, "")
