"""Tables with groups, dates and series of numbers, and the beginnings of the programs that group them."""

from __future__ import annotations

import datetime

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.nouns import many, some_noun
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.tools.protected import is_secret

Row = dict[str, str]
_DATE_WORDS = """
date day date day date created booked sold paid start due when_sold order_date delivered opened closed shipped
invoice_date posted sent received logged entry_date visit_date measured harvested day_of_sale value_date
"""
DATES = _DATE_WORDS.split()
"""Columns of ISO dates."""


def few(r: Source, column: str) -> list[str]:
    """Two to four different values that come again and again."""
    while True:
        found = list(dict.fromkeys(fields.few(r, column)))
        if len(found) > 1:
            return found


def days(r: Source, count: int) -> list[str]:
    """Days in a row, or nearly."""
    day, found = datetime.date(r.randint(2015, 2030), r.randint(1, 12), r.randint(1, 28)), []
    step = r.choice((1, 1, 2, 7))
    for _ in range(count):
        found.append(day.isoformat())
        day += datetime.timedelta(days=step)
    return found


def grouped(c: Chat, *, counts: bool = False) -> tuple[str, str, str, str]:
    """A file with names, groups and numbers; no two totals are the same, nor two numbers, nor two ``counts``."""
    r = c.r
    while True:
        taken: set[str] = set()
        a, b = fields.draw(r, fields.NAMES, taken), fields.draw(r, fields.GROUPS, taken)
        n = fields.draw(r, fields.DECIMALS if r.random() < 0.3 else fields.COUNTS, taken)
        extra = fields.draw(r, fields.KEYS, taken) if r.random() < 0.3 else ""
        pool, rows = few(r, b), list[Row]()
        for _ in range(r.randint(5, 11)):
            row = {a: fields.text(r, a), b: r.choice(pool), n: fields.number(r, n)}
            rows.append(row | ({extra: names.word(r)} if extra else {}))
        groups: dict[str, list[float]] = {}
        for row in rows:
            groups.setdefault(row[b], []).append(float(row[n]))
        values = [float(row[n]) for row in rows]
        totals = [round(sum(group), 6) for group in groups.values()]
        means = [round(sum(group) / len(group), 6) for group in groups.values()]
        sizes = [float(len(group)) for group in groups.values()]
        alike = [len(set(found)) < len(found) for found in (values, totals, means, *([sizes] if counts else []))]
        if len(groups) > 1 and not any(alike):
            columns = [*rows[0]]
            if r.random() < 0.5:
                r.shuffle(columns)
            return new_file(c, csv_text([{key: row[key] for key in columns} for row in rows])), a, b, n


def dated(c: Chat) -> tuple[str, str, str, str]:
    """A file with a name, an ISO date and a number; no two totals of a month or a year are the same."""
    r = c.r
    taken: set[str] = set()
    t = fields.draw(r, DATES, taken)
    a = fields.draw(r, fields.NAMES, taken)
    n = fields.draw(r, fields.DECIMALS if r.random() < 0.4 else fields.COUNTS, taken)
    while True:
        year, pool = r.randint(2010, 2030), [r.randint(1, 12) for _ in range(r.randint(2, 4))]
        rows = [
            {
                t: f"{year + r.choice((-1, 0, 0, 0))}-{r.choice(pool):02}-{r.randint(1, 28):02}",
                a: fields.text(r, a),
                n: fields.number(r, n),
            }
            for _ in range(r.randint(4, 9))
        ]
        rows.sort(key=lambda row: row[t])
        sums: dict[str, float] = {}
        for row in rows:
            for key in (row[t][:4], row[t][:7]):
                sums[key] = sums.get(key, 0) + float(row[n])
        apart = [round(value, 6) for key, value in sums.items() if len(key) == 7]
        years = [round(value, 6) for key, value in sums.items() if len(key) == 4]
        if len(apart) > 1 and len(set(apart)) == len(apart) and len(set(years)) == len(years):
            return new_file(c, csv_text(rows)), a, t, n


def near(r: Source, text: str, b: str, n: str) -> str:
    """A limit that some totals are above and some below."""
    totals = [sum(group) for group in numbers_by(text, b, n)]
    return limit(r, sum(totals) / len(totals) * r.choice((0.7, 1, 1, 1.2)))


def numbers_by(text: str, b: str, n: str) -> list[list[float]]:
    """The numbers in ``n`` of each value of ``b``, from the text of a table."""
    head, *lines = [line.split(",") for line in text.splitlines()]
    groups: dict[str, list[float]] = {}
    for line in lines:
        groups.setdefault(line[head.index(b)], []).append(float(line[head.index(n)]))
    return [*groups.values()]


def limit(r: Source, k: float) -> str:
    """``k`` as people say a limit: a whole number, a large one mostly without ones."""
    return str(round(k, -1) if k > 60 and r.random() < 0.6 else round(k)).removesuffix(".0")


def new_file(c: Chat, text: str) -> str:
    """A new table anywhere, now and then called like what it holds."""
    r = c.r
    path = f"{many(some_noun(r))}.csv"
    if r.random() < 0.4 and path not in c.world.files and not is_secret([path]):
        return c.world.add(r, path, text)
    return c.world.add(r, free_path(c, "csv"), text)


def free_path(c: Chat, ending: str) -> str:
    """A path anywhere that is not taken."""
    r = c.r
    while True:
        path = ("" if r.random() < 0.8 else names.folder(r) + "/") + names.file_name(r, ending)
        if path.endswith("." + ending) and path not in c.world.files and not is_secret(path.split("/")):
            return path


def csv_text(rows: list[Row]) -> str:
    """The text of a table."""
    return "".join(",".join(line) + "\n" for line in ([*rows[0]], *(row.values() for row in rows)))


def load(f: str, *modules: str) -> str:
    lines = "".join(f"import {name}\n" for name in ("csv", *modules))
    return f"{lines}rows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\n"


def rows_by(b: str) -> str:
    return f"groups = {{}}\nfor row in rows:\n    groups.setdefault(row[{lit(b)}], []).append(row)\n"


def values_by(b: str, n: str) -> str:
    return f"groups = {{}}\nfor row in rows:\n    groups.setdefault(row[{lit(b)}], []).append(float(row[{lit(n)}]))\n"


def counted(b: str) -> str:
    return f"counts = {{}}\nfor row in rows:\n    counts[row[{lit(b)}]] = counts.get(row[{lit(b)}], 0) + 1\n"


def totals_of(b: str, n: str) -> str:
    key = f"row[{lit(b)}]"
    return f"totals = {{}}\nfor row in rows:\n    totals[{key}] = totals.get({key}, 0) + float(row[{lit(n)}])\n"
