"""Grammars of phrasings, in text files that people can read and add to.

A file under ``phrasings/`` holds sections. ``[name]`` opens one; each line below it is one way of asking: ``(a|b|)``
is a choice (``\\(`` and ``\\)`` are brackets), ``<name>`` a macro, ``{name}`` a slot that the task fills in.
``<name> = a|b`` defines a macro for all files. A line that begins with ``! `` is kept for measuring; training never
sees it. ``#`` is a comment.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "phrasings"
_CHOICE = re.compile(r"\(([^()]*)\)")
_BRACKETS = {"\\(": "\x01", "\\)": "\x02"}
"""Those that are meant: out of the way, until all is chosen."""
_MACRO = re.compile(r"<([a-z_]+)>")
_DEFINITION = re.compile(r"<([a-z_]+)>\s*=\s*(.*)")


@dataclass
class Section:
    """The ways of asking one thing."""

    lines: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    """Only for measuring."""


@functools.cache
def sections() -> dict[str, Section]:
    """Every section of every file, macros expanded.

    Raises:
        ValueError: a name that is used twice, an unknown macro, or a section without a line of either kind.
    """
    macros: dict[str, str] = {}
    found: dict[str, Section] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        current = None
        for line in path.read_text("utf-8").splitlines():
            line = line.strip()
            for written, kept in _BRACKETS.items():
                line = line.replace(written, kept)
            if not line or line.startswith("#"):
                continue
            if definition := _DEFINITION.fullmatch(line):
                if definition[1] in macros:
                    raise ValueError(f"{path.name}: <{definition[1]}> is defined twice")
                macros[definition[1]] = definition[2]
            elif line.startswith("[") and line.endswith("]"):
                if line[1:-1] in found:
                    raise ValueError(f"{path.name}: section {line} is there twice")
                current = found.setdefault(line[1:-1], Section())
            elif current is None:
                raise ValueError(f"{path.name}: a line before the first section: {line}")
            elif line.startswith("! "):
                current.held.append(line[2:])
            else:
                current.lines.append(line)
    for name, section in found.items():
        if not section.lines or not section.held:
            raise ValueError(f"[{name}] needs lines of both kinds")
        section.lines = [_written_out(line, macros) for line in section.lines]
        section.held = [_written_out(line, macros) for line in section.held]
    return found


def choose(r: random.Random, name: str, *, held: bool) -> str:
    """One way of asking ``name``, slots unfilled."""
    section = sections()[name]
    return expand(r, r.choice(section.held) if held else r.choices(section.lines, cum_weights=_weights(name))[0])


@functools.cache
def _weights(name: str) -> list[float]:
    """For each line, summed up: one with many branches stands for many ways of asking, most of them plain ones."""
    return list(itertools.accumulate(1 + math.log2(_branches(line)) / 4 for line in sections()[name].lines))


def _branches(template: str) -> int:
    """About how many texts a template has."""
    found = 1
    while match := _CHOICE.search(template):
        found *= match[1].count("|") + 1
        template = template[: match.start()] + template[match.end() :]
    return found


def expand(r: random.Random, template: str) -> str:
    """Choose one branch of every ``(a|b|)`` in ``template``, innermost first."""
    while match := _CHOICE.search(template):
        template = template[: match.start()] + r.choice(match[1].split("|")) + template[match.end() :]
    return with_brackets(re.sub(r" ([,.?!:;])(?=\s|$)", r"\1", " ".join(template.split())))


def with_brackets(text: str) -> str:
    """With the brackets that are meant, where no choice is left."""
    return text.replace("\x01", "(").replace("\x02", ")")


def _written_out(line: str, macros: dict[str, str]) -> str:
    for _ in range(9):
        if not _MACRO.search(line):
            break
        try:
            line = _MACRO.sub(lambda found: f"({macros[found[1]]})", line)
        except KeyError as error:
            raise ValueError(f"unknown macro <{error.args[0]}> in {line!r}") from None
    if line.count("(") != line.count(")"):
        raise ValueError(f"brackets do not match in {line!r}")
    return line
