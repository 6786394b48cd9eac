"""Tasks of daily programming with a one-line way to do them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codemode_tui.bundled.recipe.fact_tables import rows

_DOUBLED = frozenset(
    [
        "get",
        "run",
        "put",
        "cut",
        "set",
        "split",
        "drop",
        "swap",
        "strip",
        "stop",
        "trim",
        "sum",
        "flip",
        "tag",
        "log",
        "skip",
        "quit",
        "plan",
        "debug",
        "unzip",
        "begin",
        "let",
        "chop",
        "zip",
        "wrap",
        "grab",
        "shut",
        "hop",
        "dig",
        "spot",
        "tar",
        "slip",
    ]
)
"""Verbs whose last letter is doubled."""


@dataclass(frozen=True)
class HowTo:
    """Something people want to do."""

    domain: str
    """``python``, ``git``, ``shell`` or ``general``."""
    where: tuple[str, ...]
    ways: tuple[str, ...]
    """Verb phrases: "read a file"."""
    answer: str
    told: tuple[str, ...] = ()
    """Whole sentences that tell of the trouble and leave the wish to be guessed: "I pushed a bad commit"."""


def gerund(phrase: str) -> str:
    """ "read a file" becomes "reading a file"."""
    verb, _, rest = phrase.partition(" ")
    if verb in _DOUBLED:
        verb += verb[-1] + "ing"
    elif re.search(r"[^eoy]e$", verb):
        verb = verb[:-1] + "ing"
    else:
        verb += "ing"
    return f"{verb} {rest}".rstrip()


def _how_tos(file: str) -> tuple[HowTo, ...]:
    found = []
    domain = ""
    where: tuple[str, ...] = ()
    for line in rows(file):
        if line.startswith("= "):
            domain, _, places = line[2:].partition(": ")
            where = tuple(places.split(", "))
            continue
        ways, mark, rest = line.partition(" :: ")
        answer, _, told = rest.partition(" :: ")
        if not (domain and mark):
            raise ValueError(f"{file}: cannot read {line!r}")
        found.append(HowTo(domain, where, tuple(ways.split(" | ")), answer, tuple(told.split(" | ")) if told else ()))
    return tuple(found)


HOW = _how_tos("how_tos.txt")
