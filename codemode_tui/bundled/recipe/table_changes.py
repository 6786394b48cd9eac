"""Changes of CSV files: rows picked out or thrown away, columns dropped, a cell set; and two columns side by side."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.shapes import plural
from codemode_tui.bundled.recipe.tables import Table, request, table, written


def two_columns(c: Chat) -> None:
    """Two columns of every row."""
    r = c.r
    t = table(c, texts=1, numbers=2, rows=1)
    a, b = r.sample(t.header, 2)
    request(c, t, "csv_two_columns", a=a, b=b)
    c.call(f"{t.load}for row in rows:\n    print(row[{lit(a)}], row[{lit(b)}])")
    c.say(f"Those are {a} and {b} of each row of {t.path}.")


def rows_saved(c: Chat) -> None:
    """The rows with a certain value, in a file of their own."""
    r = c.r
    t = _table(c)
    a, v = _value(c, t)
    g = names.file_name(r, "csv")
    request(c, t, "csv_save_rows", t=a, v=v, g=g)
    out, _ = c.call(
        f"{t.load}kept = [row for row in rows if row[{lit(a)}] == {lit(v)}]\n{_back('kept', g)}print(len(kept))"
    )
    c.say(f"I wrote {plural(out, 'row')} with {a} {v} to {g}.")


def rows_deleted(c: Chat) -> None:
    """The rows with a certain value are thrown away."""
    t = _table(c)
    a, v = _value(c, t)
    request(c, t, "csv_delete_rows", t=a, v=v)
    out, _ = c.call(
        f"{t.load}kept = [row for row in rows if row[{lit(a)}] != {lit(v)}]\n{_back('kept', t.path)}"
        "print(len(rows) - len(kept))"
    )
    c.say(f"No row has {v} as {a}." if out == "0" else f"I deleted {plural(out, 'row')} from {t.path}.")


def column_deleted(c: Chat) -> None:
    """A column less."""
    t = _table(c)
    n = c.r.choice(t.header)
    request(c, t, "csv_delete_column", n=n)
    c.call(f'{t.load}for row in rows:\n    del row[{lit(n)}]\n{_back("rows", t.path)}print("deleted")')
    c.say(f"I deleted the column {n} from {t.path}.")


def column_computed(c: Chat) -> None:
    """A new column, made of two others; it stays empty where one of them is no number."""
    r = c.r
    t = _table(c, numbers=2)
    a, b = r.sample(t.numbers, 2)
    kind = r.choice(("product", "product", "quotient", "sum", "difference"))
    n = fields.draw(r, fields.COUNTS, set(t.header))
    request(c, t, f"csv_column_{kind}", n=n, a=a, b=b)
    sign = {"product": "*", "quotient": "/", "sum": "+", "difference": "-"}[kind]
    wrong = "(TypeError, ValueError, ZeroDivisionError)" if sign == "/" else "(TypeError, ValueError)"
    c.call(
        f"{t.load}for row in rows:\n    try:\n"
        f"        value = float(row[{lit(a)}]) {sign} float(row[{lit(b)}])\n"
        f'        row[{lit(n)}] = f"{{value:.12g}}"\n'
        f'    except {wrong}:\n        row[{lit(n)}] = ""\n{_back("rows", t.path)}print("added")'
    )
    c.say(f"I added the column {n}, {a} {sign} {b}, to {t.path}.")


def cell_set(c: Chat) -> None:
    """One column of one row gets another value; the row is named by a value, with or without its column."""
    r = c.r
    t = _table(c)
    a, v = t.header[0], r.choice(t.rows)[t.header[0]]
    n, k = r.choice(t.numbers), str(names.number(r))
    named = r.random() < 0.5
    slots = {"t": a, "v": v, "n": n, "k": k}
    if not named:
        del slots["t"]
    request(c, t, "csv_set_cell_named" if named else "csv_set_cell", **slots)
    test = f"row[{lit(a)}] == {lit(v)}" if named else f"{lit(v)} in row.values()"
    c.call(
        f'{t.load}for row in rows:\n    if {test}:\n        row[{lit(n)}] = {lit(k)}\n{_back("rows", t.path)}print("written")'
    )
    c.say(f"The {n} of {v} is {k} in {t.path} now.")


def _table(c: Chat, *, numbers: int = 1) -> Table:
    """A table with commas, which can be written back without more ado."""
    t = table(c, numbers=numbers, rows=2)
    t.separator = ","
    t.path = t.path.replace(".tsv", ".csv")
    c.world.add(c.r, t.path, written(t))
    return t


def _value(c: Chat, t: Table) -> tuple[str, str]:
    """A column of words and a value, which the table mostly has."""
    a = c.r.choice(t.texts)
    return a, c.r.choice(t.rows)[a] if c.r.random() < 0.9 else fields.text(c.r, a)


def _back(rows: str, path: str) -> str:
    """The code that writes ``rows`` to a file."""
    return (
        f'text = ",".join(rows[0]) + "\\n"\nfor row in {rows}:\n    text += ",".join(row.values()) + "\\n"\n'
        f"write_file({lit(path)}, text)\n"
    )
