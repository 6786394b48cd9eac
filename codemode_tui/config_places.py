"""Where in a TOML file each key stands: for errors that name the line, and for edits that leave the rest alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_HEADER = re.compile(rf"\s*\[\[?\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")


class Place(NamedTuple):
    """An assignment, or the header of a table. Lines count from 0; ``last`` is one of its own."""

    key: str
    """Dotted, from the root."""
    first: int
    last: int
    header: bool


def places(text: str) -> list[Place]:
    """All headers and assignments of a file that is valid TOML, from the top."""
    found: list[Place] = []
    table = ""
    lines, number = lines_of(text), 0
    while number < len(lines):
        line, first = lines[number], number
        if header := _HEADER.match(line):
            table = plain_key(header[1])
            found.append(Place(table, number, number, True))
        elif key := _KEY.match(line):
            while _open(line) and number + 1 < len(lines):
                number += 1
                line += f"\n{lines[number]}"
            found.append(Place(f"{table}.{plain_key(key[1])}".lstrip("."), first, number, False))
        number += 1
    return found


def lines_of(text: str) -> list[str]:
    """The lines of a file as TOML ends them: ``str.splitlines`` also breaks at signs that a comment may hold."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def numbered(file: Path | None, problems: Iterable[str]) -> list[str]:
    """``group.key: what is wrong`` as ``line 7: group.key: what is wrong``, in the order of the file.

    What stands nowhere (a key that is missing) keeps its words and comes last.
    """
    try:
        known = {place.key: place.first + 1 for place in reversed(places(file.read_text("utf-8-sig")))} if file else {}
    except (OSError, ValueError, RecursionError):
        known = {}
    found = [(_line(problem.partition(": ")[0], known), problem) for problem in problems]
    found.sort(key=lambda one: one[0] or 1 << 30)
    return [f"line {line}: {problem}" if line else problem for line, problem in found]


def plain_key(key: str) -> str:
    """``"prompt.send"`` and ``prompt . send`` as ``prompt.send``."""
    return ".".join(part.strip("\"'") for part in re.findall(_PART, key))


def _open(text: str) -> bool:
    """Whether the assignment goes on below: an array or a long string that has not been closed."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return "at end of document" in str(error)
    return False


def _line(key: str, known: dict[str, int]) -> int:
    """Of the key itself, of what stands below it, or of the inline table that holds it; 0 for none."""
    below = (line for name, line in known.items() if name.startswith(f"{key}."))
    if line := known.get(key) or min(below, default=0):
        return line
    holder = key.rpartition(".")[0]
    return _line(holder, known) if holder else 0
