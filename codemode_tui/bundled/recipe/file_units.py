"""What can be counted in each file of a set: as words, and as a Python expression for one path."""

from __future__ import annotations

from dataclasses import dataclass

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_sets import FileSet, noun_phrase, some_set
from codemode_tui.bundled.recipe.phrasing import quoted

_PLAIN = {
    "lines": "len(read_file(path).splitlines())",
    "words": "len(read_file(path).split())",
    "characters": "len(read_file(path))",
    "bytes": 'file_info(path)["size"]',
    "full": "sum(bool(line.strip()) for line in read_file(path).splitlines())",
    "blank": "sum(not line.strip() for line in read_file(path).splitlines())",
}
_WORDS = {
    "mark": "read_file(path).count({w})",
    "word": "read_file(path).count({w})",
    "with": "sum({w} in line for line in read_file(path).splitlines())",
}
_PYTHON = {
    "functions": "(ast.FunctionDef, ast.AsyncFunctionDef)",
    "classes": "ast.ClassDef",
    "imports": "(ast.Import, ast.ImportFrom)",
}
_SAID = {
    "full": "non-empty lines",
    "blank": "empty lines",
    "mark": "{w}s",
    "word": "occurrences of {w}",
    "with": "lines with {w}",
}
_SHARES = {
    "lines": 30,
    "words": 18,
    "characters": 9,
    "bytes": 17,
    "full": 4,
    "blank": 4,
    "mark": 4,
    "word": 7,
    "with": 4,
    "functions": 6,
    "classes": 3,
    "imports": 3,
    "rows": 5,
}
SEARCHED = ("mark", "word", "with")
"""What ``search_files`` counts where a single number over all files is wanted."""

PARSED = tuple(_PYTHON)
"""What is counted by parsing; for all Python files together ``python_projects`` asks for that."""


@dataclass(frozen=True)
class Unit:
    """Something that is counted in a file."""

    kind: str
    code: str
    """An expression over ``path``."""
    load: str
    """What has to be imported for it."""
    units: str
    """After "how many": "lines"."""
    number: str
    """After "the": "number of lines"."""
    said: str
    """The units as the answer has them."""

    @property
    def slots(self) -> dict[str, str]:
        """What ``ask`` fills in."""
        return {"units": self.units, "number": self.number}

    @property
    def listed(self) -> str:
        """What an answer calls a list of such numbers."""
        return "sizes" if self.kind == "bytes" else self.said

    def amount(self, count: str) -> str:
        """The number with its unit: "1 line", "3 lines"."""
        if count != "1":
            return f"{count} {self.said}"
        first, _, rest = self.said.partition(" ")
        if self.kind in ("full", "blank"):
            return f"1 {self.said[:-1]}"
        one = "class" if first == "classes" else first[:-1]
        return f"1 {one} {rest}".rstrip()


def some_unit(c: Chat, *, without: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> tuple[Unit, FileSet]:
    """Something to count and a set of files that has it."""
    r = c.r
    kinds = only or tuple(k for k in _SHARES if k not in without)
    kind = r.choices(kinds, [_SHARES[k] for k in kinds])[0]
    files = some_set(c, ending="py" if kind in _PYTHON else "csv" if kind == "rows" else "")
    return unit_of(c, kind), files


def unit_of(c: Chat, kind: str) -> Unit:
    """The words and the code for one kind of unit."""
    r = c.r
    w = some_word(c) if kind in ("word", "with") else r.choice((*contents.MARKS[:2], "TODO", *contents.MARKS))
    load = ""
    if kind in _PYTHON:
        load = "import ast\n"
        code = f"sum(isinstance(node, {_PYTHON[kind]}) for node in ast.walk(ast.parse(read_file(path))))"
    elif kind == "rows":
        load = "import csv\n"
        code = "len(list(csv.DictReader(read_file(path).splitlines())))"
    elif kind in _WORDS:
        code = _WORDS[kind].format(w=lit(w))
    else:
        code = _PLAIN[kind]
    shown = w if kind == "mark" else quoted(r, w)
    units, number = (noun_phrase(c, f"unit_{kind}_{form}").replace("{w}", shown) for form in ("units", "number"))
    return Unit(kind, code, load, units, number, _SAID.get(kind, kind).replace("{w}", w))


def some_word(c: Chat) -> str:
    """A word that stands in the files, or does not."""
    r = c.r
    text = " ".join(c.world.files.values()).split()
    w = r.choice((r.choice(text) if text else "a", r.choice(text) if text else "a", names.word(r)))
    return "".join(ch for ch in w if ch.isalnum() or ch in "_-").strip("-") or "the"
