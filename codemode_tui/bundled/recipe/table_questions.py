"""Tables as people speak of them: the top few players by points, totals in a pivot, sorted names, both extremes,
cells that must hold a sign, results saved as a table, grades by thresholds, names looked up in a second table."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.nouns import many
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.table_groups import TOP, some_count
from codemode_tui.bundled.recipe.table_rows import ABOVE, BELOW
from codemode_tui.bundled.recipe.tables import Table, loop, request, table, written

_NUMBERS = {str(k): CARDINALS[k] for k in TOP}


def top_names(c: Chat) -> None:
    """ "Top 3 players by points": the same program as for the k rows with the highest number."""
    r = c.r
    t = table(c, rows=2)
    a, n = r.choice(t.texts), r.choice(t.numbers)
    k = str(some_count(r, len(t.rows)))
    high = r.random() < 0.8
    w = _NUMBERS[k] if r.random() < 0.25 else k
    request(c, t, "tq_top" if high else "tq_bottom", a=a, s=many(a), n=n, k=w)
    out, _ = c.call(
        f"{t.load}found = []\n{loop(n)}    found.append((value, row[{lit(a)}]))\n"
        f"for value, name in sorted(found, key=lambda pair: pair[0]{', reverse=True' if high else ''})[:{k}]:\n"
        '    print(name, f"{value:.12g}")'
    )
    word = "highest" if high else "lowest"
    c.say(f"There is no number in {n}." if out == "(no output)" else f"Those have the {word} {n}.")


def sorted_names(c: Chat) -> None:
    """One column, in the order of another."""
    r = c.r
    t = table(c, rows=2)
    a, n = r.choice(t.texts), r.choice(t.numbers)
    down = r.random() < 0.5
    w = r.choice(
        ("descending", "largest first", "highest first", "from high to low", "in descending order", "biggest first")
        if down
        else ("ascending", "smallest first", "lowest first", "from low to high", "in ascending order", "upwards")
    )
    request(c, t, "tq_sorted", a=a, s=many(a), n=n, w=w)
    out, _ = c.call(
        f"{t.load}found = []\n{loop(n)}    found.append((value, row[{lit(a)}]))\n"
        f"for value, name in sorted(found, key=lambda pair: pair[0]{', reverse=True' if down else ''}):\n    print(name)"
    )
    c.say(f"There is no number in {n}." if out == "(no output)" else f"Those are the values of {a}, sorted by {n}.")


def both_ends(c: Chat) -> None:
    """The row with the smallest and the one with the largest number, in one answer."""
    r = c.r
    t = table(c, rows=2)
    a, n = r.choice(t.texts), r.choice(t.numbers)
    request(c, t, "tq_both_ends", a=a, s=many(a), n=n)
    out, ok = c.call(
        f"{t.load}found = []\n{loop(n)}    found.append((value, row[{lit(a)}]))\n"
        "for value, name in (min(found, key=lambda pair: pair[0]), max(found, key=lambda pair: pair[0])):\n"
        '    print(name, f"{value:.12g}")'
    )
    if not ok:
        c.say(f"There is no number in {n} of {t.path}.")
        return
    low, _, high = out.partition("\n")
    c.say(f"The lowest {n}: {low}. The highest {n}: {high}.")


def cross_totals(c: Chat) -> None:
    """Totals over two columns, asked for in the words of spreadsheets."""
    t = table(c, texts=2)
    (a, b), n = c.r.sample(t.texts, 2), c.r.choice(t.numbers)
    request(c, t, "tq_pivot", a=a, b=b, n=n)
    out, _ = c.call(
        f"{t.load}totals = {{}}\n{loop(n)}    key = (row[{lit(a)}], row[{lit(b)}])\n"
        "    totals[key] = totals.get(key, 0) + value\n"
        'for key, value in sorted(totals.items()):\n    print(*key, f"{value:.12g}")'
    )
    c.say(f"There is no number in {n}." if out == "(no output)" else f"Those are the totals of {n} by {a} and {b}.")


def rounded_averages(c: Chat) -> None:
    """Averages by group with a fixed number of decimals."""
    r = c.r
    t = table(c, texts=2)
    a, n = r.choice(t.texts), r.choice(t.numbers)
    d = r.choice("12223")
    said = {"1": ("1", "one"), "2": ("2", "two", "2"), "3": ("3", "three")}[d]
    places = f"{r.choice(said)} decimal{'' if d == '1' else 's'}"
    if r.random() < 0.4:
        places = places.replace("decimals", "decimal places").replace("decimal", "decimal place", d == "1")
    request(c, t, "tq_average_rounded", a=a, n=n, w=places)
    out, _ = c.call(
        f"{t.load}groups = {{}}\n{loop(n)}    groups.setdefault(row[{lit(a)}], []).append(value)\n"
        f'for key, values in sorted(groups.items()):\n    print(key, f"{{sum(values) / len(values):.{d}f}}")'
    )
    c.say(f"There is no number in {n}." if out == "(no output)" else f"Those are the averages of {n} by {a}.")


def totals_saved(c: Chat) -> None:
    """Totals by group written to a new table with a given header."""
    r = c.r
    t = table(c, texts=2)
    a, n = r.choice(t.texts), r.choice(t.numbers)
    g = names.file_name(r, "csv")
    total = r.choice(("total", "total", "sum", "total", n, names.word(r)))
    header = f"{a},{total}"
    mean = r.random() < 0.25
    request(c, t, "tq_average_saved" if mean else "tq_total_saved", a=a, n=n, g=g, k=header)
    if mean:
        collect = f"{loop(n)}    groups.setdefault(row[{lit(a)}], []).append(value)\n"
        value = "{sum(values) / len(values):.12g}"
        code = f"groups = {{}}\n{collect}"
        line, items = f'f"{{key}},{value}\\n" for key, values in sorted(groups.items())', "groups"
    else:
        key = f"row[{lit(a)}]"
        code = f"totals = {{}}\n{loop(n)}    totals[{key}] = totals.get({key}, 0) + value\n"
        line, items = 'f"{key},{value:.12g}\\n" for key, value in sorted(totals.items())', "totals"
    out, _ = c.call(f'{t.load}{code}write_file({lit(g)}, {lit_line(header)} + "".join({line}))\nprint(len({items}))')
    c.say(f"I wrote {g} with {out} row{'' if out == '1' else 's'}.")


def rows_copied(c: Chat) -> None:
    """The header, and the rows that fit, in a new file."""
    r = c.r
    t = table(c, rows=2)
    t.separator = ","
    t.path = t.path.replace(".tsv", ".csv")
    c.world.add(r, t.path, written(t))
    g = names.file_name(r, "csv")
    way = r.random()
    if way < 0.45:
        n, k = r.choice(t.numbers), str(r.choice((0, 1, 5, 10, 20, 50, 100, r.randint(1, 500))))
        sign, w = r.choice((("==", ""), (">", r.choice(ABOVE)), ("<", r.choice(BELOW)), (">=", "at least")))
        test, load = f"value {sign} {k}", loop(n)
        said = f"{w} {k}".strip()
    else:
        n = r.choice(t.texts)
        said = r.choice(t.rows)[n] if r.random() < 0.9 else fields.text(r, n)
        load, test = "for row in rows:\n", f"row[{lit(n)}] == {lit(said)}"
    request(c, t, "tq_rows_copied", g=g, n=n, k=said)
    out, _ = c.call(
        f"import csv\nimport io\nrows = list({t.reader})\nout = io.StringIO()\n"
        'writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\\n")\nwriter.writeheader()\n'
        f"count = 0\n{load}    if {test}:\n        writer.writerow(row)\n        count += 1\n"
        f"write_file({lit(g)}, out.getvalue())\nprint(count)"
    )
    c.say(f"I wrote the header and {out} row{'' if out == '1' else 's'} to {g}.")


def must_contain(c: Chat) -> None:
    """Rows in which a cell lacks a sign that it must have, an @ in addresses mostly."""
    r = c.r
    t = table(c, texts=2, rows=2)
    sign, kind = r.choice((("@", "e"), ("@", "e"), ("@", "e"), ("-", ""), (".", ""), ("/", ""), ("+", ""), ("#", "")))
    old = t.texts[1]
    a = r.choice(("email", "email", "mail", "e-mail", "address", "contact", "Email")) if kind else old
    if a in t.header and a != old:
        a = old
    first = t.texts[0]
    for row in t.rows:
        value = row.pop(old)
        row[a] = f"{value}{sign}{names.word(r)}{'.' + r.choice(('org', 'com', 'net', 'de')) if kind else ''}"
        if r.random() < 0.35:
            row[a] = row[a].replace(sign, "")
    t.header = [a if name == old else name for name in t.header]
    c.world.files[t.path] = written(t)
    request(c, t, "tq_must_contain", a=a, n=first, s=many(first), k=sign, w=f'an "{sign}"' if kind else f'a "{sign}"')
    out, _ = c.call(
        f"{t.load}for row in rows:\n    if {lit(sign)} not in row[{lit(a)}]:\n        print(row[{lit(first)}])"
    )
    c.say(
        f'Every {a} has {"an" if kind else "a"} "{sign}".'
        if out == "(no output)"
        else f'Those have no "{sign}" in {a}.'
    )


def field_count(c: Chat) -> None:
    """Lines that do not have so many fields."""
    r = c.r
    t = table(c, rows=2)
    t.separator = ","
    t.path = t.path.replace(".tsv", ".csv")
    lines = written(t).splitlines()
    for at in range(1, len(lines)):
        if r.random() < 0.3:
            lines[at] = lines[at] + "," + names.word(r) if r.random() < 0.5 else lines[at].rpartition(",")[0]
    c.world.add(r, t.path, "\n".join(lines) + "\n")
    k = str(len(t.header))
    w = _NUMBERS.get(k, k) if r.random() < 0.3 else k
    request(c, t, "tq_field_count", k=w)
    out, _ = c.call(
        f"import csv\nfor number, row in enumerate(csv.reader(read_file({lit(t.path)}).splitlines()), 1):\n"
        f"    if len(row) != {k}:\n        print(number, len(row))"
    )
    c.say(f"Every line has {k} fields." if out == "(no output)" else f"Those lines do not have {k} fields.")


def graded(c: Chat) -> None:
    """A label for each row by two or three thresholds."""
    r = c.r
    t = table(c, rows=2)
    a, n = r.choice(t.texts), r.choice(t.numbers)
    count = r.choice((1, 2, 2, 3, 3))
    bounds = sorted(
        (str(k) for k in r.sample((*range(5, 100, 5), *range(100, 1000, 50)), count)), key=int, reverse=True
    )
    labels = r.choice((list("ABCDF"), [], [], ["gold", "silver", "bronze", "none"], ["high", "medium", "low", "none"]))
    labels = [*labels[:count], labels[-1]] if labels else []
    while len(set(labels)) < count + 1:
        labels = [names.word(r) for _ in range(count + 1)]
    quotes = r.choice(("", "", "'", '"'))
    slots = {f"l{at}": quotes + label + quotes for at, label in enumerate(labels)}
    slots |= {f"k{at}": bound for at, bound in enumerate(bounds)}
    text = ask(
        r, f"tq_graded_{count}", held=c.held, shaped=True, f=quoted(r, t.path), a=quoted(r, a), n=quoted(r, n), **slots
    )
    c.user(text)
    chain = "".join(
        f"    {'if' if at == 0 else 'elif'} value >= {bound}:\n        label = {lit(labels[at])}\n"
        for at, bound in enumerate(bounds)
    )
    out, _ = c.call(
        f"{t.load}{loop(n)}{chain}    else:\n        label = {lit(labels[-1])}\n    print(row[{lit(a)}], label)"
    )
    c.say(f"There is no number in {n}." if out == "(no output)" else "Those are the labels.")


def named_elsewhere(c: Chat) -> None:
    """A column of one table with the name that a second table has for a key."""
    r = c.r
    t, u = table(c, rows=2), table(c, rows=2)
    while u.texts[0].lower() == t.texts[0].lower():
        u = table(c, rows=2)
    first, other = t.texts[0], u.texts[0]
    thing = other if other.isalpha() and other.islower() else "owner"
    key = r.choice((f"{thing}_id", f"{thing}_id", f"{thing}_no", "id", thing + "id", "code"))
    their = key if r.random() < 0.6 else r.choice(("id", "id", "key", "no"))
    if their in u.header or key in t.header or other == their:
        their = key = f"{thing}_key"
    start = r.choice((1, 1, 10, 100))
    for number, row in enumerate(u.rows, start):
        row[their] = str(number)
    u.header = [their, *u.header]
    for row in t.rows:
        row[key] = str(r.randrange(start, start + len(u.rows)))
    t.header.append(key)
    for made in (t, u):
        made.separator = ","
        made.path = made.path.replace(".tsv", ".csv")
        c.world.add(r, made.path, written(made))
    if t.path == u.path:
        return top_names(c)
    same = "same" if their == key else "other"
    slots = {"a": first, "n": other, "g": u.path, "p": key, "q": their}
    _ask_two(c, t, f"tq_named_{same}", slots)
    out, _ = c.call(
        f"{t.load}names = {{row[{lit(their)}]: row[{lit(other)}] for row in "
        f"csv.DictReader(read_file({lit(u.path)}).splitlines())}}\n"
        f"for row in rows:\n    print(row[{lit(first)}], names.get(row[{lit(key)}]))"
    )
    c.say(f"Those are the {many(first)} with their {many(other)}." if out else "")


def _ask_two(c: Chat, t: Table, section: str, slots: dict[str, str]) -> None:
    filled = {key: quoted(c.r, value) for key, value in slots.items()}
    c.user(ask(c.r, section, held=c.held, shaped=True, f=quoted(c.r, t.path), s=many(slots["a"]), **filled))


def lit_line(text: str) -> str:
    """The literal of a line with its end."""
    return f'"{text}\\n"' if '"' not in text and "\\" not in text else repr(text + "\n")
