"""Look-ups that name no column and no key: "how old is Marta", "who won", "the number of my dentist"."""

from __future__ import annotations

from codemode_tui.bundled.recipe import documents, fields, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.table_rows import looked_up
from codemode_tui.bundled.recipe.tables import Table, failed, loop, table, written

_CELLS = [
    "age",
    "height",
    "weight",
    "price",
    "stock",
    "city",
    "country",
    "phone",
    "email",
    "author",
    "director",
    "artist",
    "owner",
    "winner",
    "teacher",
    "manager",
    "maker",
    "born",
    "date",
    "due",
    "population",
    "length",
    "width",
    "depth",
    "speed",
    "distance",
    "duration",
    "temperature",
    "salary",
    "colour",
    "title",
    "year",
    "price",
    "age",
    "phone",
    "email",
    "price",
    "city",
]
_KEYS = [
    "winner",
    "author",
    "owner",
    "price",
    "age",
    "phone",
    "email",
    "city",
    "country",
    "title",
    "name",
    "height",
    "weight",
    "year",
    "date",
    "director",
    "manager",
    "born",
    "population",
    "length",
    "duration",
    "temperature",
    "salary",
    "version",
    "license",
    "description",
    "winner",
    "author",
    "price",
]
BEST = {
    "people": ("population", True),
    "few_people": ("population", False),
    "costs": ("price", True),
    "costs_least": ("price", False),
    "earns": ("salary", True),
    "weighs": ("weight", True),
    "weighs_least": ("weight", False),
    "far": ("distance", True),
    "near": ("distance", False),
    "takes": ("duration", True),
    "takes_least": ("duration", False),
    "rated": ("rating", True),
    "stocked": ("stock", True),
}
"""Sections ``implied_best_…``: the column that is meant, and whether its largest number is asked for."""
_MINE = [
    "dentist",
    "doctor",
    "plumber",
    "landlord",
    "school",
    "bank",
    "vet",
    "barber",
    "hairdresser",
    "lawyer",
    "neighbour",
    "uncle",
    "aunt",
    "grandma",
    "brother",
    "sister",
    "cousin",
    "teacher",
    "electrician",
    "mechanic",
    "office",
    "library",
    "baker",
    "pharmacy",
    "hospital",
    "taxi",
    "hotel",
    "airline",
    "insurance",
    "gym",
    "babysitter",
    "boss",
    "garage",
    "optician",
    "nurse",
    "carpenter",
    "gardener",
    "florist",
    "tailor",
    "butcher",
    "coach",
]
_EVENTS = [
    "birthday",
    "wedding",
    "exam",
    "party",
    "meeting",
    "holiday",
    "deadline",
    "concert",
    "delivery",
    "inspection",
    "interview",
    "flight",
    "dinner",
    "match",
    "rehearsal",
    "appointment",
    "launch",
    "conference",
    "picnic",
    "anniversary",
    "graduation",
    "reunion",
    "workshop",
    "lecture",
    "parade",
    "market",
]


def cell(c: Chat) -> None:
    """A cell of a table whose column is only implied."""
    r = c.r
    t = table(c, rows=1)
    n = r.choice(_CELLS)
    old = r.choice([column for column in t.header if column != t.texts[0]])
    value = (lambda: fields.number(r, n)) if old in t.numbers else (lambda: fields.text(r, n))
    _renamed(c, t, old, n, value)
    v = r.choice(t.rows)[t.texts[0]] if r.random() < 0.93 else fields.text(r, t.texts[0])
    _ask(c, f"implied_{n}", f=t.path, v=v)
    looked_up(c, t, n, v, f"{lit(v)} in row.values()")


def best(c: Chat) -> None:
    """The row that is first in something that a verb implies: "has the most people"."""
    r = c.r
    t = table(c, rows=1)
    kind = r.choice(sorted(BEST))
    n, high = BEST[kind]
    _renamed(c, t, t.numbers[0], n, None)
    _ask(c, f"implied_best_{kind}", f=t.path, t=t.texts[0])
    out, ok = c.call(
        f"{t.load}found = []\n{loop(n)}    found.append((value, list(row.values())[0]))\n"
        f'value, name = {"max" if high else "min"}(found, key=lambda pair: pair[0])\nprint(name, f"{{value:.12g}}")'
    )
    found, _, value = out.rpartition(" ")
    c.say(f"{found} has the {'highest' if high else 'lowest'} {n}: {value}." if ok else failed(t, n, out))


def key(c: Chat) -> None:
    """A value of a JSON document whose key is only implied."""
    r = c.r
    n = r.choice(_KEYS)
    f = documents.save(c, documents.mixed(c, **({n: fields.scalar(r)} if r.random() < 0.93 else {})))
    _ask(c, f"implied_key_{n}", f=f)
    out, ok = c.call(f"{documents.load(f)}print(data[{lit(n)}])")
    if not ok:
        c.say(f"There is no {n} in {f}.")
    else:
        c.say(f"{n} is {out}." if len(out) < 60 else f"That is {n} of {f}.")


def note(c: Chat) -> None:
    """A line of a text file with one thing a line: a number, a date, a price, what an abbreviation stands for."""
    r = c.r
    kind = r.choice(("number", "number", "date", "price", "stands", "stands", "about"))
    title, value = _entry(r, kind)
    rows = {title: value, **dict(_entry(r, kind) for _ in range(r.randint(1, 5)))}
    mark = r.choice((": ", ": ", ": ", " - ", " = ", " ", "\t"))
    pairs = list(rows.items())
    r.shuffle(pairs)
    if r.random() < 0.08:
        pairs = [pair for pair in pairs if pair[0] != title]
    style = r.choice((str, str, str.capitalize)) if kind != "stands" else str
    text = "".join(f"{style(name)}{mark}{text}\n" for name, text in pairs)
    f = some_file(c, r.choice(("txt", "txt", "md")), text)
    w = r.choice((title, title, title.capitalize())) if title.islower() and kind == "about" else title
    _ask(c, f"implied_note_{kind}", f=f, w=w)
    out, _ = c.call(
        f"for line in read_file({lit(f)}).splitlines():\n    if {lit(w)}.lower() in line.lower():\n        print(line)"
    )
    if out == "(no output)":
        c.say(f"No line of {f} contains {w}.")
    else:
        c.say(f"{f} says: {out}" if "\n" not in out else f"Those are the lines of {f} with {w}.")


def _entry(r: Source, kind: str) -> tuple[str, str]:
    """What is looked up, and what stands beside it."""
    if kind == "number":
        digits = "".join(r.choices("0123456789", k=r.randint(5, 9)))
        return r.choice(_MINE), r.choice((digits, f"{digits[:3]} {digits[3:]}", f"+{r.randint(1, 99)} {digits}"))
    if kind == "date":
        day = f"20{r.randint(20, 31)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
        return r.choice(_EVENTS), r.choice((day, f"{r.randint(1, 28)} {r.choice(fields.THINGS)}", "Friday at noon"))
    if kind == "price":
        return r.choice((r.choice(fields.THINGS), names.word(r))).lower(), f"{r.randint(1, 400)}.{r.randint(0, 99):02}"
    if kind == "stands":
        words = [names.word(r) for _ in range(r.randint(2, 4))]
        return "".join(r.choices("ABCDEFGHIKLMNOPRSTUVW", k=len(words))), " ".join(words).title()
    return names.word(r), names.phrase(r)


def _renamed(c: Chat, t: Table, old: str, new: str, value: object) -> None:
    """Call the column ``old`` of ``t`` ``new``, and give it fitting values where ``value`` makes them."""
    if new in t.header:
        return
    t.header[t.header.index(old)] = new
    for row in t.rows:
        row[new] = row.pop(old)
        if callable(value):
            row[new] = str(value())
    c.world.files[t.path] = written(t)


def _ask(c: Chat, section: str, /, **slots: str) -> None:
    """The inner question of ``section`` with the file said before or after it."""
    r = c.r
    inner = choose(r, section, held=c.held)
    way = inner if "{f}" in inner else choose(r, "implied_in", held=c.held).replace("{q}", inner)
    said = {name: quoted(r, text) for name, text in slots.items()}
    c.user(ask(r, [way, way], held=c.held, shaped=True, section=section, **said))
