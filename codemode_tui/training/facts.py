"""What an output says beside its wording: the values that another program for the same question would print, too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from codemode_tui.training.syntax import tree_of

_WORD = re.compile(r"(?:[^\s\"'`()\[\]{}<>,;|]|(?<=\d),(?=\d))+")
"""A comma between digits is part of a number (``1,024``); all others stand between words."""
_AROUND = ".:!?=*#-"
"""Signs at both ends of a word that say nothing."""
_VALUE = re.compile(r"\(\?<!\\w\)\(\?<!\\d\[\.,\]\)(.*?)\(\?!\\w\)\(\?!\[\.,\]\\d\)")
"""One value in a pattern, as ``_whole`` writes it."""
MOST = 24
"""Values of an output that are looked for; of a longer one, those at its beginning and at its end."""


def facts(output: str, codes: tuple[str, ...] = ()) -> list[str]:
    """The values in an output, in order: its words, but for the labels that the code itself put beside them.

    Where nothing else is left (``print("yes" if … else "no")``) the words are the values.
    """
    words = [word for word in _words(output) if word]
    labels = {word for code in codes for text in _labels(code) for word in _words(text)}
    found = [word for word in words if word not in labels] or words
    return found if len(found) <= MOST else found[: MOST // 2] + found[-(MOST // 2) :]


def constant(output: str, codes: tuple[str, ...]) -> bool:
    """Whether an output says nothing but texts that stand in the code: ``print("saved")``."""
    known = {word for code in codes for text in _texts(code) for word in _words(text)}
    return all(word in known for word in _words(output))


def pattern(output: str, codes: tuple[str, ...] = ()) -> str | None:
    """A regular expression for outputs with the same values: of one line in any order, of several in this order.

    None if there is no value. Linear in the output: no part of it is tried twice.
    """
    wanted = facts(output, codes)
    if not wanted:
        return None
    around, group = "(?:.|\\n)*?", "(?=" if "\n" not in output.strip() else "(?>"
    parts = [f"{around}{_whole(word)}" for word in wanted]
    if group == "(?=":  # each looks from the beginning: a value that comes again is looked for so often
        times = [sum(_same(word, other) for other in wanted[: at + 1]) for at, word in enumerate(wanted)]
        parts = [part if n == 1 else f"(?>{part}){{{n}}}" for part, n in zip(parts, times, strict=True)]
    return "(?i)\\A" + "".join(f"{group}{part})" for part in parts)


def values_of(pattern: str) -> list[str]:
    """The values that a pattern of ours looks for; none of a pattern that somebody else wrote."""
    return [re.sub(r"\\(.)", r"\1", match[1]) for match in _VALUE.finditer(pattern)]


def shared(answer: str, outputs: str) -> tuple[str, ...]:
    """Values that an answer takes from the outputs before it: what has a digit or looks like a name of a file."""
    there = set(facts(outputs))
    return tuple(dict.fromkeys(word for word in facts(answer) if word in there and telling(word)))


def telling(word: str) -> bool:
    """Whether a word is more than a word: a number, a path, an identifier."""
    return any(char.isdigit() for char in word) or any(sign in word.strip("._/") for sign in "._/")


def _whole(word: str) -> str:
    """This word and no part of a longer one; ``3`` is not found in ``3.5``, nor in ``-3``, but in ``2-3``."""
    unsigned = r"(?<!\A-)(?<!\W-)" if word[0].isdigit() else ""
    return rf"{unsigned}(?<!\w)(?<!\d[.,]){re.escape(word)}(?!\w)(?![.,]\d)"


def _same(word: str, other: str) -> bool:
    """As a pattern compares them."""
    return re.fullmatch(re.escape(word), other, re.IGNORECASE) is not None


def _words(text: str) -> Iterator[str]:
    """Words without what stands around them; the sign of a number stays."""
    for match in _WORD.finditer(text):
        bare = match[0].lstrip(_AROUND)
        signed = bare[:1].isdigit() and match[0].removesuffix(bare).endswith("-")
        yield ("-" if signed else "") + bare.rstrip(_AROUND)


def _texts(code: str) -> Iterator[str]:
    """All literal texts."""
    for node in _nodes(code):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _nodes(code: str) -> Iterator[ast.AST]:
    tree = tree_of(code)
    yield from ast.walk(tree) if tree is not None else ()


def _labels(code: str) -> Iterator[str]:
    """Texts that are printed beside something else: parts of f-strings, of sums, of ``print(a, b)``, of ``format``."""
    for node in _nodes(code):
        beside: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr):
            beside = [part for part in node.values if len(node.values) > 1]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            beside = [node.left, node.right]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            beside = node.args if len(node.args) > 1 else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            beside = [node.func.value]
        for part in beside:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value
