"""A generated CSV file, and the code that reads it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from codemode_tui.bundled.recipe import fields
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted

_SEMICOLON = (
    "(Its|The) (fields|columns|cells|values) are (separated|split|divided) by semicolons.",
    "It (uses|has) semicolons (between the fields|instead of commas|as separators).",
    "Mind the semicolons, (it|the file) has no commas.",
)


@dataclass
class Table:
    """One CSV file of the workspace."""

    path: str
    header: list[str]
    texts: list[str]
    """Columns of words; the first one names the row."""
    numbers: list[str]
    rows: list[dict[str, str]]
    separator: str

    @property
    def reader(self) -> str:
        """The code that reads rows as dictionaries."""
        extra = {",": "", ";": ', delimiter=";"', "\t": r', delimiter="\t"'}[self.separator]
        return f"csv.DictReader(read_file({lit(self.path)}).splitlines(){extra})"

    @property
    def load(self) -> str:
        """The code that puts all rows into ``rows``."""
        return f"import csv\nrows = list({self.reader})\n"


def table(c: Chat, *, texts: int = 1, numbers: int = 1, rows: int = 0) -> Table:
    """A CSV file with at least so many columns of each kind and so many rows."""
    r = c.r
    taken: set[str] = set()
    words = [fields.draw(r, fields.NAMES, taken)]
    words += [fields.draw(r, fields.GROUPS, taken) for _ in range(max(texts - 1, r.choice((0, 0, 1, 1, 2))))]
    figures = [
        fields.draw(r, fields.DECIMALS if r.random() < 0.3 else fields.COUNTS, taken)
        for _ in range(max(numbers, r.choice((1, 1, 1, 2, 2, 3))))
    ]
    rest = words[1:] + figures
    if r.random() < 0.4:
        r.shuffle(rest)
    header = [words[0], *rest]
    pools = {column: fields.few(r, column) for column in words}
    made = []
    for _ in range(max(rows, 0 if r.random() < 0.02 else r.randint(1, 7))):
        row = {}
        for column in header:
            if column in figures:
                row[column] = fields.number(r, column)
            else:
                again = 0.15 if column == words[0] else 0.75
                row[column] = r.choice(pools[column]) if r.random() < again else fields.text(r, column)
        made.append(row)
    if r.random() < 0.25 and len(made) > 2:
        for row in r.sample(made, r.randint(1, 2)):
            row[r.choice(figures)] = r.choice(fields.GAPS)
    way = r.random()
    separator = ";" if way < 0.04 else "\t" if way < 0.08 else ","
    found = Table("", header, words, figures, made, separator)
    found.path = some_file(c, "tsv" if separator == "\t" else "csv", written(found))
    return found


def written(t: Table) -> str:
    """The text of the file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=t.separator, lineterminator="\n")
    writer.writerow(t.header)
    writer.writerows([row[column] for column in t.header] for row in t.rows)
    return out.getvalue()


def loop(column: str) -> str:
    """The code that goes over all rows that hold a number in ``column``, as ``value``."""
    return (
        f"for row in rows:\n    try:\n        value = float(row[{lit(column)}])\n"
        "    except (TypeError, ValueError):\n        continue\n"
    )


def request(c: Chat, t: Table, section: str, /, **slots: str) -> None:
    """The user's question about ``t``: ``f`` is its path, other slots as given; ``w`` and ``k`` are never quoted."""
    r = c.r
    filled = {key: value if key in ("w", "k") else quoted(r, value) for key, value in slots.items()}
    text = ask(r, section, held=c.held, shaped=True, f=quoted(r, t.path), **filled)
    if t.separator == ";":
        text = (text if text[-1] in ".?!" else text + ".") + " " + ask(r, [*_SEMICOLON], held=c.held, shaped=False)
    c.user(text)


def wrong_column(c: Chat, t: Table, column: str) -> str:
    """``column``, or now and then one that the file does not have."""
    if c.r.random() > 0.03:
        return column
    return fields.draw(c.r, fields.COUNTS, {name for name in t.header})


def failed(t: Table, column: str, out: str) -> str:
    """What is said after an error."""
    if "KeyError" in out:
        return f"There is no column {column} in {t.path}."
    return f"There is no number in {column} of {t.path}."


def totals_by(load: str, a: str, n: str) -> str:
    """The program that adds up ``n`` for each value of ``a`` in the rows that ``load`` reads."""
    key = f"row[{lit(a)}]"
    return (
        f"{load}totals = {{}}\n{loop(n)}    totals[{key}] = totals.get({key}, 0) + value\n"
        'for key, value in sorted(totals.items()):\n    print(key, f"{value:.12g}")'
    )


def averages_by(load: str, a: str, n: str) -> str:
    """The same with the mean of ``n``."""
    return (
        f"{load}groups = {{}}\n{loop(n)}    groups.setdefault(row[{lit(a)}], []).append(value)\n"
        'for key, values in sorted(groups.items()):\n    print(key, f"{sum(values) / len(values):.12g}")'
    )


def counts_by(load: str, a: str) -> str:
    """The beginning of a program: how many rows each value of ``a`` has, as ``counts``."""
    return f"{load}counts = {{}}\nfor row in rows:\n    counts[row[{lit(a)}]] = counts.get(row[{lit(a)}], 0) + 1\n"


COUNTED = "for key, count in sorted(counts.items()):\n    print(key, count)"
"""Its end: all of them."""


def best(load: str, n: str, *, high: bool) -> str:
    """The program that finds the row at one end of ``n``, by the cell of its first column."""
    return (
        f"{load}found = []\n{loop(n)}    found.append((value, list(row.values())[0]))\n"
        f'value, name = {"max" if high else "min"}(found, key=lambda pair: pair[0])\nprint(name, f"{{value:.12g}}")'
    )
