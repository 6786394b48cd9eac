"""Conversations about one table or one settings file: read it, then the dearest, all together, who is above that."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.example import Chat, lit, repeated
from codemode_tui.bundled.recipe.file_jobs import called, some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.second_questions import again
from codemode_tui.bundled.recipe.tables import best, loop

_PRICES = "price price price eur usd cost cost_usd price_eur fare fee amount unit_price euros dollars gbp pounds value"
_GOODS = "item item product article dish toy book tool part ticket flower fruit drink wine cheese game service name"
_SCORES = "score score points points marks grade_points hours hours goals votes wins kills credits km miles steps"
_PERSONS = "name name name player student person team pupil member driver runner candidate worker employee"
_AMOUNTS = "people population inhabitants citizens visitors residents guests"
_TOWNS = "city city town village country county museum island region"
_KINDS = (
    (_PRICES, _GOODS, "price", 5),
    (_SCORES, _PERSONS, "score", 4),
    (_AMOUNTS, _TOWNS, "amount", 2),
)


def table_talk(c: Chat) -> None:
    """The table is shown, or its mean is asked for; what follows does not name the column."""
    r = c.r
    numbers, labels, kind, _ = r.choices(_KINDS, [weight for *_, weight in _KINDS])[0]
    n, a = r.choice(numbers.split()), r.choice(labels.split())
    pool = fields.PEOPLE if kind == "score" else fields.PLACES if kind == "amount" else fields.THINGS
    rows = {
        r.choice(pool) if r.random() < 0.75 else names.word(r): r.randint(1, 10 ** r.choice((2, 2, 3))) for _ in "123"
    }
    if r.random() < 0.3:
        n = n.capitalize()
    cents = r.random() < 0.3 and kind == "price"
    text = f"{a},{n}\n" + "".join(f"{row},{value}{'.50' if cents else ''}\n" for row, value in rows.items())
    f = some_file(c, "csv", text)
    c.user(ask(r, "one_read", held=c.held, f=called(r, f)))
    c.call(f"print(read_file({lit(f)}))")
    c.say(f"That is the content of {f}.")
    load = f"import csv\nrows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\n"
    for way in r.sample(("best", "sum", "mean"), r.choice((1, 1, 1, 2))):
        if way == "best":
            high = r.random() < 0.65
            again(c, f"tt_{kind}_{'high' if high else 'low'}", t=a)
            out, _ = c.call(best(load, n, high=high))
            found, _, value = out.rpartition(" ")
            c.say(f"{found} has the {'highest' if high else 'lowest'} {n}: {value}.")
        elif way == "sum":
            again(c, f"tt_{kind}_sum", t=a)
            out, _ = c.call(f'{load}values = []\n{loop(n)}    values.append(value)\nprint(f"{{sum(values):.12g}}")')
            c.say(f"The sum of {n} is {out}.")
        else:
            again(c, "tt_mean")
            out, _ = c.call(
                f'{load}values = []\n{loop(n)}    values.append(value)\nprint(f"{{sum(values) / len(values):.12g}}")'
            )
            c.say(f"The average of {n} is {out}.")
            if r.random() < 0.6:
                above = r.random() < 0.65
                again(c, "tt_above" if above else "tt_below", t=a)
                sign = ">" if above else "<"
                out, _ = c.call(f"{load}{loop(n)}    if value {sign} {out}:\n        print(row[{lit(a)}])")
                word = "above" if above else "below"
                c.say(f"No {a} is {word} it." if out == "(no output)" else f"Those are the {a} values {word} it.")


def setting_talk(c: Chat) -> None:
    """One value of a JSON file: what it is, another one, what it is now."""
    r = c.r
    keys = [fields.draw(r, fields.KEYS) for _ in range(r.randint(2, 4))]
    made = {key: fields.scalar(r) for key in keys}
    k = r.choice(keys)
    made[k] = r.choice((names.number(r), names.word(r)))
    f = some_file(c, "json", json.dumps(made, indent=2) + "\n")
    load = f"import json\ndata = json.loads(read_file({lit(f)}))\n"
    save = f'write_file({lit(f)}, json.dumps(data, indent=2) + "\\n")\n'
    if r.random() < 0.4:
        c.user(ask(r, "one_read", held=c.held, f=called(r, f)))
        c.call(f"print(read_file({lit(f)}))")
        c.say(f"That is the content of {f}.")
        if r.random() < 0.4:
            _value(c, load, "tt_key", k)
    else:
        c.user(ask(r, "tt_key_first", held=c.held, k=quoted(r, k), f=called(r, f)))
        out, _ = c.call(f"{load}print(data[{lit(k)}])")
        c.say(f"{k} is {out}.")
    known = len(c.turns) > 4 or "data[" in c.turns[-3][1]
    for _ in range(r.choice((1, 1, 1, 2))):
        number = isinstance(made[k], int)
        v = str(names.number(r)) if number else names.word(r)
        again(c, "tt_set_it" if known and r.random() < 0.5 else "tt_set", k=quoted(r, k), v=v)
        c.call(f'{load}data[{lit(k)}] = {v if number else lit(v)}\n{save}print("written")')
        c.say(f"{k} is {v} in {f} now.")
        known = True
        if r.random() < 0.65:
            _value(c, load, "tt_key_now", k)


def _value(c: Chat, load: str, section: str, k: str) -> None:
    again(c, section, k=quoted(c.r, k))
    out, _ = c.call(f"{load}print(data[{lit(k)}])")
    c.say(f"{k} is {out}.")


def secret(c: Chat) -> None:
    """A file that the tools never open."""
    r = c.r
    folder = f"{names.folder(r)}/" if r.random() < 0.2 else ""
    f = folder + r.choice((".env", ".env", ".env", ".env.local", ".netrc", "id_rsa", ".pgpass", ".git-credentials"))
    if r.random() < 0.7:
        c.world.add(r, f, f"{names.word(r).upper()}={names.scramble(r)}\n")
    if r.random() < 0.7:
        c.user(ask(r, "one_read", held=c.held, f=quoted(r, f)))
        c.call(f"print(read_file({lit(f)}))")
    else:
        c.user(ask(r, "one_count", held=c.held, f=quoted(r, f), u="lines", s="line"))
        c.call(f"text = read_file({lit(f)})\nprint(len(text.splitlines()))")
    c.say(f"I may not read {f}: it may hold secrets.")


def folder_read(c: Chat) -> None:
    """A folder that is taken for a file; what is in it is listed."""
    r = c.r
    d = names.folder(r)
    for _ in range(r.randint(1, 4)):
        c.world.add(r, f"{d}/{names.file_name(r)}")
    if d in c.world.files:
        return
    c.user(ask(r, "tt_folder_as_file", held=c.held, d=quoted(r, d)))
    c.call(f"print(read_file({lit(d)}))")
    out, _ = c.call(f"for name in list_directory({lit(d)}):\n    print(name)")
    c.say(repeated(f"{d} is a folder, not a file. These are the files in {d}.", out))
