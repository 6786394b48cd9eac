"""Questions about a table as a whole, and about one column of it."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.tables import failed, loop, request, table, wrong_column

HIGH = ("highest", "largest", "biggest", "maximum", "greatest", "top", "max")
LOW = ("lowest", "smallest", "minimum", "least", "min")
_MEASURES = {
    "sum": "sum(values)",
    "average": "sum(values) / len(values)",
    "max": "max(values)",
    "min": "min(values)",
    "median": "statistics.median(values)",
}


def table_size(c: Chat) -> None:
    """How many rows stand below the heading."""
    t = table(c)
    request(c, t, "csv_rows")
    out, _ = c.call(f"{t.load}print(len(rows))")
    c.say(f"{t.path} has {out} row{'' if out == '1' else 's'}.")


def table_columns(c: Chat) -> None:
    """Names of the columns, or how many there are."""
    t = table(c)
    if c.r.random() < 0.7:
        request(c, t, "csv_columns")
        out, _ = c.call(f'import csv\nreader = {t.reader}\nprint(*(reader.fieldnames or []), sep=", ")')
        c.say(f"The columns of {t.path} are {out}." if len(out) < 50 else f"Those are the columns of {t.path}.")
        return
    request(c, t, "csv_column_count")
    out, _ = c.call(f"import csv\nreader = {t.reader}\nprint(len(reader.fieldnames or []))")
    c.say(f"{t.path} has {out} column{'' if out == '1' else 's'}.")


def show_column(c: Chat) -> None:
    """All cells of one column."""
    t = table(c)
    n = wrong_column(c, t, c.r.choice(t.header))
    request(c, t, "csv_column", n=n)
    out, ok = c.call(f"{t.load}for row in rows:\n    print(row[{lit(n)}])")
    if ok:
        c.say(f"{t.path} has no rows." if out == "(no output)" else f"That is the column {n} of {t.path}.")
    else:
        c.say(failed(t, n, out))


def some_rows(c: Chat) -> None:
    """The first or last rows."""
    t = table(c)
    last = c.r.random() < 0.45
    if c.r.random() < 0.2:
        request(c, t, "csv_one_row", w="last" if last else "first")
        out, _ = c.call(f'{t.load}for row in rows[{"-1:" if last else ":1"}]:\n    print(*row.values(), sep=", ")')
        c.say(f"{t.path} has no rows." if out == "(no output)" else f"The {'last' if last else 'first'} row is {out}.")
        return
    k = c.r.choice((2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20))
    request(c, t, "csv_some_rows", w="last" if last else "first", k=_number(c, k))
    out, _ = c.call(f'{t.load}for row in rows[{f"-{k}:" if last else f":{k}"}]:\n    print(*row.values(), sep=", ")')
    c.say(
        f"{t.path} has no rows."
        if out == "(no output)"
        else f"Those are the {'last' if last else 'first'} rows of {t.path}."
    )


def column_sum(c: Chat) -> None:
    """What a column adds up to."""
    _measure(c, "sum", "csv_sum", "The sum of {n} is {out}.")


def column_average(c: Chat) -> None:
    """The mean of a column."""
    _measure(c, "average", "csv_average", "The average of {n} is {out}.")


def column_extreme(c: Chat) -> None:
    """The largest or smallest number of a column."""
    high = c.r.random() < 0.6
    kind = "max" if high else "min"
    answer = f"The {'highest' if high else 'lowest'} {{n}} is {{out}}."
    if c.r.random() < 0.65:
        _measure(c, kind, "csv_extreme", answer, w=c.r.choice(HIGH if high else LOW))
    else:
        _measure(c, kind, f"csv_{kind}", answer)


def column_median(c: Chat) -> None:
    """The number in the middle."""
    _measure(c, "median", "csv_median", "The median of {n} is {out}.")


def total_where(c: Chat) -> None:
    """Sum or average over the rows that have a certain value."""
    r = c.r
    t = table(c, rows=1)
    a = r.choice(t.texts)
    v = r.choice(t.rows)[a] if r.random() < 0.9 else fields.text(r, a)
    n = r.choice(t.numbers)
    kind = "sum" if r.random() < 0.65 else "average"
    request(c, t, f"csv_{kind}_where", n=n, t=a, v=v)
    body = loop(n) + f"    if row[{lit(a)}] == {lit(v)}:\n        values.append(value)\n"
    shown = "{" + _MEASURES[kind] + ":.12g}"
    out, ok = c.call(f'{t.load}values = []\n{body}print(f"{shown}")')
    name = "average" if kind == "average" else "sum"
    c.say(f"The {name} of {n} for {v} is {out}." if ok else f"{t.path} has no {n} for {v}.")


def _measure(c: Chat, kind: str, section: str, answer: str, **slots: str) -> None:
    t = table(c)
    n = wrong_column(c, t, c.r.choice(t.numbers))
    request(c, t, section, n=n, **slots)
    load = t.load.replace("import csv\n", "import csv\nimport statistics\n") if kind == "median" else t.load
    shown = "{" + _MEASURES[kind] + ":.12g}"
    out, ok = c.call(f'{load}values = []\n{loop(n)}    values.append(value)\nprint(f"{shown}")')
    c.say(answer.replace("{n}", n).replace("{out}", out) if ok else failed(t, n, out))


def _number(c: Chat, k: int) -> str:
    """As a figure, small ones now and then as a word."""
    return CARDINALS[k] if k <= 8 and c.r.random() < 0.25 else str(k)
