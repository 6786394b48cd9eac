"""Jobs over several tables: joined by a code, codes without a partner, rows in a file for each group, new names by a
list; and those of ``job_many_files``."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields, job_many_files, names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_moves import finish
from codemode_tui.bundled.recipe.job_many_files import ask_for, free
from codemode_tui.bundled.recipe.job_places import NOTHING, folders
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.nouns import many, some_noun
from codemode_tui.bundled.recipe.phrasing import quoted
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.tools.protected import is_secret

Row = dict[str, str]
_SAME_ON = "by {p}|on {p}|by the column {p}|on the common column {p}|over the column {p}"
_ON = "on {q} = {p}|with {q} in {g} as {p} in {f}|where {q} in {g} equals {p} in {f}|by {p} of {f} and {q} of {g}"
_SAME_RULE = "both have the column {p}|both files have {p}|the two share the column {p}|they go together by {p}"
_RULE = (
    "{q} in {g} is {p} in {f}|{q} in {g} refers to {p} in {f}|the column {q} of {g} holds the {p} of {f}|"
    "{p} in {f} is {q} in {g}|{q} in {g} stands for {p} in {f}"
)
_MESSAGES = ("unknown", "missing", "?", "n/a", "none", "nobody", "nothing", "no name", "not found", "-", "other")


def looked_up(c: Chat) -> None:
    """Each row of one table with the name that another one gives for its code; printed, written, or the best of all."""
    r = c.r
    o, p, q, a = _keys(r)
    n = fields.draw(r, fields.DECIMALS if r.random() < 0.4 else fields.COUNTS, {p, q, a})
    codes = _codes(r, r.randint(2, 4))
    people = _different(r, a, len(codes))
    kind = r.choice(("", "", "_or", "_best", "_best", "_write"))
    extra = _codes(r, 1) if kind == "_or" else []
    used = codes + r.choices(codes, k=r.randint(0, 3)) + extra
    r.shuffle(used)
    values = _unlike(r, n, used)
    f = _file(c, "csv", _csv([{p: code, a: name} for code, name in zip(codes, people, strict=True)]), o)
    g = _file(c, "csv", _csv([{q: code, n: value} for code, value in zip(used, values, strict=True)]))
    w, h = r.choice(_MESSAGES), free(c, "", "csv")
    high = r.random() < 0.75
    x = r.choice(("most", "highest", "largest") if high else ("least", "lowest", "smallest"))
    _ask_join(c, "jj_lookup" + kind, f=f, g=g, a=a, n=n, p=p, q=q, w=lit(w), h=h, x=x, o=o, os=many(o))
    name = f"names.get(row[{lit(q)}], {lit(w)})" if kind == "_or" else f"names[row[{lit(q)}]]"
    start, number = _names_of(f, p, a) + _each_row(g), f"row[{lit(n)}]"
    if kind == "_best":
        out, _ = c.call(
            start.replace("\nfor ", "\ntotals = {}\nfor ")
            + f"    name = {name}\n    totals[name] = totals.get(name, 0) + float({number})\n"
            f'best = {"max" if high else "min"}(totals, key=totals.get)\nprint(best, f"{{totals[best]:.12g}}")'
        )
        found, _, value = out.rpartition(" ")
        c.say(f"{found} has the {x} {n} in total: {value}.")
    elif kind == "_write":
        out, _ = c.call(
            start.replace("\nfor ", f"\nlines = [{lit(f'{a},{n}')}]\nfor ")
            + f'    lines.append({name} + "," + {number})\nwrite_file({lit(h)}, "\\n".join(lines) + "\\n")\n'
            "print(len(lines) - 1)"
        )
        c.say(f"I wrote {plural(out, 'row')} to {h}.")
    else:
        c.call(f"{start}    print({name}, {number})")
        c.say(f"Those are the rows of {g} with their {a}.")


def three_tables(c: Chat) -> None:
    """What everybody has to pay: a table of quantities, with the names and the prices in two others."""
    r = c.r
    o, e = r.choice((("customer", "product"), ("customer", "item"), (some_noun(r), some_noun(r))))
    e = e if e != o else e + "_type"
    style = r.choice((("id", "id"), ("code", "code"), (f"{o}_id", f"{e}_id"), (f"{o}_code", f"{e}_code"), ("no", "no")))
    p, q = style
    j, k = (p, q) if p != q else (f"{o}_{p}", f"{e}_{q}") if r.random() < 0.6 else (o, e)
    a = r.choice(("name", "name", "name", "title", "label", fields.draw(r, fields.NAMES, {p, j, k})))
    m = r.choice(("price", "price", "unit_price", "cost", "rate", "fee", fields.draw(r, fields.DECIMALS, {q, k, a})))
    n = r.choice(("quantity", "quantity", "qty", "count", "pieces", fields.draw(r, fields.COUNTS, {j, k, m})))
    codes, others = _codes(r, r.randint(2, 3)), _codes(r, r.randint(2, 3))
    first = [{p: code, a: name} for code, name in zip(codes, _different(r, a, len(codes)), strict=True)]
    prices = [{q: code, "sort" if a != "sort" else "kind": names.word(r), m: _price(r)} for code in others]
    who = codes + r.choices(codes, k=r.randint(1, 2))
    r.shuffle(who)
    amounts = [{j: one, k: r.choice(others), n: str(r.randint(1, 20))} for one in who]
    f, g = _file(c, "csv", _csv(first), o), _file(c, "csv", _csv(prices), e)
    h = _file(c, "csv", _csv(amounts), r.choice(("order", "sale", "booking", some_noun(r))))
    slots = {"a": a, "m": m, "n": n, "p": p, "q": q, "j": j, "l": k}
    fine = r.random() < 0.4
    more = "(Print|Show|Give) (the totals|all totals|each total) with two decimals." if fine else ""
    ask_for(c, "jj_three", more=more, f=f, g=g, h=h, o=o, os=many(o), **slots)
    rows = "for row in csv.DictReader(read_file({}).splitlines())"
    c.call(
        f"{_names_of(f, p, a)}prices = {{row[{lit(q)}]: float(row[{lit(m)}]) {rows.format(lit(g))}}}\ntotals = {{}}\n"
        f"{_each_row(h)}    name = names[row[{lit(j)}]]\n"
        f"    totals[name] = totals.get(name, 0) + float(row[{lit(n)}]) * prices[row[{lit(k)}]]\n"
        f'for name, value in sorted(totals.items()):\n    print(name, f"{{value:{".2f" if fine else ".12g"}}}")'
    )
    c.say(f"Those are the totals of each {a}.")


def unknown_codes(c: Chat) -> None:
    """Codes of one table that another one does not have, how many rows have one, or names without any row."""
    r = c.r
    o, p, q, a = _keys(r)
    n = fields.draw(r, fields.COUNTS, {p, q, a})
    codes = _codes(r, r.randint(4, 6))
    known = codes if r.random() < 0.12 else r.sample(codes, len(codes) - r.randint(1, 3))
    kind = r.choice(("codes", "codes", "names", "names", "count"))
    listed, used = (codes, known) if kind == "names" else (known, codes)
    used = used + r.choices(used, k=r.randint(0, 2))
    people = _different(r, a, len(listed))
    r.shuffle(used)
    f = _file(c, "csv", _csv([{p: one, a: name} for one, name in zip(listed, people, strict=True)]), o)
    g = _file(c, "csv", _csv([{q: one, n: fields.number(r, n)} for one in used]))
    _ask_join(c, f"jj_missing_{kind}", f=f, g=g, a=a, p=p, q=q, o=o, os=many(o), s=many(a))
    column = "{{row[{}] for row in csv.DictReader(read_file({}).splitlines())}}\n"
    if kind == "codes":
        out, _ = c.call(
            f"import csv\na = {column.format(lit(q), lit(g))}b = {column.format(lit(p), lit(f))}"
            "for code in sorted(a - b):\n    print(code)"
        )
        c.say(f"Every {q} of {g} is in {f}." if out == NOTHING else f"Those are in {g}, but not in {f}.")
    elif kind == "names":
        out, _ = c.call(
            f"import csv\nknown = {column.format(lit(q), lit(g))}{_each_row(f)}"
            f"    if row[{lit(p)}] not in known:\n        print(row[{lit(a)}])"
        )
        c.say(
            f"All {many(o)} have a row in {g}." if out == NOTHING else f"Those are the {many(o)} without a row in {g}."
        )
    else:
        out, _ = c.call(
            f"import csv\nknown = {column.format(lit(p), lit(f))}count = 0\n{_each_row(g)}"
            f"    if row[{lit(q)}] not in known:\n        count += 1\nprint(count)"
        )
        c.say(f"{plural(out, 'row')} of {g} {'has' if out == '1' else 'have'} no match in {f}.")


def split_rows(c: Chat) -> None:
    """A file for each value of a column, called like it: with the header and the rows, or with one column of them."""
    r = c.r
    taken: set[str] = set()
    a, b = fields.draw(r, fields.NAMES, taken), fields.draw(r, fields.GROUPS, taken)
    n = fields.draw(r, fields.COUNTS, taken)
    pool = _different(r, b, r.randint(2, 3))
    picked = pool + r.choices(pool, k=r.randint(1, 3))
    r.shuffle(picked)
    columns = r.sample((a, b, n), 3) if r.random() < 0.6 else [a, b, n]
    rows = []
    for value in picked:
        row = {a: fields.text(r, a), b: value, n: fields.number(r, n)}
        rows.append({column: row[column] for column in columns})
    f = _file(c, "csv", _csv(rows))
    (d,) = folders(c, 1)
    whole = r.random() < 0.65
    ending = "csv" if whole else "txt"
    v = r.choice(pool)
    ask_for(c, "jj_split" if whole else "jj_split_column", f=f, d=d, a=a, b=b, s=many(a), x=f"{d}/{v}.{ending}", v=v)
    if whole:
        out, _ = c.call(
            f"import csv\nlines = read_file({lit(f)}).splitlines()\ngroups = {{}}\n"
            "for line, row in zip(lines[1:], csv.DictReader(lines)):\n"
            f"    groups.setdefault(row[{lit(b)}], [lines[0]]).append(line)\n"
            f'for key, group in groups.items():\n    write_file(f"{d}/{{key}}.csv", "\\n".join(group) + "\\n")\n'
            "print(len(groups))"
        )
    else:
        out, _ = c.call(
            f"import csv\nrows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\ngroups = {{}}\n"
            f"for row in rows:\n    groups.setdefault(row[{lit(b)}], []).append(row[{lit(a)}])\n"
            f'for key, group in groups.items():\n    write_file(f"{d}/{{key}}.txt", "\\n".join(group) + "\\n")\n'
            "print(len(groups))"
        )
    c.say(f"I wrote {plural(out, 'file')} to {d}, one for each {b}.")


def rename_listed(c: Chat) -> None:
    """New names for files, as a table or a text lists them; names without a file are passed over where that is said."""
    r = c.r
    (d,) = folders(c, 1)
    d = d if r.random() < 0.7 else ""
    before = f"{d}/" if d else ""
    ending = r.choice(("txt", "md", "csv", "jpg", "png", "pdf", "log"))
    pairs, taken = [], {path.removeprefix(before) for path in c.world.files}
    for _ in range(r.randint(2, 4)):
        old, new = (_simple(c, ending, taken) for _ in range(2))
        c.world.add(r, before + old, names.phrase(r) + "\n")
        pairs.append((old, new))
    kind = r.choice(("table", "table", "guarded", "guarded", "text"))
    if kind == "guarded" and r.random() < 0.8:
        pairs.insert(r.randrange(len(pairs)), (_simple(c, ending, taken), _simple(c, ending, taken)))
    p, q = r.choice(
        (
            ("old", "new"),
            ("old", "new"),
            ("old_name", "new_name"),
            ("old_file", "new_file"),
            ("source", "target"),
            ("current", "wanted"),
        )
    )
    if r.random() < 0.15:
        p, q = r.sample(("file", "name", "filename", "title", "label", names.identifier(r).lower()), 2)
    w = r.choice((",", ";", " -> ", " -> ", " => ", "|", ": ", " "))
    if kind == "text":
        f = c.world.add(r, free(c, "", "txt"), "".join(f"{old}{w}{new}\n" for old, new in pairs))
    else:
        f = c.world.add(r, free(c, "", "csv"), _csv([{p: old, q: new} for old, new in pairs]))
    section = f"jj_rename_{kind}" + ("" if d else "_here")
    ask_for(c, section, f=f, d=d, p=p, q=q, w=f"old{w}new", x=f"{pairs[0][0]}{w}{pairs[0][1]}")
    put = f'"{before}" + ' if d else ""
    if kind == "text":
        c.call(
            f"lines = read_file({lit(f)}).splitlines()\nfor line in lines:\n    old, new = line.split({lit(w)})\n"
            f"    move_file({put}old, {put}new)\nprint(len(lines))"
        )
    elif kind == "table":
        c.call(
            f"import csv\nrows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\nfor row in rows:\n"
            f"    move_file({put}row[{lit(p)}], {put}row[{lit(q)}])\nprint(len(rows))"
        )
    else:
        c.call(
            f"import csv\nknown = glob_files({lit(before + '*')})\ncount = 0\n{_each_row(f)}"
            f"    if {put}row[{lit(p)}] in known:\n        move_file({put}row[{lit(p)}], {put}row[{lit(q)}])\n"
            "        count += 1\nprint(count)"
        )
    finish(c, "I renamed {n}.", "There was nothing to rename.")


def _simple(c: Chat, ending: str, taken: set[str]) -> str:
    """A file name that can stand in a list."""
    while True:
        name = names.file_name(c.r, ending)
        if not set(name) & set(", ;|:>=\"'") and name not in taken and not is_secret([name]):
            taken.add(name)
            return name


def _ask_join(c: Chat, section: str, /, **slots: str) -> None:
    """The same about two tables, with ``on`` and ``rule`` for the columns that go together."""
    r = c.r
    same = slots["p"] == slots["q"]
    on, rule = r.choice((_SAME_ON if same else _ON).split("|")), r.choice((_SAME_RULE if same else _RULE).split("|"))
    for key in "pqfg":
        word = quoted(r, slots[key])
        on, rule = on.replace(f"{{{key}}}", word), rule.replace(f"{{{key}}}", word)
    ask_for(c, section, on=on, rule=rule, **slots)


def _keys(r: Source) -> tuple[str, str, str, str]:
    """A noun, the column of its code in its own table and in another one, and the column of its name."""
    o = some_noun(r)
    p = r.choice(("id", "id", "code", "code", "no", "nr", f"{o}_id", f"{o}_code"))
    q = p if p.startswith(o) and r.random() < 0.7 else r.choice((f"{o}_{p.rpartition('_')[2]}", o, p, p))
    a = r.choice(("name", "name", "title", fields.draw(r, fields.NAMES, {p, q})))
    return o, p, q, a if a not in (p, q) else "full_name"


def _codes(r: Source, count: int) -> list[str]:
    """Different codes of one sort."""
    start, step = r.choice((1, 1, 10, 100, 501)), r.choice((1, 1, 1, 10))
    letters = "".join(r.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=r.choice((1, 1, 2))))
    before = r.choice(("", "", letters, letters, letters + "-"))
    found = [f"{before}{start + step * at:02}" if before else str(start + step * at) for at in range(count + 2)]
    if r.random() < 0.25:
        found = ["".join(r.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=3)) for _ in range(count + 2)]
    return list(dict.fromkeys(found))[:count]


def _different(r: Source, column: str, count: int) -> list[str]:
    """So many different values of a text column."""
    found: list[str] = []
    while len(found) < count:
        value = fields.text(r, column)
        if value.lower() not in (known.lower() for known in found) and not is_secret([value]):
            found.append(value)
    return found


def _unlike(r: Source, n: str, keys: list[str]) -> list[str]:
    """Values of a number column whose totals per key differ."""
    while True:
        values = [fields.number(r, n) for _ in keys]
        totals = dict.fromkeys(keys, 0.0)
        for key, value in zip(keys, values, strict=True):
            totals[key] += float(value)
        if len({*totals.values()}) == len(totals):
            return values


def _price(r: Source) -> str:
    return r.choice((f"{r.randint(1, 60)}", f"{r.randint(1, 300) / 4:.2f}", f"{r.randint(2, 99) / 2:.2f}"))


def _file(c: Chat, ending: str, text: str, noun: str = "") -> str:
    """A new file anywhere, often called like what it holds."""
    r = c.r
    path = f"{many(noun or some_noun(r))}.{ending}"
    if r.random() < 0.5 and path not in c.world.files and not is_secret([path]):
        return c.world.add(r, path, text)
    return c.world.add(r, free(c, "" if r.random() < 0.85 else names.folder(r), ending), text)


def _csv(rows: list[Row]) -> str:
    """The text of a table."""
    return "".join(",".join(line) + "\n" for line in ([*rows[0]], *(row.values() for row in rows)))


def _names_of(f: str, p: str, a: str) -> str:
    """The code that reads which name goes with which code."""
    rows = f"csv.DictReader(read_file({lit(f)}).splitlines())"
    return f"import csv\nnames = {{row[{lit(p)}]: row[{lit(a)}] for row in {rows}}}\n"


def _each_row(g: str) -> str:
    return f"for row in csv.DictReader(read_file({lit(g)}).splitlines()):\n"


KINDS: list[tuple[Task, int]] = [
    (looked_up, 7),
    (three_tables, 8),
    (unknown_codes, 7),
    (split_rows, 8),
    (rename_listed, 7),
    *job_many_files.KINDS,
]
