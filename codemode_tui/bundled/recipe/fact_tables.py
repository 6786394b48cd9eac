"""Tables of what the model knows by heart, in text files that people can read and add to (folder ``facts/``).

A line ``= kind: where, where`` opens a group, ``forms :: answer`` is one subject. Its forms are ways to name it:
``*word`` is countable (a word, words), ``+words`` plural, ``name()`` a function, ``~name()`` a method, ``'word`` a
keyword, ``.name`` a module, ``!Name`` an error, ``$name`` a command; anything else stands as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "facts"
_VOWEL_LETTERS = "FHLMNRSX"
"""Letters whose names begin with a vowel: an LLM, an XML file."""


@dataclass(frozen=True)
class Form:
    """One way to name a subject."""

    text: str
    """As it stands in a sentence: "a decorator"."""
    bare: str
    """Without an article: "decorator"."""
    plural: bool = False


@dataclass(frozen=True)
class Concept:
    """A subject with its answer."""

    kind: str
    """``noun``, ``code``, ``tool`` or ``command``; decides what may be asked about it."""
    where: tuple[str, ...]
    """Words that may follow, such as "in Python"."""
    forms: tuple[Form, ...]
    answer: str


def concepts(file: str) -> tuple[Concept, ...]:
    """All subjects of a file.

    Raises:
        ValueError: a line that cannot be read.
    """
    found = []
    kind = ""
    where: tuple[str, ...] = ()
    for line in rows(file):
        if line.startswith("= "):
            kind, _, places = line[2:].partition(": ")
            where = tuple(places.split(", "))
            continue
        names, mark, answer = line.partition(" :: ")
        if not (kind and mark):
            raise ValueError(f"{file}: cannot read {line!r}")
        found.append(Concept(kind, where, tuple(f for name in names.split(" | ") for f in _forms(name)), answer))
    return tuple(found)


@dataclass(frozen=True)
class Pair:
    """Two subjects that people mix up."""

    first: tuple[Form, ...]
    second: tuple[Form, ...]
    answer: str
    traits: tuple[str, ...]
    """What one of them does and the other does not: "which one drops duplicates"."""


def pairs(file: str) -> tuple[Pair, ...]:
    """All pairs of a file.

    Raises:
        ValueError: a line that cannot be read.
    """
    found = []
    for line in rows(file):
        names, mark, rest = line.partition(" :: ")
        sides = [tuple(f for name in side.split(" | ") for f in _forms(name)) for side in names.split(" / ")]
        if not mark or len(sides) != 2:
            raise ValueError(f"{file}: cannot read {line!r}")
        answer, _, traits = rest.partition(" :: ")
        found.append(Pair(sides[0], sides[1], answer, tuple(traits.split("; ")) if traits else ()))
    return tuple(found)


def questions(file: str) -> list[tuple[list[str], str]]:
    """Whole questions, or descriptions, with the answer to all of them."""
    split = (line.partition(" :: ") for line in rows(file))
    return [(ways.split(" | "), answer) for ways, _, answer in split]


def samples(file: str) -> list[tuple[list[Form], str]]:
    """Subjects with a piece of code, in which ``\\n`` stands for a new line."""
    split = (line.partition(" :: ") for line in rows(file))
    return [
        ([f for name in names.split(" | ") for f in _forms(name)], code.replace("\\n", "\n"))
        for names, _, code in split
    ]


def rows(file: str) -> list[str]:
    """The lines of a file without comments and empty ones."""
    lines = (line.strip() for line in (FOLDER / file).read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("# ")]


def article(noun: str) -> str:
    """ "a list", "an API", "a user"."""
    first = noun.split()[0]
    if (first.isupper() and len(first) > 1) or re.match(r"[A-Z]{2}", first):
        vowel = first[0] in _VOWEL_LETTERS + "AEIO" and first != "README"
    else:
        vowel = first[0].lower() in "aeio" or first.startswith(("un", "up", "f-"))
        if first.startswith(("uni", "one", "euro")) and not first.startswith("unim"):
            vowel = False
    return f"{'an' if vowel else 'a'} {noun}"


def plural(noun: str) -> str:
    """ "lists", "dictionaries", "processes"."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|z|[^o]ch|sh)$", noun) else "s")


def _forms(name: str) -> list[Form]:
    if "*" in name and (name[0] == "*" or " *" in name) and not re.fullmatch(r"\*+\w*args|.*\*args", name):
        noun = name.replace("*", "", 1)
        return [Form(article(noun), noun), Form(plural(noun), noun, True), Form(article(noun), noun)]
    if name[0] == "+" or " +" in name:
        noun = name.replace("+", "", 1)
        return [Form(noun, noun, True)]
    rest = name[1:]
    if name[0] == "~":
        word = rest.removesuffix("()")
        return [Form(n, n) for n in (rest, f"the {word} method", f".{rest}", f"the {rest} method", word)]
    if name[0] == "'":
        return [Form(n, n) for n in (rest, f"the {rest} keyword", f"the {rest} statement", rest, f"the keyword {rest}")]
    if name[0] == "!":
        return [
            Form(rest, rest),
            Form(article(rest), rest),
            Form(f"the {rest} exception", rest),
            Form(f"{rest}s", rest, True),
        ]
    if name[0] == "$":
        return [Form(n, n) for n in (rest, f"the {rest} command", f"the command {rest}")]
    if re.fullmatch(r"\.[\w]+", name):
        return [Form(n, n) for n in (rest, f"the {rest} module", rest, f"the module {rest}")]
    if name.startswith(".") and name.endswith(" module"):
        return [Form(f"the {rest}", rest), Form(f"Python's {rest}", rest)]
    if name.endswith("()"):
        word = name.removesuffix("()")
        return [
            Form(n, n)
            for n in (name, word, f"the {word} function", f"the {name} function", f"the function {word}", name)
        ]
    return [Form(name, re.sub(r"^(the|an?) ", "", name), " and " in name)]
