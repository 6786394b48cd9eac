"""Small tables and lists of records as people keep them at home and at work, CSV or JSON, and questions about them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from codemode_tui.bundled.recipe import fields
from codemode_tui.bundled.recipe import group_tables as gt
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.nouns import many, some_noun
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import HeldSource, Source
from codemode_tui.tools.protected import is_secret

Record = dict[str, str | int | float]
_WHO = "name name name name person player pupil student teacher worker driver runner member guest child friend"
WHO = _WHO.split()
"""Columns that name a row."""
_PERSONS = "player student member patient guest driver teacher friend worker customer employee user person contact"
_BARE = ("k", "o", "os", "s", "t", "u", "w", "x", "y", "z")
"""Slots that are never quoted."""


@dataclass(frozen=True)
class Sheet:
    """Records in a file, and the pieces of a program that goes over them."""

    path: str
    is_json: bool
    noun: str
    """What one of them is."""

    @property
    def one(self) -> str:
        """The variable of one record."""
        return "item" if self.is_json else "row"

    @property
    def all(self) -> str:
        """The variable of all of them."""
        return f"{self.one}s"

    @property
    def load(self) -> str:
        """The code that reads all of them."""
        if self.is_json:
            return f"import json\nitems = json.loads(read_file({lit(self.path)}))\n"
        return gt.load(self.path)

    def cell(self, column: str) -> str:
        """The expression of a value of one record."""
        return f"{self.one}[{lit(column)}]"

    def number(self, column: str) -> str:
        """The same as a number, which JSON has and CSV has not."""
        return self.cell(column) if self.is_json else f"float({self.cell(column)})"


def saved(c: Chat, rows: list[Record], noun: str = "", *, is_json: bool = False) -> Sheet:
    """The records in a new file, mostly called like what they are; ``noun`` is that, if it matters."""
    r = c.r
    noun = noun or some_noun(r)
    if is_json:
        text = json.dumps(rows, indent=r.choice((None, 2)), ensure_ascii=False) + "\n"
    else:
        text = gt.csv_text([{key: str(value) for key, value in row.items()} for row in rows])
    return Sheet(c.world.add(r, path_called(c, many(noun), "json" if is_json else "csv"), text), is_json, noun)


def path_called(c: Chat, stem: str, ending: str) -> str:
    """A path that is not taken, in about half of all cases with ``stem`` as its name."""
    path = f"{stem}.{ending}"
    if c.r.random() < 0.55 and path not in c.world.files and not is_secret([path]):
        return path
    return gt.free_path(c, ending)


def different(r: Source, column: str, count: int) -> list[str]:
    """So many different values of a column of words."""
    found: list[str] = []
    while len(found) < count:
        value = fields.text(r, column)
        if value not in found:
            found.append(value)
    return found


def figures(r: Source, count: int, high: int = 0) -> list[int | float]:
    """So many different numbers up to about ``high``, in one of five cases with quarters and halves."""
    high = max(high or r.choice((10, 20, 40, 100, 100, 500, 2000)), 2 * count)
    if r.random() < 0.2:
        return [at / 2 + r.choice((0, 0.25)) for at in r.sample(range(1, 2 * high), count)]
    return [*r.sample(range(1, high + 1), count)]


def some_person(r: Source) -> str:
    """What somebody is; every seventh is only measured with."""
    persons = _PERSONS.split()
    at = r.randrange(len(persons))
    return persons[at - at % 7 if isinstance(r, HeldSource) else at if at % 7 else at + 1]


def word_pairs(text: str) -> list[tuple[str, str]]:
    """Two words in a row that belong together, such pairs apart by ``|`` or a line break."""
    return [(first, second) for first, second in (pair.split() for pair in text.strip().replace("\n", "|").split("|"))]


def ask_for(c: Chat, section: str, inner: dict[str, str] | None = None, /, **slots: str) -> None:
    """The question; what ``inner`` holds is part of its wording, other slots are names, now and then quoted."""
    r = c.r
    # ``ask`` expands once more: brackets that are meant must not become a choice there.
    way = choose(r, section, held=c.held).replace("(", "\x01").replace(")", "\x02")
    for key, text in (inner or {}).items():
        way = way.replace("{" + key + "}", text)
    filled = {key: value if key in _BARE else quoted(r, value) for key, value in slots.items()}
    c.user(ask(r, [way, way], held=c.held, shaped=True, section=section, **filled))


def about(h: Sheet) -> dict[str, str]:
    """What a question says of the file and of what is in it."""
    return {"f": h.path, "o": h.noun, "os": many(h.noun)}
