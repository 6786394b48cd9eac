"""Tables and lists inside one file: filter, distinct values, pivot, best row."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted

MISSING = ("n/a", "", "unknown", "-")


def rows_where(c: Chat) -> None:
    r = c.r
    f, texts, numbers, load = _table(c)
    t = r.choice(texts)
    values = [line.split(",")[texts.index(t)] for line in c.world.files[f].splitlines()[1:]]
    v = r.choice(values) if values and r.random() < 0.85 else names.word(r)
    if numbers and r.random() < 0.4:
        n, k = r.choice(numbers), r.randint(1, 400)
        more = r.random() < 0.6
        word = r.choice(("above", "over", "more than", "greater than") if more else ("below", "under", "less than"))
        c.user(
            ask(
                r,
                [
                    f"(how many|count the) rows (of|in) {{f}} (have|with) {{n}} {word} {{k}}",
                    f"in how many rows of {{f}} is {{n}} {word} {{k}}",
                    f"count rows in {{f}} where {{n}} is {word} {{k}}",
                    f"number of rows with {{n}} {word} {{k}} in {{f}}",
                ],
                held=c.held,
                f=quoted(r, f),
                n=n,
                k=str(k),
            )
        )
        out, _ = c.call(f"{load}print(sum(float(row[{lit(n)}]) {'>' if more else '<'} {k} for row in rows))")
        c.say(f"{out} row{' has' if out == '1' else 's have'} {n} {word} {k}.")
        return
    c.user(
        ask(
            r,
            [
                "(show|list|print|find|give me) (the |all |)rows (of|in) {f} (where|with) {t} (is|equal to) {v}",
                "which rows (of|in) {f} have {v} (as|in) {t}",
                "(filter|select from) {f} (by|where) {t} {v}",
                "rows of {f} with {t} {v}",
            ],
            held=c.held,
            f=quoted(r, f),
            t=t,
            v=v,
        )
    )
    out, _ = c.call(
        f'{load}for row in rows:\n    if row[{lit(t)}] == {lit(v)}:\n        print(", ".join(row.values()))'
    )
    c.say(f"No row has {v} as {t}." if out == "(no output)" else f"Those are the rows with {t} {v}.")


def distinct(c: Chat) -> None:
    r = c.r
    f, texts, _, load = _table(c)
    t = r.choice(texts)
    if r.random() < 0.5:
        c.user(
            ask(
                r,
                [
                    "(how many|count the) (different|distinct|unique) (values of |){t} (are in|in) {f}",
                    "how many (different|distinct) {t} values does {f} have",
                    "number of (unique|distinct) {t} in {f}",
                    "how many kinds of {t} are there in {f}",
                ],
                held=c.held,
                f=quoted(r, f),
                t=t,
            )
        )
        out, _ = c.call(f"{load}print(len({{row[{lit(t)}] for row in rows}}))")
        c.say(f"{f} has {out} different value{'' if out == '1' else 's'} of {t}.")
        return
    c.user(
        ask(
            r,
            [
                "(how often|how many times) does each {t} (occur|appear) in {f}",
                "(count|group) the rows (of|in) {f} by {t}",
                "(how many rows|number of rows) (per|for each) {t} in {f}",
                "rows per {t} in {f}",
            ],
            held=c.held,
            f=quoted(r, f),
            t=t,
        )
    )
    c.call(
        f"{load}counts = {{}}\nfor row in rows:\n    counts[row[{lit(t)}]] = counts.get(row[{lit(t)}], 0) + 1\n"
        "for key, count in sorted(counts.items()):\n    print(key, count)"
    )
    c.say(f"Those are the rows per {t}.")


def pivot(c: Chat) -> None:
    r = c.r
    f, texts, numbers, load = _table(c, pair=True)
    (a, b), n = texts, numbers[0]
    c.user(
        ask(
            r,
            [
                "(pivot|make a pivot table of) {n} by {a} and {b} (in|from|of) {f}",
                "(sum|total|add up) {n} (by|per|for each) {a} and {b} in {f}",
                "{n} per {a} and {b} in {f}",
                "cross-tabulate {n} of {f} by {a} and {b}",
            ],
            held=c.held,
            f=quoted(r, f),
            a=a,
            b=b,
            n=n,
        )
    )
    c.call(
        f"{load}totals = {{}}\nfor row in rows:\n    key = (row[{lit(a)}], row[{lit(b)}])\n"
        f"    totals[key] = totals.get(key, 0) + float(row[{lit(n)}])\n"
        "for key, value in sorted(totals.items()):\n    print(*key, value)"
    )
    c.say(f"Those are the totals of {n} by {a} and {b}.")


def best_row(c: Chat) -> None:
    r = c.r
    f, texts, numbers, load = _table(c, number=True)
    t, n = r.choice(texts), r.choice(numbers)
    high = r.random() < 0.65
    word = r.choice(("highest", "most", "largest") if high else ("lowest", "least", "smallest"))
    c.user(
        ask(
            r,
            [
                f"(which|what) {{t}} (in|of) {{f}} has the {word} {{n}}",
                f"(which|what) {{t}} has the {word} {{n}} in {{f}}",
                f"(find|get|show) the {{t}} with the {word} {{n}} (in|from) {{f}}",
                f"who or what has the {word} {{n}} in {{f}}, by {{t}}",
            ],
            held=c.held,
            f=quoted(r, f),
            t=t,
            n=n,
        )
    )
    out, _ = c.call(
        f"{load}best = {'max' if high else 'min'}(rows, key=lambda row: float(row[{lit(n)}]))\n"
        f"print(best[{lit(t)}], best[{lit(n)}])"
    )
    found, _, value = out.rpartition(" ")
    c.say(f"{found} has the {word} {n}: {value}.")


def gaps(c: Chat) -> None:
    """A first program that fails on a cell without a number, and a second one that leaves it out."""
    r = c.r
    f, _, numbers, load = _table(c, number=True)
    n = r.choice(numbers)
    rows = c.world.files[f].splitlines()
    at, column = r.randrange(1, len(rows)), rows[0].split(",").index(n)
    cells = rows[at].split(",")
    cells[column] = r.choice(MISSING)
    rows[at] = ",".join(cells)
    c.world.files[f] = "\n".join(rows) + "\n"
    word = r.choice(("sum", "total"))
    c.user(
        ask(
            r,
            [
                f"what is the {word} (of |){{n}} in {{f}}",
                f"(compute|calculate|get|find) the {word} (of |){{n}} in {{f}}",
                f"{word} of (the column |){{n}} in {{f}}",
                f"give me the {word} {{n}} from {{f}}",
            ],
            held=c.held,
            f=quoted(r, f),
            n=n,
        )
    )
    c.call(f"{load}values = [float(row[{lit(n)}]) for row in rows]\nprint(sum(values))")
    out, _ = c.call(
        f"{load}total = 0\nskipped = 0\nfor row in rows:\n    try:\n        total += float(row[{lit(n)}])\n"
        "    except ValueError:\n        skipped += 1\nprint(total, skipped)"
    )
    total, skipped = out.split()
    c.say(f"The {word} of {n} is {total}; {skipped} row{'' if skipped == '1' else 's'} without a number left out.")


def _table(c: Chat, *, pair: bool = False, number: bool = False) -> tuple[str, list[str], list[str], str]:
    """A CSV file in the workspace: its path, text columns, number columns, and the code that loads ``rows``."""
    while True:
        text, texts, numbers = contents.table(c.r)
        if (not pair or (len(texts) == 2 and numbers)) and (not number or numbers):
            break
    f = some_file(c, "csv", text)
    return f, texts, numbers, f"import csv\nrows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\n"
