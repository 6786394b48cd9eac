"""Styled lines: pieces of text with names of theme colours, wrapped by cells, turned into what is printed.

Everything in a piece has passed the sanitiser; whoever makes one sees to that.
"""

from __future__ import annotations

from collections.abc import Iterable

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.utils import get_cwidth

Piece = tuple[str, str]
"""Text, and its look: theme colours and ``bold``, ``italic``, ``underline``, ``strike``, separated by blanks."""
Line = list[Piece]

_ATTRIBUTES = frozenset({"bold", "italic", "underline", "strike", "reverse"})


def plain(line: Line) -> str:
    return "".join(text for text, _ in line)


def cells(line: Line) -> int:
    """Width on a terminal."""
    return sum(get_cwidth(text) for text, _ in line)


def fragments(lines: Iterable[Line]) -> StyleAndTextTuples:
    """What prompt_toolkit prints: a newline after every line."""
    found: StyleAndTextTuples = []
    for line in lines:
        found += [(look(style), text.expandtabs(4)) for text, style in line]
        found.append(("", "\n"))
    return found


def look(style: str) -> str:
    return " ".join(name if name in _ATTRIBUTES else f"class:{name}" for name in style.split())


def wrapped(line: Line, width: int, indent: str = "") -> list[Line]:
    """``line`` broken at blanks, each further line behind ``indent``; a longer word is broken anywhere.

    Joined with a blank at each break the lines say the same.
    """
    if cells(line) <= width:
        return [line]
    room = max(8, width)
    lines: list[Line] = [[]]
    used = 0
    for word, style in _words(line):
        for part in _cut(word, room - len(indent)):
            size = get_cwidth(part)
            if used + get_cwidth(part.rstrip()) > room and used:
                lines[-1] = _without_end(lines[-1])
                lines.append([(indent, "")] if indent else [])
                used = len(indent)
                part = part.lstrip(" ") if part.strip() else ""
                size = get_cwidth(part)
            if part:
                lines[-1].append((part, style))
                used += size
    if used > room:  # by the blanks at its end
        lines[-1] = _without_end(lines[-1])
    return lines


def _words(line: Line) -> Iterable[Piece]:
    """The pieces, each cut behind its blanks."""
    for text, style in line:
        begin = 0
        while begin < len(text):
            end = text.find(" ", begin)
            end = len(text) if end < 0 else end + 1
            yield text[begin:end], style
            begin = end


def _cut(word: str, width: int) -> Iterable[str]:
    if len(word) <= width and get_cwidth(word) <= width:
        yield word
        return
    part, used = "", 0
    for character in word:
        size = get_cwidth(character)
        if used + size > width and part:
            yield part
            part, used = "", 0
        part += character
        used += size
    yield part


def _without_end(line: Line) -> Line:
    if line and line[-1][0].endswith(" "):
        return [*line[:-1], (line[-1][0].rstrip(" "), line[-1][1])]
    return line
