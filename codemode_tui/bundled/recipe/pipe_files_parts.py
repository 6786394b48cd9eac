"""The parts of which jobs over the files of a folder are composed: which files, what is measured, how it is said."""

from __future__ import annotations

from dataclasses import dataclass, field

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.number_words import ORDINALS
from codemode_tui.bundled.recipe.phrasing import quoted
from codemode_tui.bundled.recipe.source import Source

YEAR = r'int(re.search(r"\d{4}", path.rpartition("/")[2])[0])'
UNITS = {
    "lines": "len(read_file(path).splitlines())",
    "words": "len(read_file(path).split())",
    "characters": "len(read_file(path))",
    "bytes": 'file_info(path)["size"]',
}
"""What files are measured by."""


@dataclass(frozen=True)
class Value:
    """What is computed of each file."""

    kind: str
    code: str
    slots: dict[str, str]
    number: bool = True


@dataclass
class Job:
    """A job that grows: the program, the clauses, and what fills the slots."""

    c: Chat
    d: str
    nouns: str = "files"
    place: str = ""
    code: list[str] = field(default_factory=list)
    rels: list[str] = field(default_factory=list)
    """Which of them, as a relative clause."""
    steps: list[str] = field(default_factory=list)
    """The same as steps."""
    shorts: list[str] = field(default_factory=list)
    """The same in few words."""
    slots: dict[str, str] = field(default_factory=dict)
    bare: dict[str, str] = field(default_factory=dict)
    """The same without quotation marks."""
    paths: list[str] = field(default_factory=list)
    """The files that are left."""
    fresh: list[str] = field(default_factory=list)
    """Words that some files hold."""
    endings: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    """That a filter is about."""
    years: bool = False
    order: list[tuple[str, str]] = field(default_factory=list)
    """Clauses about order and limit: behind a comma, and as a step."""
    tails: list[tuple[str, str]] = field(default_factory=list)
    """Further clauses of both kinds."""
    last: list[str] = field(default_factory=list)
    """Sentences at the end."""
    grades: str = ""
    """Which label, or which folder, for which files."""
    late: bool = False
    """Order and limit concern what comes of the files, not the files."""

    def fill(self, key: str, text: str, *, mark: bool = True) -> None:
        """What stands for ``{key}``, perhaps in quotation marks."""
        self.bare[key] = text
        self.slots[key] = quoted(self.c.r, text) if mark else text

    def part(self, section: str, **inner: str) -> str:
        """A clause; of those that are kept for measuring few, there."""
        text = choose(self.c.r, section, held=self.c.held and self.c.r.random() < 0.25)
        return put(text, **inner)

    def keep(self, test: str) -> None:
        """Only the files for which ``test`` is true."""
        self.code.append(f"paths = [path for path in paths if {test}]")
        self.paths = [path for path in self.paths if self.of(test, path)]

    def relate(self, section: str, **inner: str) -> None:
        """A clause about which files are meant."""
        rel = self.part(section, **inner)
        self.rels.append(rel)
        self.shorts.append(self.part(section + "_short", **inner))
        many = put(rel, have="have", are="are", do="do", s="")
        self.steps.append(self.part("pf_drop") if section == "pf_rel_but" else self.part("pf_keep", REL=many))

    def uses_re(self) -> None:
        """The program needs regular expressions."""
        if "import re" not in self.code:
            self.code.insert(0, "import re")

    def of(self, code: str, path: str) -> object:
        """The value of ``code`` for one file."""
        space = {**self.c.world.tools(), "path": path}
        exec(f"import re\nfound = {code}", space)
        return space["found"]


def put(text: str, **inner: str) -> str:
    """Fill slots with clauses, which may have slots themselves."""
    for key, value in inner.items():
        text = text.replace("{" + key + "}", value)
    return text


def word(r: Source) -> str:
    """A word of letters only."""
    return "".join(ch for ch in names.word(r) if ch.isalpha()) or "draft"


def fresh_word(r: Source, known: str) -> str:
    """A word that does not occur in ``known``."""
    while True:
        found = word(r)
        if len(found) > 2 and found not in known:
            return found


def some_value(r: Source, *, number: bool = False, added: bool = False) -> Value:
    """One of many measures or texts of a file; ``added``: one that can be added up over files."""
    kinds = ["lines"] * 3 + ["words"] * 3 + ["characters", "bytes", "occur", "occur", "has", "has", "distinct", "wide"]
    kinds += ["sum", "blank"]
    if added:
        kinds = [kind for kind in kinds if kind not in ("distinct", "wide")]
    kind = r.choice(kinds if number else [*kinds, "first", "first", "last", "last", "nth", "longest"])
    v, n = fresh_word(r, ""), r.choice((2, 2, 3))
    rows = "read_file(path).splitlines()"
    code = {
        **UNITS,
        "occur": f"read_file(path).count({lit(v)})",
        "has": f"len([line for line in {rows} if {lit(v)} in line])",
        "distinct": "len(set(read_file(path).split()))",
        "wide": f"max(len(line) for line in {rows})",
        "sum": "sum(int(number) for number in read_file(path).split())",
        "blank": f"len([line for line in {rows} if line.strip()])",
        "first": f"{rows}[0]",
        "last": f"{rows}[-1]",
        "nth": f"{rows}[{n - 1}]",
        "longest": f"max({rows}, key=len)",
    }[kind]
    slots = {"v": v} if kind in ("occur", "has") else {}
    if kind == "nth":
        slots = {"n": f"line {n}" if r.random() < 0.5 else f"{ORDINALS[n]} line"}
    return Value(kind, code, slots, kind not in ("first", "last", "nth", "longest"))
