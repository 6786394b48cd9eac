"""Rows of a table that are picked: by a value, by a threshold, by a key, by what they lack, in an order."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.tables import Table, failed, loop, request, table, written, wrong_column

ABOVE = ("above", "over", "more than", "greater than", "higher than", "larger than", "bigger than", ">", "beyond")
BELOW = ("below", "under", "less than", "smaller than", "lower than", "<", "fewer than")
SHOWN = 'print(*row.values(), sep=", ")'


def rows_equal(c: Chat) -> None:
    """Rows with a certain value: all of them, one column of them, or how many."""
    r = c.r
    t = table(c, rows=1)
    a, v = _value(c, t)
    test = f"row[{lit(a)}] == {lit(v)}"
    way = r.random()
    if way < 0.4:
        request(c, t, "csv_where", t=a, v=v)
        out, ok = c.call(f"{t.load}for row in rows:\n    if {test}:\n        {SHOWN}")
        said = f"No row has {v} as {a}." if out == "(no output)" else f"Those are the rows with {a} {v}."
    elif way < 0.65 and len(t.header) > 1:
        n = r.choice([column for column in t.header if column != a])
        request(c, t, "csv_where_column", t=a, v=v, n=n)
        out, ok = c.call(f"{t.load}for row in rows:\n    if {test}:\n        print(row[{lit(n)}])")
        said = (
            f"No row has {v} as {a}."
            if out == "(no output)"
            else f"The {n} of {v} is {out}."
            if "\n" not in out
            else f"Those are the {n} values where {a} is {v}."
        )
    else:
        request(c, t, "csv_where_count", t=a, v=v)
        out, ok = c.call(f"{t.load}print(sum({test} for row in rows))")
        said = f"{out} row{' has' if out == '1' else 's have'} {v} as {a}."
    c.say(said if ok else failed(t, a, out))


def rows_beyond(c: Chat) -> None:
    """Rows above or below a number: all of them, the name of each, or how many."""
    r = c.r
    t = table(c, rows=1)
    n = wrong_column(c, t, r.choice(t.numbers))
    k = str(r.randint(1, 10 ** r.choice((1, 2, 2, 3))))
    if r.random() < 0.1:
        k += f".{r.randint(1, 9)}"
    sign, word = r.choice(((">", r.choice(ABOVE)), ("<", r.choice(BELOW)), (">=", "at least"), ("<=", "at most")))
    test = f"{loop(n)}    if value {sign} {k}:\n"
    way = r.random()
    if way < 0.35:
        request(c, t, "csv_beyond", n=n, w=word, k=k)
        out, ok = c.call(f"{t.load}{test}        {SHOWN}")
        said = f"No row has {n} {word} {k}." if out == "(no output)" else f"Those are the rows with {n} {word} {k}."
    elif way < 0.65:
        a = r.choice(t.texts)
        request(c, t, "csv_beyond_column", n=n, w=word, k=k, t=a)
        out, ok = c.call(f"{t.load}{test}        print(row[{lit(a)}])")
        said = f"No {a} has {n} {word} {k}." if out == "(no output)" else f"Those are the ones with {n} {word} {k}."
    else:
        request(c, t, "csv_beyond_count", n=n, w=word, k=k)
        out, ok = c.call(f"{t.load}count = 0\n{test}        count += 1\nprint(count)")
        said = f"{out} row{' has' if out == '1' else 's have'} {n} {word} {k}."
    c.say(said if ok else failed(t, n, out))


def lookup(c: Chat) -> None:
    """One cell: a column of the row that a key names."""
    r = c.r
    t = table(c, rows=1)
    a = t.texts[0]
    n = r.choice([column for column in t.header if column != a])
    v = r.choice(t.rows)[a] if r.random() < 0.92 else fields.text(r, a)
    if r.random() < 0.45:
        request(c, t, "csv_lookup", t=a, v=v, n=n)
        test = f"row[{lit(a)}] == {lit(v)}"
    else:
        request(c, t, "csv_lookup_anywhere", v=v, n=n)
        test = f"{lit(v)} in row.values()"
    looked_up(c, t, n, v, test)


def looked_up(c: Chat, t: Table, n: str, v: str, test: str) -> None:
    """Print column ``n`` of the rows that pass ``test``, which looks for ``v``, and say what came out."""
    out, ok = c.call(f"{t.load}for row in rows:\n    if {test}:\n        print(row[{lit(n)}])")
    if not ok:
        c.say(failed(t, n, out))
    elif out == "(no output)":
        c.say(f"There is no {v} in {t.path}.")
    else:
        c.say(f"The {n} of {v} is {out}." if "\n" not in out else f"Those are the {n} values of {v}.")


def ordered_rows(c: Chat) -> None:
    """All rows, sorted by a column."""
    r = c.r
    t = table(c, rows=2)
    down = r.random() < 0.5
    if r.random() < 0.4:
        a = r.choice(t.texts)
        request(c, t, "csv_sort_words_down" if down else "csv_sort_words", t=a)
        tail = ", reverse=True" if down else ""
        c.call(f"{t.load}for row in sorted(rows, key=lambda row: row[{lit(a)}]{tail}):\n    {SHOWN}")
        c.say(f"Those are the rows sorted by {a}.")
        return
    n = r.choice(t.numbers)
    request(c, t, "csv_sort_down" if down else "csv_sort", n=n)
    out, _ = c.call(
        f"{t.load}found = []\n{loop(n)}    found.append((value, row))\n"
        f"for value, row in sorted(found, key=lambda pair: pair[0]{', reverse=True' if down else ''}):\n    {SHOWN}"
    )
    c.say(f"No row has a number in {n}." if out == "(no output)" else f"Those are the rows sorted by {n}.")


def missing_cells(c: Chat) -> None:
    """Rows with nothing in a column, or how many."""
    r = c.r
    t = table(c, rows=2)
    a = r.choice(t.header)
    for row in r.sample(t.rows, r.choice((0, 1, 1, 1, 2))):
        row[a] = ""
    c.world.files[t.path] = written(t)
    test = f'not (row[{lit(a)}] or "").strip()'
    if r.random() < 0.55:
        request(c, t, "csv_missing", t=a)
        out, _ = c.call(f"{t.load}for row in rows:\n    if {test}:\n        {SHOWN}")
        c.say(f"No row lacks {a}." if out == "(no output)" else f"Those are the rows without {a}.")
    else:
        request(c, t, "csv_missing_count", t=a)
        out, _ = c.call(f"{t.load}print(sum({test} for row in rows))")
        c.say(f"{out} row{' has' if out == '1' else 's have'} no {a}.")


def incomplete_lines(c: Chat) -> None:
    """Numbers of the lines on which some cell is empty or missing, whatever its column."""
    r = c.r
    t = table(c, rows=2)
    lines = {at: r.random() < 0.3 for at in r.sample(range(len(t.rows)), r.choice((0, 1, 1, 1, 2)))}
    for at in lines:
        t.rows[at][t.header[-1] if lines[at] else r.choice(t.header)] = ""
    text = written(t).splitlines()
    for at, short in lines.items():
        text[at + 1] = text[at + 1].removesuffix(t.separator) if short else text[at + 1]
    c.world.files[t.path] = "\n".join(text) + "\n"
    request(c, t, "csv_incomplete")
    reader = t.reader.replace("csv.DictReader", "csv.reader")
    out, _ = c.call(
        f"import csv\nrows = list({reader})\nfor number, row in enumerate(rows, 1):\n"
        "    if len(row) < len(rows[0]) or not all(cell.strip() for cell in row):\n        print(number)"
    )
    c.say(f"No line of {t.path} lacks a cell." if out == "(no output)" else "Those are the lines with a cell missing.")


def doubled_rows(c: Chat) -> None:
    """Values that come more than once in a column."""
    r = c.r
    t = table(c, rows=2)
    a = r.choice(t.texts)
    if r.random() < 0.7:
        t.rows[-1][a] = t.rows[0][a]
        c.world.files[t.path] = written(t)
    request(c, t, "csv_doubles", t=a)
    out, _ = c.call(
        f"{t.load}values = [row[{lit(a)}] for row in rows]\nfor value in dict.fromkeys(values):\n"
        "    if values.count(value) > 1:\n        print(value, values.count(value))"
    )
    c.say(f"No {a} comes twice." if out == "(no output)" else f"Those values of {a} come more than once.")


def _value(c: Chat, t: Table) -> tuple[str, str]:
    """A column of words and a value of it, now and then one that is not there."""
    a = c.r.choice(t.texts)
    return a, c.r.choice(t.rows)[a] if c.r.random() < 0.88 else fields.text(c.r, a)
