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
_SPELLING = re.compile(
    # England, Scotland and Wales; Arabic signs that are drawn around what follows
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
    "|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd])|" + _SUSPECT.pattern
)
_OTHER_BLANK = re.compile(r"[^\S ]")
_WITHIN_WORDS = re.compile("[\u00ad\u034f\u180b-\u180f\u200b-\u200d\u2060]")
"""Joiners, hyphens and breaks that show nothing, and that a word in Persian, Sinhala, Khmer or German may need."""
_SIGNS = frozenset("\u00a9\u00ae\u203c\u2049\u2122\u2139\u3030")
"""Older than emoji, and drawn as one where a selector follows."""
_KEYCAP = re.compile("[0-9#*][\ufe0e\ufe0f]\u20e3")
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


def visible_prose(text: str) -> str:
    """Words that are sent or kept as they stand: ``sanitise_text``, but what their spelling needs is left alone.

    That is drawn as it is, and shows nothing or what it stands for. What acts on a terminal, turns the reading
    direction or can carry a hidden text becomes visible here too.
    """
    if _ORDINARY.match(text):
        return text
    return _SPELLING.sub(_visible_unless_spelling, text.replace("\r\n", "\n"))


def restored(edited: str, original: str, shown: str) -> str:
    """``edited``, which began as ``shown``, with the characters of ``original`` that were escaped in that.

    What was left as it stood has not been changed. Where ``original`` itself spells the same escape out, nobody can
    tell the two apart, and both stay as they are written.
    """
    if edited == shown:
        return original
    for char in dict.fromkeys(_SUSPECT.findall(original)):
        escape = _escaped(char)
        if escape in shown and escape not in original:
            edited = edited.replace(escape, char)
    return edited


def one_line(text: str, limit: int = 200) -> str:
    """Sanitised, on one line, at most ``limit`` characters: for titles, toasts and errors."""
    line = " ".join(sanitise_text(text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def one_name(text: str, limit: int) -> str:
    """A name or a path, as ``one_line``: each of its blanks counts, and what only looks like one is shown."""
    name = _OTHER_BLANK.sub(lambda found: _escaped(found.group()), sanitise_text(text[:limit]))
    return name if len(name) <= limit and len(text) <= limit else name[: limit - 1] + "…"


class OutputDecoder:
    """Bytes of a program to text, incrementally; what is not UTF-8 becomes U+FFFD."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes, *, final: bool = False) -> str:
        return self._decoder.decode(data, final)


def _visible(match: re.Match[str]) -> str:
    return _shown(match.string, match.start())


def _visible_unless_spelling(match: re.Match[str]) -> str:
    text, at = match.string, match.start()
    return match.group() if match.group(1) or _within_word(text, at) else _shown(text, at)


def _within_word(text: str, at: int) -> bool:
    """What shows nothing stands behind a letter or a mark that is shown; it must not make room for more marks."""
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if not before or not _WITHIN_WORDS.match(text[at]) or _HIDDEN.match(before):
        return False
    category = unicodedata.category(before)
    if category.startswith("M"):
        return not _marks(after) and _shown(text, at - 1) == before
    return category.startswith("L")


def _shown(text: str, at: int) -> str:
    """The character there, or its escape."""
    char = text[at]
    category = unicodedata.category(char)
    if char == "\u200d":
        # A joiner between two emoji is part of the picture; anywhere else it hides.
        return char if _picture(text, at - 1) and _picture(text, at + 1) else _escaped(char)
    if category in ("Cc", "Cf", "Cs", "Co") or _HIDDEN.match(char):
        return _escaped(char)
    if char in "\ufe0e\ufe0f":
        before = text[at - 1 : at] if at else ""
        return char if before in _SIGNS or _emoji(before) or _KEYCAP.match(text, at - 1) else _escaped(char)
    if "\U000e0100" <= char <= "\U000e01ef":  # another shape of an ideograph; a row of them can carry a hidden text
        chosen = at > 0 and not _HIDDEN.match(text[at - 1]) and unicodedata.category(text[at - 1]) == "Lo"
        return char if chosen else _escaped(char)
    if category in ("Mn", "Me") and _marks(text[max(0, at - _MOST_MARKS) : at]) == _MOST_MARKS:
        return _escaped(char)
    return char


def _picture(text: str, at: int) -> bool:
    """An emoji stands there, or the sign that selects its coloured shape."""
    at -= text[at : at + 1] == "\ufe0f"
    return at >= 0 and _emoji(text[at : at + 1])


def _emoji(char: str) -> bool:
    # Emoji that are younger than this Python's tables count as unassigned.
    return char > "\u2190" and (
        unicodedata.category(char) in ("So", "Sm", "Sk") or "\U0001f000" <= char <= "\U0001faff"
    )


def _marks(text: str) -> int:
    return sum(unicodedata.category(char) in ("Mn", "Me") for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
