"""Generated JSON documents: keys with values, sections, lists, lists of objects."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source

Value = dict[str, object]
PLAIN = ("w", "k", "d")
"""Slots that are never quoted."""


def simple(r: Source, taken: set[str], low: int = 1, high: int = 4) -> Value:
    """Keys with plain values."""
    return {fields.draw(r, fields.KEYS, taken): fields.scalar(r) for _ in range(r.randint(low, high))}


def words_list(r: Source) -> list[str]:
    """Some words."""
    pool = r.choice((fields.THINGS, fields.PLACES, fields.PEOPLE))
    return [r.choice(pool) if r.random() < 0.6 else names.word(r) for _ in range(r.randint(1, 5))]


def numbers_list(r: Source) -> list[int | float]:
    """Some numbers."""
    if r.random() < 0.25:
        return [round(r.uniform(0, 50), 1) for _ in range(r.randint(2, 6))]
    return [r.randint(0, 200) for _ in range(r.randint(2, 6))]


def mixed(c: Chat, /, **extra: object) -> Value:
    """Plain keys, now and then a section or a list, and the ``extra`` keys, in any order."""
    r = c.r
    taken = set(extra)
    made = simple(r, taken)
    if r.random() < 0.3:
        made[fields.draw(r, fields.PARTS, taken)] = simple(r, set(), 1, 2)
    if r.random() < 0.3:
        made[fields.draw(r, fields.LIST_KEYS, taken)] = words_list(r)
    pairs = [*made.items(), *extra.items()]
    r.shuffle(pairs)
    return dict(pairs)


def save(c: Chat, data: object) -> str:
    """Put ``data`` into a new JSON file; its path."""
    text = json.dumps(data, indent=2, ensure_ascii=False) if c.r.random() < 0.8 else json.dumps(data)
    return some_file(c, "json", text + "\n")


def load(f: str) -> str:
    """The code that reads the document into ``data``."""
    return f"import json\ndata = json.loads(read_file({lit(f)}))\n"


def request(c: Chat, section: str, /, **slots: str) -> None:
    """The user's question; names are now and then quoted."""
    filled = {key: value if key in PLAIN else quoted(c.r, value) for key, value in slots.items()}
    c.user(ask(c.r, section, held=c.held, shaped=True, **filled))


def objects(c: Chat) -> tuple[str, str, list[Value], str, list[str], list[str]]:
    """A list of objects, alone or under a key: path, code that reads it into ``items``, items, key, fields by kind."""
    r = c.r
    taken: set[str] = set()
    title = fields.draw(r, fields.NAMES if r.random() < 0.5 else ["name", "title", "id", "label"] * 3, taken)
    texts = [title, *(fields.draw(r, fields.GROUPS, taken) for _ in range(r.choice((0, 1, 1))))]
    numbers = [fields.draw(r, fields.COUNTS, taken) for _ in range(r.choice((1, 1, 2)))]
    again = {name: fields.few(r, name) for name in texts}
    items: list[Value] = []
    for _ in range(r.randint(1, 4)):
        item: Value = {}
        for name in (*texts, *numbers):
            if name in numbers:
                text = fields.number(r, name)
                item[name] = float(text) if "." in text else int(text)
            else:
                item[name] = r.choice(again[name]) if name != title else fields.text(r, name)
        items.append(item)
    if len(items) > 1 and r.random() < 0.12:
        del r.choice(items)[r.choice(numbers)]
    if r.random() < 0.5:
        f = save(c, items)
        return f, load(f).replace("data =", "items ="), items, "", texts, numbers
    key = fields.draw(r, fields.LIST_KEYS)
    f = save(c, {**simple(r, {key}, 0, 2), key: items})
    return f, f"{load(f)}items = data[{lit(key)}]\n", items, key, texts, numbers


def about(r: Source, key: str, f: str) -> str:
    """How the list of objects is named: by its file, or by its key and its file."""
    f = quoted(r, f)
    if not key:
        return f
    key = quoted(r, key)
    ways = (
        "{k} in {f}",
        "the {k} in {f}",
        "{k} of {f}",
        "the {k} of {f}",
        "the list {k} of {f}",
        "the {k} list in {f}",
    )
    return r.choice(ways).replace("{f}", f).replace("{k}", key)
