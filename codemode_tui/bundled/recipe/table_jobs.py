"""Tables computed on, joined and written elsewhere: ratios and products of columns, sums per row, joins, JSON."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.tables import loop, request, table, written

_UNDEFINED = [
    "undefined",
    "none",
    "n/a",
    "infinite",
    "nothing",
    "-",
    "zero",
    "error",
    "missing",
    "unknown",
    "impossible",
    "inf",
    "no",
    "skip",
]


def row_ratio(c: Chat) -> None:
    """One column divided by another, row by row, with a given word where that cannot be."""
    r = c.r
    t = table(c, numbers=2, rows=1)
    a, b = r.sample(t.numbers, 2)
    for row in t.rows:
        if r.random() < 0.3:
            row[b] = "0"
    c.world.files[t.path] = written(t)
    w = r.choice(_UNDEFINED) if r.random() < 0.7 else names.word(r)
    request(c, t, "csv_ratio", a=a, b=b, w=w)
    c.call(
        f"{t.load}for row in rows:\n    try:\n        value = float(row[{lit(a)}]) / float(row[{lit(b)}])\n"
        f'        print(f"{{value:.12g}}")\n'
        f"    except (TypeError, ValueError, ZeroDivisionError):\n        print({lit(w)})"
    )
    c.say(f"Those are the ratios of {a} to {b}.")


def row_quotient(c: Chat) -> None:
    """One column divided by another, row by row; rows where that cannot be are left out."""
    r = c.r
    t = table(c, numbers=2, rows=1)
    a, b = r.sample(t.numbers, 2)
    request(c, t, "csv_quotient", a=a, b=b)
    out, _ = c.call(
        f"{t.load}for row in rows:\n    try:\n        value = float(row[{lit(a)}]) / float(row[{lit(b)}])\n"
        "    except (TypeError, ValueError, ZeroDivisionError):\n        continue\n"
        '    print(list(row.values())[0], f"{value:.12g}")'
    )
    c.say(f"No row has a {a} and a {b}." if out == "(no output)" else f"Those are {a} divided by {b}.")


def row_product(c: Chat) -> None:
    """Two columns multiplied, row by row, or all of it added up."""
    r = c.r
    t = table(c, numbers=2, rows=1)
    a, b = r.sample(t.numbers, 2)
    whole = r.random() < 0.6
    request(c, t, "csv_product_total" if whole else "csv_product", a=a, b=b)
    start, use, end = ("total = 0\n", "total += value", '\nprint(f"{total:.12g}")') if whole else ("", "", "")
    if not whole:
        use = 'print(list(row.values())[0], f"{value:.12g}")'
    out, _ = c.call(
        f"{t.load}{start}for row in rows:\n    try:\n        value = float(row[{lit(a)}]) * float(row[{lit(b)}])\n"
        f"    except (TypeError, ValueError):\n        continue\n    {use}{end}"
    )
    if whole:
        c.say(f"{a} times {b} comes to {out} in all.")
    else:
        c.say("No row has both numbers." if out == "(no output)" else f"Those are the products of {a} and {b}.")


def to_json(c: Chat) -> None:
    """The rows as a list of objects in a JSON file."""
    r = c.r
    t = table(c, rows=1)
    g = t.path.rsplit(".", 1)[0] + ".json" if r.random() < 0.4 else names.file_name(r, "json")
    request(c, t, "csv_to_json", g=g)
    c.call(
        t.load.replace("import csv\n", "import csv\nimport json\n")
        + f'write_file({lit(g)}, json.dumps(rows, indent=2) + "\\n")\nprint("written")'
    )
    c.say(f"I wrote the rows of {t.path} to {g}.")


def add_total(c: Chat) -> None:
    """A last row with the sum of a column."""
    r = c.r
    t = table(c, rows=1)
    t.separator = ","
    t.path = t.path.replace(".tsv", ".csv")
    c.world.add(r, t.path, written(t))
    n = r.choice(t.numbers)
    request(c, t, "csv_add_total", n=n)
    out, _ = c.call(
        f"{t.load}total = 0\n{loop(n)}    total += value\nheader = list(rows[0])\n"
        f'cells = [f"{{total:.12g}}" if name == {lit(n)} else "" for name in header]\n'
        'cells[0] = cells[0] or "total"\n'
        f"text = read_file({lit(t.path)})\n"
        f'write_file({lit(t.path)}, text.rstrip("\\n") + "\\n" + ",".join(cells) + "\\n")\nprint(f"{{total:.12g}}")'
    )
    c.say(f"I added a row with the total of {n}, {out}, to {t.path}.")


def join(c: Chat) -> None:
    """Rows of two tables that go together, by a column that both have."""
    r = c.r
    t, u = table(c, rows=2), table(c, rows=1)
    for made in (t, u):
        made.separator = ","
        made.path = made.path.replace(".tsv", ".csv")
    key = t.texts[0]
    other = u.texts[0]
    values = [row[key] for row in t.rows]
    u.header = [key, *[name for name in u.header if name not in (other, *t.header)]]
    u.rows = [
        {**row, key: value} for row, value in zip(u.rows, r.sample(values, min(len(values), len(u.rows))), strict=False)
    ]
    for made in (t, u):
        c.world.add(r, made.path, written(made))
    request(c, t, "csv_join", g=u.path, t=key)
    out, _ = c.call(
        f"{t.load}others = {{}}\nfor row in csv.DictReader(read_file({lit(u.path)}).splitlines()):\n"
        f"    others[row[{lit(key)}]] = row\nfor row in rows:\n    if row[{lit(key)}] in others:\n"
        f'        print(*{{**row, **others[row[{lit(key)}]]}}.values(), sep=", ")'
    )
    c.say(f"No row has a partner by {key}." if out == "(no output)" else f"Those are the rows joined on {key}.")


def unmatched(c: Chat) -> None:
    """Values of a column of one table that the other does not have."""
    r = c.r
    t, u = table(c, rows=2), table(c, rows=1)
    key = t.texts[0]
    old = u.texts[0]
    u.header = [key if name == old else name for name in u.header if name != key]
    pool = [row[key] for row in t.rows]
    u.rows = [{**row, key: r.choice(pool) if r.random() < 0.7 else fields.text(r, key)} for row in u.rows]
    c.world.files[u.path] = written(u)
    c.user(ask(r, "csv_unmatched", held=c.held, f=quoted(r, t.path), g=quoted(r, u.path), t=quoted(r, key)))
    out, _ = c.call(
        f"{t.load}known = {{row[{lit(key)}] for row in {u.reader}}}\nfor row in rows:\n"
        f"    if row[{lit(key)}] not in known:\n        print(row[{lit(key)}])"
    )
    c.say(f"Every {key} of {t.path} is in {u.path}." if out == "(no output)" else f"Those are not in {u.path}.")
