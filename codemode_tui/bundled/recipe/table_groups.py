"""Tables by groups and ranks: the best row, the top few, counts and totals of each value, pivots."""

from __future__ import annotations

from codemode_tui.bundled.recipe import tables
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.table_columns import HIGH, LOW
from codemode_tui.bundled.recipe.table_rows import SHOWN
from codemode_tui.bundled.recipe.tables import failed, loop, request, table, wrong_column

TOP = (2, 3, 4, 5, 6, 8, 10)
"""How many rows are asked for."""
_MOST = (*HIGH, "most")
_LEAST = (*LOW, "fewest")
VERBS = {
    "oldest": ("age", True),
    "youngest": ("age", False),
    "tallest": ("height", True),
    "shortest": ("height", False),
    "heaviest": ("weight", True),
    "lightest": ("weight", False),
    "longest": ("length", True),
    "widest": ("width", True),
    "narrowest": ("width", False),
    "deepest": ("depth", True),
    "shallowest": ("depth", False),
    "fastest": ("speed", True),
    "slowest": ("speed", False),
    "most expensive": ("price", True),
    "dearest": ("price", True),
    "priciest": ("price", True),
    "cheapest": ("price", False),
    "least expensive": ("price", False),
    "hottest": ("temperature", True),
    "warmest": ("temperature", True),
    "coldest": ("temperature", False),
    "coolest": ("temperature", False),
    "loudest": ("volume", True),
    "quietest": ("volume", False),
}
"""Words that name a column without saying it."""


def best_row(c: Chat) -> None:
    """The row with the largest or smallest number: a named column of it, its first column, or all of it."""
    r = c.r
    t = table(c, rows=1)
    high = r.random() < 0.65
    n = wrong_column(c, t, r.choice(t.numbers))
    w = r.choice(_MOST if high else _LEAST)
    find = f"{'max' if high else 'min'}(found, key=lambda pair: pair[0])\n"
    way = r.random()
    if way < 0.45:
        a = r.choice(t.texts)
        request(c, t, "csv_best", t=a, n=n, w=w)
        kept, shown = f"row[{lit(a)}]", 'print(name, f"{value:.12g}")'
    elif way < 0.8:
        request(c, t, "csv_best_name", n=n, w=w)
        kept, shown = "list(row.values())[0]", 'print(name, f"{value:.12g}")'
    else:
        request(c, t, "csv_best_row", n=n, w=w)
        kept, shown = "row", SHOWN
    name = "row" if kept == "row" else "name"
    out, ok = c.call(f"{t.load}found = []\n{loop(n)}    found.append((value, {kept}))\nvalue, {name} = {find}{shown}")
    if not ok:
        c.say(failed(t, n, out))
    elif name == "row":
        c.say(f"The row with the {w} {n} is {out}." if len(out) < 70 else f"That is the row with the {w} {n}.")
    else:
        found, _, value = out.rpartition(" ")
        c.say(f"{found} has the {w} {n}: {value}.")


def best_by_word(c: Chat) -> None:
    """ "The cheapest": the word itself says which column, and which end of it."""
    r = c.r
    t = table(c, rows=1)
    w = r.choice(sorted(VERBS))
    n, high = VERBS[w]
    old = t.numbers[0]
    if n not in t.header:
        text = c.world.files[t.path]
        first, _, rest = text.partition("\n")
        cells = [n if cell.strip('"') == old else cell for cell in first.split(t.separator)]
        c.world.files[t.path] = t.separator.join(cells) + "\n" + rest
    request(c, t, "csv_superlative", w=w, t=t.texts[0])
    out, ok = c.call(tables.best(t.load, n, high=high))
    found, _, value = out.rpartition(" ")
    c.say(f"{found} is the {w}: {value}." if ok else failed(t, n, out))


def some_count(r: Source, rows: int) -> int:
    """How many of the first are asked for: mostly no more than there are."""
    known = [k for k in TOP if k <= rows]
    return r.choice(known if known and r.random() < 0.85 else TOP)


def top_rows(c: Chat) -> None:
    """The n rows with the largest or smallest numbers."""
    r = c.r
    t = table(c, rows=2)
    high = r.random() < 0.7
    n = r.choice(t.numbers)
    k = str(some_count(r, len(t.rows)))
    w = r.choice(_MOST if high else _LEAST)
    if r.random() < 0.55:
        a = r.choice(t.texts)
        request(c, t, "csv_top_names", t=a, n=n, k=k, w=w)
        kept, name, shown = f"row[{lit(a)}]", "name", 'print(name, f"{value:.12g}")'
    else:
        request(c, t, "csv_top_rows", n=n, k=k, w=w)
        kept, name, shown = "row", "row", SHOWN
    out, _ = c.call(
        f"{t.load}found = []\n{loop(n)}    found.append((value, {kept}))\n"
        f"for value, {name} in sorted(found, key=lambda pair: pair[0]{', reverse=True' if high else ''})[:{k}]:\n"
        f"    {shown}"
    )
    c.say(f"There is no number in {n}." if out == "(no output)" else f"Those have the {w} {n}.")


def distinct(c: Chat) -> None:
    """Which values a column has, or how many."""
    r = c.r
    t = table(c)
    a = wrong_column(c, t, r.choice(t.texts))
    if r.random() < 0.55:
        request(c, t, "csv_distinct", t=a)
        out, ok = c.call(f"{t.load}for value in sorted({{row[{lit(a)}] for row in rows}}):\n    print(value)")
        said = f"{t.path} has no rows." if out == "(no output)" else f"Those are the different values of {a}."
    else:
        request(c, t, "csv_distinct_count", t=a)
        out, ok = c.call(f"{t.load}print(len({{row[{lit(a)}] for row in rows}}))")
        said = f"{t.path} has {out} different value{'' if out == '1' else 's'} of {a}."
    c.say(said if ok else failed(t, a, out))


def groups(c: Chat) -> None:
    """How many rows each value has, or which value has the most."""
    r = c.r
    t = table(c, texts=2)
    a = r.choice(t.texts[1:])
    counts = tables.counts_by(t.load, a)
    if r.random() < 0.6:
        request(c, t, "csv_groups", t=a)
        out, _ = c.call(counts + tables.COUNTED)
        c.say(f"{t.path} has no rows." if out == "(no output)" else f"Those are the rows per {a}.")
        return
    request(c, t, "csv_mode", t=a)
    out, ok = c.call(f"{counts}best = max(counts, key=counts.get)\nprint(best, counts[best])")
    found, _, value = out.rpartition(" ")
    c.say(f"The most frequent {a} is {found} ({value})." if ok else f"{t.path} has no rows.")


def totals_by(c: Chat) -> None:
    """The sum of a column for each value of another."""
    t = table(c, texts=2)
    a, n = c.r.choice(t.texts), c.r.choice(t.numbers)
    request(c, t, "csv_total_by", t=a, n=n)
    out, _ = c.call(tables.totals_by(t.load, a, n))
    c.say(f"There is no number in {n}." if out == "(no output)" else f"Those are the totals of {n} by {a}.")


def best_group(c: Chat) -> None:
    """The value whose rows add up to the most."""
    r = c.r
    t = table(c, texts=2, rows=2)
    a, n = r.choice(t.texts[1:]), r.choice(t.numbers)
    high = r.random() < 0.75
    w = r.choice(_MOST if high else _LEAST)
    request(c, t, "csv_best_group", t=a, n=n, w=w)
    key = f"row[{lit(a)}]"
    out, ok = c.call(
        f"{t.load}totals = {{}}\n{loop(n)}    totals[{key}] = totals.get({key}, 0) + value\n"
        f'best = {"max" if high else "min"}(totals, key=totals.get)\nprint(best, f"{{totals[best]:.12g}}")'
    )
    found, _, value = out.rpartition(" ")
    c.say(f"{found} has the {w} {n} in total: {value}." if ok else failed(t, n, out))


def averages_by(c: Chat) -> None:
    """The mean of a column for each value of another."""
    t = table(c, texts=2)
    a, n = c.r.choice(t.texts), c.r.choice(t.numbers)
    request(c, t, "csv_average_by", t=a, n=n)
    out, _ = c.call(tables.averages_by(t.load, a, n))
    c.say(f"There is no number in {n}." if out == "(no output)" else f"Those are the averages of {n} by {a}.")


def pivot(c: Chat) -> None:
    """Totals over two columns."""
    t = table(c, texts=2)
    (a, b), n = c.r.sample(t.texts, 2), c.r.choice(t.numbers)
    request(c, t, "csv_pivot", a=a, b=b, n=n)
    out, _ = c.call(
        f"{t.load}totals = {{}}\n{loop(n)}    key = (row[{lit(a)}], row[{lit(b)}])\n"
        "    totals[key] = totals.get(key, 0) + value\n"
        'for key, value in sorted(totals.items()):\n    print(*key, f"{value:.12g}")'
    )
    c.say(f"There is no number in {n}." if out == "(no output)" else f"Those are the totals of {n} by {a} and {b}.")
