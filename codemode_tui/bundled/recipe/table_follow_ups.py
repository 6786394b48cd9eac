"""Second questions about the rows of a table that was just dealt with: totals of each value, the best row, some rows."""

from __future__ import annotations

from codemode_tui.bundled.recipe import tables
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import quoted
from codemode_tui.bundled.recipe.second_questions import again
from codemode_tui.bundled.recipe.table_rows import SHOWN

_HIGH = ("highest", "highest", "largest", "biggest", "greatest", "most")
_LOW = ("lowest", "lowest", "smallest", "least")


def about_rows(c: Chat, load: str, rows: list[dict[str, str]], numbers: list[str]) -> bool:
    """One question about ``rows``, which ``load`` reads; False when they have no column of text, or none of numbers."""
    r = c.r
    texts = [name for name in rows[0] if name and name not in numbers]
    if not texts or not numbers:
        return False
    a, n = r.choice(texts), r.choice(numbers)
    way = r.random()
    if way < 0.25:
        _totals(c, load, a, n)
    elif way < 0.35:
        _averages(c, load, a, n)
    elif way < 0.5:
        _counts(c, load, a)
    elif way < 0.75:
        _best(c, load, n, next(iter(rows[0])))
    else:
        value = r.choice(rows).get(a) or ""
        if not value.strip():
            return False
        _where(c, load, a, value)
    return True


def _totals(c: Chat, load: str, a: str, n: str) -> None:
    again(c, "fu_totals_by", t=quoted(c.r, a), n=quoted(c.r, n))
    c.call(tables.totals_by(load, a, n))
    c.say(f"Those are the totals of {n} by {a}.")


def _averages(c: Chat, load: str, a: str, n: str) -> None:
    again(c, "fu_averages_by", t=quoted(c.r, a), n=quoted(c.r, n))
    c.call(tables.averages_by(load, a, n))
    c.say(f"Those are the averages of {n} by {a}.")


def _counts(c: Chat, load: str, a: str) -> None:
    again(c, "fu_counts_by", t=quoted(c.r, a))
    c.call(tables.counts_by(load, a) + tables.COUNTED)
    c.say(f"Those are the rows per {a}.")


def _best(c: Chat, load: str, n: str, first: str) -> None:
    """The name of the row at one end; ``first`` is the column of names."""
    r = c.r
    high = r.random() < 0.65
    w = r.choice(_HIGH if high else _LOW)
    again(c, "fu_best_row", n=quoted(r, n), w=w, t=quoted(r, first))
    out, _ = c.call(tables.best(load, n, high=high))
    found, _, value = out.rpartition(" ")
    c.say(f"{found} has the {w} {n}: {value}.")


def _where(c: Chat, load: str, a: str, v: str) -> None:
    """The rows with one value, or how many they are."""
    r = c.r
    test = f"row[{lit(a)}] == {lit(v)}"
    if r.random() < 0.55:
        again(c, "fu_where", t=quoted(r, a), v=quoted(r, v))
        c.call(f"{load}for row in rows:\n    if {test}:\n        {SHOWN}")
        c.say(f"Those are the rows with {a} {v}.")
    else:
        again(c, "fu_where_count", t=quoted(r, a), v=quoted(r, v))
        out, _ = c.call(f"{load}print(sum({test} for row in rows))")
        c.say(f"{out} row{' has' if out == '1' else 's have'} {v} as {a}.")
