"""Tables asked about in everyday words: columns in the plural, rows with a number given, values changed from old to new."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.new_texts import known_file, no_file, plural
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.table_rows import looked_up
from codemode_tui.bundled.recipe.tables import Table, failed, request, table, written

_SETTINGS = (".json", ".ini", ".cfg", ".conf", ".properties", ".toml", ".csv", ".tsv")


def plural_distinct(c: Chat) -> None:
    """ "How many different countries", where the column is called country."""
    r = c.r
    t = table(c, texts=2, rows=1)
    a = _plain_column(c, t)
    if r.random() < 0.6:
        request(c, t, "plural_distinct_count", d=_plural(a))
        out, ok = c.call(f"{t.load}print(len({{row[{lit(a)}] for row in rows}}))")
        c.say(
            f"There {'is' if out == '1' else 'are'} {out} different {a if out == '1' else _plural(a)}."
            if ok
            else failed(t, a, out)
        )
    else:
        request(c, t, "plural_distinct", d=_plural(a))
        out, ok = c.call(f"{t.load}for value in sorted({{row[{lit(a)}] for row in rows}}):\n    print(value)")
        c.say(f"Those are the values of {a}." if ok else failed(t, a, out))


def plural_where(c: Chat) -> None:
    """ "The names of the people from Peru": a column in the plural, and a value of some other column."""
    r = c.r
    t = table(c, texts=2, rows=2)
    n = r.choice(fields.PLAIN_NAMES)
    _rename(c, t, t.texts[0], n)
    t.texts[0] = n
    a = r.choice(t.texts[1:])
    v = r.choice(t.rows)[a] if r.random() < 0.93 else fields.text(r, a)
    request(c, t, "plural_where", d=_plural(n), v=v)
    looked_up(c, t, n, v, f"{lit(v)} in row.values()")


def number_equal(c: Chat) -> None:
    """ "Which item has a stock of 0": the number of a column is given."""
    r = c.r
    t = table(c, rows=1)
    n, a = r.choice(t.numbers), t.texts[0]
    k = r.choice(t.rows)[n] if r.random() < 0.85 else str(r.choice((0, 0, 1, 2, 5, 10, 20, 100)))
    if not k.isdigit():
        k = "0"
    said = CARDINALS[int(k)] if int(k) <= 12 and r.random() < 0.35 else k
    request(c, t, "number_equal", n=n, t=a, k=said)
    out, ok = c.call(f"{t.load}for row in rows:\n    if row[{lit(n)}] == {lit(k)}:\n        print(row[{lit(a)}])")
    if not ok:
        c.say(failed(t, n, out))
    else:
        c.say(f"No {a} has {n} {k}." if out == "(no output)" else f"Those are the ones with {n} {k}.")


def old_to_new(c: Chat) -> None:
    """A value that is told with the old and the new one: "from 1.8.0 to 1.9.0"."""
    r = c.r
    f = known_file(c)
    while f.lower().endswith(_SETTINGS):
        f = c.world.add(r, names.file_name(r, r.choice(("txt", "md", "py", "sh", "rst", "yaml", "tex"))))
    key = r.choice(fields.SINGLE)
    a, b = _two_values(r)
    if f in c.world.files and r.random() < 0.85:
        line = r.choice((f"{key} {a}", f"{key}: {a}", f"{key} = {a}", f"{key}={a}", a, f"{key} {a}"))
        c.world.files[f] = r.choice((c.world.files[f] + line + "\n", f"{line}\n{c.world.files[f]}", line + "\n"))
    c.user(ask(r, "old_to_new", held=c.held, f=quoted(r, f), n=key, a=quoted(r, a), b=quoted(r, b)))
    out, ok = c.call(
        f"text = read_file({lit(f)})\nprint(text.count({lit(a)}))\n"
        f"write_file({lit(f)}, text.replace({lit(a)}, {lit(b)}))"
    )
    if not ok:
        c.say(no_file(out, f))
    elif out == "0":
        c.say(f"{a} does not occur in {f}, so nothing was replaced.")
    else:
        c.say(f"I replaced {a} with {b} in {f}, {plural(out, 'time')}.")


def _two_values(r: Source) -> tuple[str, str]:
    """An old and a new value, often much alike."""
    way = r.random()
    if way < 0.45:
        parts = [r.randint(0, 20) for _ in range(r.choice((2, 3, 3)))]
        at = r.randrange(len(parts))
        newer = [*parts[:at], parts[at] + 1, *([0] * (len(parts) - at - 1))]
        mark = r.choice(("", "", "", "v"))
        return mark + ".".join(map(str, parts)), mark + ".".join(map(str, newer))
    if way < 0.6:
        year = r.randint(1998, 2030)
        return str(year), str(year + r.randint(1, 3))
    if way < 0.75:
        number = r.randint(10, 9999)
        return str(number), str(number + r.randint(1, 500))
    a, b = names.word(r), names.word(r)
    return (a, b) if a != b else (a, b + "s")


def _plain_column(c: Chat, t: Table) -> str:
    """A column of words whose plural anybody can tell."""
    r = c.r
    old = t.texts[-1]
    n = r.choice(fields.PLAIN_GROUPS)
    _rename(c, t, old, n)
    return n if n in t.header else old


def _rename(c: Chat, t: Table, old: str, new: str) -> None:
    if new in t.header:
        return
    t.header[t.header.index(old)] = new
    for row in t.rows:
        row[new] = row.pop(old)
    c.world.files[t.path] = written(t)


def _plural(name: str) -> str:
    if name.endswith("y") and name[-2] not in "aeou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "ch", "x", "sh")) else "s")
