"""Tables: two conditions at once, numbers between two others, shares, spans, and verbs that are columns."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.table_rows import ABOVE, BELOW, SHOWN
from codemode_tui.bundled.recipe.tables import failed, loop, request, table

VERBS = [
    "scored",
    "sold",
    "earned",
    "paid",
    "caught",
    "bought",
    "baked",
    "won",
    "lost",
    "read",
    "ate",
    "drank",
    "spent",
    "saved",
    "walked",
    "ran",
    "swam",
    "lifted",
    "donated",
    "planted",
    "picked",
    "collected",
    "found",
    "built",
    "wrote",
    "made",
    "drove",
    "grew",
    "cooked",
    "fixed",
    "shipped",
    "ordered",
    "borrowed",
    "returned",
    "learned",
    "trained",
    "worked",
    "slept",
    "waited",
    "jumped",
    "threw",
    "climbed",
    "rowed",
    "cycled",
    "sailed",
    "painted",
    "drew",
    "sang",
    "typed",
    "coded",
    "tested",
    "reviewed",
    "closed",
]
"""Columns that a question names by what somebody did."""


def rows_both(c: Chat) -> None:
    """Rows with a certain value and a number above or below another."""
    r = c.r
    t = table(c, rows=2)
    a, n = r.choice(t.texts), r.choice(t.numbers)
    v = r.choice(t.rows)[a]
    k = str(r.randint(1, 300))
    sign, w = r.choice(((">", r.choice(ABOVE)), ("<", r.choice(BELOW)), (">=", "at least"), ("<=", "at most")))
    test = f"{loop(n)}    if row[{lit(a)}] == {lit(v)} and value {sign} {k}:\n"
    if r.random() < 0.5:
        request(c, t, "csv_both", t=a, v=v, n=n, w=w, k=k)
        out, _ = c.call(f"{t.load}{test}        {SHOWN}")
        c.say("No row is like that." if out == "(no output)" else f"Those are the rows with {a} {v} and {n} {w} {k}.")
    else:
        request(c, t, "csv_both_count", t=a, v=v, n=n, w=w, k=k)
        out, _ = c.call(f"{t.load}count = 0\n{test}        count += 1\nprint(count)")
        c.say(f"{out} row{' has' if out == '1' else 's have'} {a} {v} and {n} {w} {k}.")


def rows_between(c: Chat) -> None:
    """How many rows, or which, have a number between two others."""
    r = c.r
    t = table(c, rows=2)
    n, low = r.choice(t.numbers), r.randint(0, 100)
    high = low + r.randint(1, 200)
    test = f"{loop(n)}    if {low} <= value <= {high}:\n"
    if r.random() < 0.5:
        request(c, t, "csv_between", n=n, k=str(low), w=str(high))
        out, _ = c.call(f"{t.load}{test}        {SHOWN}")
        none = f"No row has {n} between {low} and {high}."
        c.say(none if out == "(no output)" else f"Those are the rows with {n} between {low} and {high}.")
    else:
        request(c, t, "csv_between_count", n=n, k=str(low), w=str(high))
        out, _ = c.call(f"{t.load}count = 0\n{test}        count += 1\nprint(count)")
        c.say(f"{out} row{' has' if out == '1' else 's have'} {n} between {low} and {high}.")


def column_span(c: Chat) -> None:
    """The distance between the largest and the smallest number of a column."""
    t = table(c, rows=2)
    n = c.r.choice(t.numbers)
    request(c, t, "csv_span", n=n)
    out, ok = c.call(
        f'{t.load}values = []\n{loop(n)}    values.append(value)\nprint(f"{{max(values) - min(values):.12g}}")'
    )
    c.say(f"The highest and the lowest {n} are {out} apart." if ok else failed(t, n, out))


def row_share(c: Chat) -> None:
    """How many percent of the rows have a certain value."""
    r = c.r
    t = table(c, rows=2)
    a = r.choice(t.texts)
    v = r.choice(t.rows)[a]
    request(c, t, "csv_share", t=a, v=v)
    out, _ = c.call(
        f"{t.load}count = sum(row[{lit(a)}] == {lit(v)} for row in rows)\nprint(round(100 * count / len(rows), 1))"
    )
    c.say(f"{out} % of the rows have {v} as {a}.")


def best_by_verb(c: Chat) -> None:
    """ "Who scored most": the verb is the column."""
    r = c.r
    t = table(c, rows=1)
    n, old = r.choice(VERBS), t.numbers[0]
    if n not in t.header:
        first, _, rest = c.world.files[t.path].partition("\n")
        cells = [n if cell.strip('"') == old else cell for cell in first.split(t.separator)]
        c.world.files[t.path] = t.separator.join(cells) + "\n" + rest
    high = r.random() < 0.7
    w = "most" if high else "least"
    request(c, t, "csv_best_verb", n=n, w=w)
    out, ok = c.call(
        f"{t.load}found = []\n{loop(n)}    found.append((value, list(row.values())[0]))\n"
        f'value, name = {"max" if high else "min"}(found, key=lambda pair: pair[0])\nprint(name, f"{{value:.12g}}")'
    )
    found, _, value = out.rpartition(" ")
    c.say(f"{found} {n} the {w}: {value}." if ok else failed(t, n, out))
