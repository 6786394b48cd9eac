"""Other words of the same meaning, from ``synonyms.txt``, put into a question whose ``{slots}`` are not filled yet."""

from __future__ import annotations

import functools
import random
import re
from pathlib import Path

from codemode_tui.bundled.recipe.grammar import sections, with_brackets

FILE = Path(__file__).with_name("synonyms.txt")
_SLOT = re.compile(r"\{\w+\}")
_MARKS = ",;.?!"
_LITERAL = re.compile(r"[:\"`]|(?<!\w)'")
"""From here on, words may be quoted, or what is to be written."""
_LEANING = re.compile(
    r"(a|an|and|any|as|at|by|each|every|for|in|into|is|of|on|or|than|that|the|to|under|which|with|\w+'s)$"
)
"""Words that need another one after them: a group that ends with one is none at the end of a sentence."""
_HOW_MANY = (1, 1, 1, 2, 2, 3)


@functools.cache
def table() -> dict[str, tuple[str, ...]]:
    """What may stand for words (in small letters); nothing for those that are to stay.

    Raises:
        ValueError: words that stand in two groups, or a group without words or with another number of slots.
    """
    found: dict[str, tuple[str, ...]] = {}
    for line in FILE.read_text("utf-8").splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        known, _, more = line.partition(" > ")
        both = known.split(" | ")
        others = [words.removeprefix("^") for words in both + (more.split(" | ") if more else [])]
        if not all(others) or len({words.split().count("{}") for words in others}) > 1:
            raise ValueError(f"{FILE.name}: cannot read {line!r}")
        for words in both:
            if words.lower() in found:
                raise ValueError(f"{FILE.name}: {words!r} is there twice")
            found[words.lower()] = tuple(other for other in others if other != words.removeprefix("^"))
    return found


@functools.cache
def _longest() -> int:
    return max(len(words.split()) for words in table())


def reworded(r: random.Random, text: str) -> str:
    """``text`` with one to three words or groups of words changed for others of the same meaning, if it has any."""
    literal = _LITERAL.search(text)
    words = text.split(" ")
    last = len(text[: literal.start()].split(" ")) - 1 if literal else len(words)
    places = [place for place in _groups(words[:last]) if place[2]]
    for start, end, others in sorted(r.sample(places, min(r.choice(_HOW_MANY), len(places))), reverse=True):
        old = words[start:end]
        new = r.choice(others)
        for word in old:
            if slot := _SLOT.search(word):
                new = new.replace("{}", slot[0])
        if old[0][0].isupper() and (start == 0 or words[start - 1][-1] in _MARKS):
            new = new[0].upper() + new[1:]
        new += old[-1][len(old[-1].rstrip(_MARKS)) :]
        words[start:end] = new.split(" ")
        if start and words[start - 1].lower() in ("a", "an") and words[start][0] != "{":
            words[start - 1] = words[start - 1][0] + ("n" if words[start][0] in "aeiou" else "")
    return " ".join(words)


def _groups(words: list[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    """Where groups of the table stand, the longest at each place, and what may be there instead."""
    bare = [_SLOT.sub("{}", word.rstrip(_MARKS).lower()) for word in words]
    found = []
    start = 0
    while start < len(words):
        first = start == 0 or words[start - 1][-1:] in (".", "?", "!")
        whole = start + 1
        while whole < len(words) and words[whole - 1] and words[whole - 1][-1] not in _MARKS:
            whole += 1
        for end in range(min(whole, start + _longest()), start, -1):
            group = " ".join(bare[start:end])
            others = table().get("^" + group) if first else None
            others = table().get(group) if others is None else others
            if others is not None and not (end == whole and _LEANING.match(bare[end - 1])):
                found.append((start, end, others))
                start = end
                break
        else:
            start += 1
    return found


@functools.cache
def _held_back(section: str) -> re.Pattern[str]:
    """What the phrasings of ``section`` that are kept for measuring look like, spaces and marks left out."""
    return re.compile("|".join(f"(?:{_pattern(line)})" for line in sections()[section].held), re.I)


def _pattern(template: str) -> str:
    parts = re.split(r"(\{\w+\}|[()|])", _bare(template))
    signs = {"(": "(?:", ")": ")", "|": "|"}
    return "".join(".*" if _SLOT.fullmatch(p) else signs.get(p) or re.escape(with_brackets(p)) for p in parts)


def _bare(text: str) -> str:
    return re.sub(rf"[\s{_MARKS}]+", "", text)


def measured(section: str, text: str) -> bool:
    """Whether ``text`` reads like a phrasing of ``section`` that is kept for measuring, spaces and marks aside."""
    return _held_back(section).fullmatch(_bare(text)) is not None
