"""Lists in JSON documents: their length, items, sums; lists of objects filtered, added up, ranked."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.documents import about, load, mixed, numbers_list, objects, request, save, words_list
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.table_columns import HIGH, LOW
from codemode_tui.bundled.recipe.table_rows import ABOVE, BELOW

_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_FIGURES = {
    "sum": "sum(values)",
    "average": "sum(values) / len(values)",
    "max": "max(values)",
    "min": "min(values)",
}


def json_list(c: Chat) -> None:
    """A list of words: its length, its items, one of them, whether something is in it."""
    r = c.r
    key, items = fields.draw(r, fields.LIST_KEYS), words_list(r)
    way = r.random()
    if way < 0.35:
        _length(c, key)
        return
    f = save(c, mixed(c, **{key: items}))
    if way < 0.6:
        request(c, "json_items", f=f, n=key)
        c.call(f"{load(f)}for item in data[{lit(key)}]:\n    print(item)")
        c.say(f"Those are the {key} in {f}.")
    elif way < 0.85:
        w = r.choice(sorted(_PLACES))
        request(c, "json_nth", f=f, n=key, w=w)
        out, ok = c.call(f"{load(f)}print(data[{lit(key)}][{_PLACES[w]}])")
        c.say(f"The {w} of {key} is {out}." if ok else f"{key} has no {w} item.")
    else:
        v = r.choice(items) if r.random() < 0.5 else r.choice(fields.THINGS)
        request(c, "json_within", f=f, n=key, v=v)
        out, _ = c.call(f"{load(f)}print({lit(v)} in data[{lit(key)}])")
        c.say(f"Yes, {v} is in {key}." if out == "True" else f"No, {v} is not in {key}.")


def _length(c: Chat, key: str) -> None:
    """How many there are in a list under its name, or in the whole document where that is the list.

    "How many users are in users.json" does not say which, so the program takes both.
    """
    r = c.r
    made = objects(c)[2] if r.random() < 0.5 else words_list(r)
    f = save(c, made if r.random() < 0.45 else mixed(c, **{key: made}))
    if r.random() < 0.4:
        where = f.rpartition("/")[0] + "/" if "/" in f else ""
        g = f"{where}{key}.json"
        c.world.files[g] = c.world.files.pop(f)
        c.world.modified[g] = c.world.modified.pop(f)
        f = g
    request(c, "json_length", f=f, n=key)
    out, _ = c.call(f"{load(f)}items = data if isinstance(data, list) else data[{lit(key)}]\nprint(len(items))")
    c.say(f"{f} has {out} {key}." if out != "1" else f"{key} has 1 item.")


def objects_place(c: Chat) -> None:
    """A field of one object that is named by its place: "the owner of the second room"."""
    r = c.r
    f, _, items, key, texts, numbers = objects(c)
    if not key:
        key = r.choice(fields.LIST_KEYS) if r.random() < 0.8 else names.word(r)
        key = key if key.endswith("s") else f"{key}s"
        one = ""
    elif not key.endswith("s"):
        # Only what ends in s can be said of one of them.
        one = f"{r.choice(('entry', 'object', 'item'))} of {key}"
    one = _singular(key) if key.endswith("s") else one
    n = r.choice((*texts, *numbers))
    w = r.choice(sorted(_PLACES))
    if r.random() < 0.75:
        w = r.choice([w for w, at in _PLACES.items() if at < len(items)])
    request(c, "objects_place", f=f, n=n, w=w, d=one)
    out, ok = c.call(
        f"{load(f)}items = data if isinstance(data, list) else data[{lit(key)}]\nprint(items[{_PLACES[w]}][{lit(n)}])"
    )
    if ok:
        c.say(f"The {n} of the {w} {one} is {out}.")
    elif "IndexError" in out:
        c.say(f"{f} has no {w} {one}.")
    else:
        c.say(f"The {w} {one} has no {n}.")


def objects_lookup(c: Chat) -> None:
    """A field of the object that somebody or something names: "Marta's email"."""
    r = c.r
    f, code, items, key, texts, numbers = objects(c)
    title, rest = texts[0], [*texts[1:], *numbers]
    v = str(r.choice(items)[title]) if r.random() < 0.92 else fields.text(r, title)
    n = r.choice(rest)
    c.user(
        ask(r, "objects_lookup", held=c.held, f=about(r, key, f), n=quoted(r, n), v=quoted(r, v), t=quoted(r, title))
    )
    out, ok = c.call(f"{code}for item in items:\n    if {lit(v)} in item.values():\n        print(item[{lit(n)}])")
    if not ok:
        c.say(f"{v} has no {n}.")
    elif out == "(no output)":
        c.say(f"There is no {v} in {f}.")
    else:
        c.say(f"The {n} of {v} is {out}." if "\n" not in out else f"Those are the {n} values of {v}.")


def _singular(name: str) -> str:
    """One of what a list is named after; a name that is no plural stays."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def json_numbers(c: Chat) -> None:
    """What a list of numbers adds up to, and the like."""
    r = c.r
    key = fields.draw(r, fields.LIST_KEYS)
    f = save(c, mixed(c, **{key: numbers_list(r)}))
    kind = r.choice(("sum", "sum", "average", "max", "min"))
    if kind in ("sum", "average"):
        request(c, f"json_{kind}", f=f, n=key)
    else:
        request(c, "json_extreme", f=f, n=key, w=r.choice(HIGH if kind == "max" else LOW))
    out, _ = c.call(f'{load(f)}values = data[{lit(key)}]\nprint(f"{{{_FIGURES[kind]}:.12g}}")')
    name = {"sum": "sum", "average": "average", "max": "largest", "min": "smallest"}[kind]
    c.say(f"The {name} of {key} is {out}.")


def objects_names(c: Chat) -> None:
    """One field of all objects, how many there are, or of those that fit."""
    r = c.r
    f, code, items, key, texts, numbers = objects(c)
    where, title = about(r, key, f), texts[0]
    way = r.random()
    if way < 0.2:
        c.user(ask(r, "objects_count", held=c.held, f=where))
        out, _ = c.call(f"{load(f)}print(len(data{f'[{lit(key)}]' if key else ''}))")
        c.say(f"There {'is' if out == '1' else 'are'} {out} in {key or f}.")
        return
    if way < 0.45:
        n = r.choice((*texts, *numbers))
        c.user(ask(r, "objects_field", held=c.held, f=where, n=quoted(r, n)))
        c.call(f"{code}for item in items:\n    print(item.get({lit(n)}))")
        c.say(f"Those are the values of {n}.")
        return
    if way < 0.75 and len(texts) > 1:
        a = texts[1]
        v = str(r.choice(items)[a]) if r.random() < 0.9 else fields.text(r, a)
        test = f"item.get({lit(a)}) == {lit(v)}"
        slots = {"f": where, "n": quoted(r, title), "a": quoted(r, a), "v": quoted(r, v)}
        if r.random() < 0.6:
            c.user(ask(r, "objects_where", held=c.held, shaped=True, **slots))
            out, _ = c.call(f"{code}for item in items:\n    if {test}:\n        print(item.get({lit(title)}))")
            c.say(f"None has {a} {v}." if out == "(no output)" else f"Those are the ones with {a} {v}.")
        else:
            c.user(ask(r, "objects_where_count", held=c.held, shaped=True, **slots))
            out, _ = c.call(f"{code}print(sum({test} for item in items))")
            c.say(f"{out} {'has' if out == '1' else 'have'} {a} {v}.")
        return
    n = r.choice(numbers)
    sign, w = r.choice(((">", r.choice(ABOVE)), ("<", r.choice(BELOW)), (">=", "at least"), ("<=", "at most")))
    k = str(r.randint(1, 300))
    test = f"item.get({lit(n)}, 0) {sign} {k}"
    slots = {"f": where, "n": quoted(r, title), "a": quoted(r, n), "w": w, "k": k}
    c.user(ask(r, "objects_beyond", held=c.held, shaped=True, **slots))
    out, _ = c.call(f"{code}for item in items:\n    if {test}:\n        print(item.get({lit(title)}))")
    c.say(f"None has {n} {w} {k}." if out == "(no output)" else f"Those are the ones with {n} {w} {k}.")


def objects_numbers(c: Chat) -> None:
    """A field of all objects added up or averaged, or the object where it is largest."""
    r = c.r
    f, code, _, key, texts, numbers = objects(c)
    where, n = about(r, key, f), r.choice(numbers)
    if r.random() < 0.6:
        kind = "sum" if r.random() < 0.6 else "average"
        c.user(ask(r, f"objects_{kind}", held=c.held, f=where, n=quoted(r, n)))
        out, ok = c.call(
            f"{code}values = [item[{lit(n)}] for item in items if {lit(n)} in item]\n"
            f'print(f"{{{_FIGURES[kind]}:.12g}}")'
        )
        c.say(f"The {kind} of {n} is {out}." if ok else f"There is no {n} in {f}.")
        return
    high = r.random() < 0.65
    w = r.choice(("most", *HIGH) if high else ("fewest", *LOW))
    title = texts[0]
    c.user(ask(r, "objects_best", held=c.held, f=where, n=quoted(r, title), a=quoted(r, n), w=w))
    out, ok = c.call(
        f"{code}found = [item for item in items if {lit(n)} in item]\n"
        f"best = {'max' if high else 'min'}(found, key=lambda item: item[{lit(n)}])\n"
        f"print(best.get({lit(title)}), best[{lit(n)}])"
    )
    found, _, value = out.rpartition(" ")
    c.say(f"{found} has the {w} {n}: {value}." if ok else f"There is no {n} in {f}.")
