"""What an output says beside its wording: the values that another program for the same question would print, too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from codemode_tui.protocol.python import tree_of

_WORD = re.compile(r"(?:[^\s\"'`()\[\]{}<>,;|]|(?<=\d),(?=\d))+")
"""A comma between digits is part of a number (``1,024``); all others stand between words."""
_AROUND = ".:!?=*#-"
"""Signs at both ends of a word that say nothing."""
_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
_UNITS = "$€£%~+"
"""Signs close to a number that another wording may leave out."""
_SIGNS = re.escape(_AROUND)
_APART = r"[\s\"'`()\[\]{}<>;|]|(?<!\d),|,(?!\d)"
"""What stands between words, as ``_WORD`` sees it."""
_BEGIN = rf"(?:\A|{_APART}|(?<=[^\W\d])[:=])"
"""Where a word begins: also behind a label, ``newest=a.md``."""
_END = rf"(?=/?[{_SIGNS}]*(?:{_APART}|\Z)|(?<=[^\W\d])[:=]\d)"
"""Where a word ends: also where a number follows it, ``a.md:3``; ``src/`` is ``src``."""
_IN_WORDS = (rf"{_BEGIN}(?:\./)?[{_SIGNS}]*", _END)
"""What stands around a value that is a word or a name: no part of a longer one."""
_IN_NUMBERS = (r"(?<![\w/\\])(?<!\w\.)(?<!\d[,:](?=\d))", r"(?![\w/\\])(?!\.\w)(?![,:]\d)")
"""What stands around a value that is a number: a unit may be close to it; ``3`` is in ``2-3``, not in ``1/3``."""
_UNSIGNED = r"(?<!\A-)(?<!\W-)"
_VALUE = re.compile(
    "|".join(
        rf"{re.escape(before)}(?:{re.escape(_UNSIGNED)})?(.*?){re.escape(after)}"
        for before, after in (_IN_WORDS, _IN_NUMBERS)
    )
)
"""One value in a pattern, as ``_whole`` writes it."""
_OTHERS = {
    "number": (rf"{_BEGIN}(?:[{_SIGNS.replace(re.escape('-'), '')}]|-(?!\d))*+", rf"{_NUMBER.pattern}{_END}"),
    "name": (
        rf"{_BEGIN}(?:\./)?+[{_SIGNS}]*+",
        r"(?=[^\s\"'`()\[\]{}<>,;|:=]*[^\W\d_])[^\s\"'`()\[\]{}<>,;|:=]*?[^\W_][._/]+[^\W_]",
    ),
}
"""How any value of a kind is found: what stands before it, and itself."""
_ANYTHING = "(?s:.*?)"
ALONE = "(?i)\\A(?>(?s:.*)"
"""How a pattern begins whose value no other of its kind may stand beside."""
IN_ORDER = f"(?i)\\A(?>{_ANYTHING}"
"""How a pattern begins whose values come one after the other."""
_BETWEEN = r"[\s\"'`()\[\]<>,;|.!?*#-]+"
"""What stands between values of which no word says which is which."""
_LABELLED = re.compile(r"[^\W\d][:=]\w")
"""Where a word is a value with its label: ``files=3``."""
_ITEM = re.compile(r"^[ \t]*\d+[.)][ \t]+(.*)", re.MULTILINE)
"""What a numbered list says behind a number."""
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
    """A regular expression for outputs with the same values: of several lines in this order, of one in any where
    words or kinds tell which is which.

    What an output of signs alone says are these signs (``[]``). One that is a single number or name says that it is
    no other: none may stand beside it, or come after it. None if nothing is said. Linear in the output: no part of it
    is tried twice.
    """
    wanted = facts(output, codes)
    if not wanted:
        signs = output.strip()
        return rf"(?<!\S){re.escape(signs)}(?!\S)" if signs else None
    if len(wanted) == 1 and (kind := _kind(wanted[0])):
        alone = _alone(wanted[0], kind)
        if re.search(alone, output):  # the code may put labels beside it that are of its kind: ``Top 5: 3``
            return alone
    if "\n" not in output.strip():
        return _in_order(wanted) if _in_a_row(wanted, output) else _in_any_order(wanted)
    return _in_order(wanted)


def saying(values: Sequence[str], answer: str) -> str:
    """A regular expression for answers that hold these values of ``answer``, each as often as it stands here: in this
    order where they are numbers in a row or the items of a numbered list, in any where it is only one of wording."""
    row = all(_kind(word) == "number" for word in values) and _in_a_row(values, answer)
    return _in_order(values) if row or _numbered(values, answer) else _in_any_order(values)


def values_of(pattern: str) -> list[str]:
    """The values that a pattern of ours looks for; none of a pattern that somebody else wrote."""
    found = (match[1] if match[1] is not None else match[2] for match in _VALUE.finditer(pattern))
    return [re.sub(r"\\(.)", r"\1", value) for value in found]


def shared(answer: str, outputs: str) -> tuple[str, ...]:
    """Values that an answer takes from the outputs before it: what has a digit or looks like a name of a file."""
    there = set(facts(outputs))
    return tuple(dict.fromkeys(word for word in facts(answer) if word in there and telling(word)))


def numbers(text: str) -> tuple[str, ...]:
    """The values of a text that have a digit; a plain number without the signs close to it."""
    found = [word for word in facts(text) if any(char.isdigit() for char in word)]
    bare = [word.strip(_UNITS) for word in found]
    return tuple(dict.fromkeys(b if _NUMBER.fullmatch(b) else word for b, word in zip(bare, found, strict=True)))


def telling(word: str) -> bool:
    """Whether a word is more than a word: a number, a path, an identifier."""
    return any(char.isdigit() for char in word) or any(sign in word.strip("._/") for sign in "._/")


def _in_order(values: Sequence[str]) -> str:
    return "(?i)\\A" + "".join(f"(?>{_ANYTHING}{_whole(word)})" for word in values)


def _in_any_order(values: Sequence[str]) -> str:
    times = [sum(_same(word, other) for other in values[: at + 1]) for at, word in enumerate(values)]
    parts = (f"{_ANYTHING}{_whole(word)}" for word in values)
    # Each looks from the beginning: a value that comes again is looked for so often.
    again = (part if n == 1 else f"(?>{part}){{{n}}}" for part, n in zip(parts, times, strict=True))
    return "(?i)\\A" + "".join(f"(?={part})" for part in again)


def _in_a_row(values: Sequence[str], text: str) -> bool:
    """Whether their places alone tell values apart: they are of one kind, or several of a kind in a list, with no label
    and no set."""
    row = re.search(rf"([\[({{]{{1,3}}['\"]?)?{_BETWEEN.join(map(re.escape, values[: MOST // 2]))}", text)
    if row is None or any(map(_LABELLED.search, values)) or "{" in (row[1] or ""):
        return False
    kinds = {_kind(word) == "number" for word in values}
    return len(kinds) < (len(values) if row[1] else 2)


def _numbered(values: Sequence[str], text: str) -> bool:
    """Whether each value stands in an item of its own of a numbered list, one after the other."""
    items = _ITEM.findall(text)
    return len(items) >= len(values) and all(re.search(_whole(v), one) for v, one in zip(values, items, strict=False))


def _whole(word: str) -> str:
    """This word and no part of a longer one; ``3`` is not found in ``3.5``, nor in ``-3``, but in ``2-3``."""
    before, after = _IN_NUMBERS if _NUMBER.fullmatch(word) else _IN_WORDS
    return f"{before}{_UNSIGNED if word[0].isdigit() else ''}{re.escape(word)}{after}"


def _kind(word: str) -> str:
    """``number``, or ``name`` of a file or the like; empty for other words."""
    if _NUMBER.fullmatch(word):
        return "number"
    return "name" if re.match(_OTHERS["name"][1], word) else ""


def _alone(word: str, kind: str) -> str:
    """A pattern for outputs whose last line with a value of this kind holds this one alone.

    The last line, since outputs of several runs are joined: one may look around before the next picks.
    """
    before, another = _OTHERS[kind]
    other = f"{before}(?!{re.escape(word)}{_END}){another}"
    return f"{ALONE}(?:{other}).*|){_ANYTHING}{_whole(word)}"


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
