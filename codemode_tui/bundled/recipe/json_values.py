"""Values of JSON documents: by key, by a path of keys, with a default, and their kinds."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.documents import load, mixed, request, save, simple, words_list
from codemode_tui.bundled.recipe.example import Chat, lit

_KINDS = {"str": "text", "int": "a number", "float": "a number", "bool": "true or false", "list": "a list"}
_KINDS |= {"dict": "an object", "NoneType": "null"}


def json_value(c: Chat) -> None:
    """The value of one key."""
    r = c.r
    key = fields.draw(r, fields.KEYS)
    way = r.random()
    held: dict[str, object]
    if way < 0.08:  # inside a section, which the question does not name
        held = {fields.draw(r, fields.PARTS, {key}): {**simple(r, {key}, 0, 2), key: fields.scalar(r)}}
    else:
        held = {key: fields.scalar(r)} if way < 0.95 else {}
    f = save(c, mixed(c, **held))
    request(c, "json_value", f=f, n=key)
    out, ok = c.call(f"{load(f)}print(data[{lit(key)}])")
    _tell(c, f, key, out, ok)


def json_path(c: Chat) -> None:
    """A value inside a section, or inside a section of a section."""
    r = c.r
    key = fields.draw(r, fields.KEYS)
    part = fields.draw(r, fields.PARTS, {key})
    inner = {**simple(r, {key}, 0, 2), key: fields.scalar(r)}
    if r.random() < 0.75:
        f = save(c, mixed(c, **{part: inner}))
        request(c, "json_path", f=f, s=part, n=key)
        out, ok = c.call(f"{load(f)}print(data[{lit(part)}][{lit(key)}])")
    else:
        outer = fields.draw(r, fields.PARTS, {key, part})
        f = save(c, mixed(c, **{outer: {**simple(r, {part}, 0, 1), part: inner}}))
        request(c, "json_long_path", f=f, a=outer, s=part, n=key)
        out, ok = c.call(f"{load(f)}print(data[{lit(outer)}][{lit(part)}][{lit(key)}])")
    _tell(c, f, key, out, ok)


def json_default(c: Chat) -> None:
    """A value, or a given text where the key is missing."""
    r = c.r
    key = fields.draw(r, fields.KEYS)
    f = save(c, mixed(c, **({key: fields.scalar(r)} if r.random() < 0.5 else {})))
    d = names.word(r) if r.random() < 0.6 else r.choice(("none", "missing", "not set", "nothing", "0", "absent", "n/a"))
    request(c, "json_default", f=f, n=key, d=d)
    out, _ = c.call(f"{load(f)}print(data.get({lit(key)}, {lit(d)}))")
    has = key in json.loads(c.world.files[f])
    c.say(f"{key} is {out}." if has else f"There is no {key} in {f}: {d}.")


def json_keys(c: Chat) -> None:
    """Which keys there are, or how many, at the top or in a section."""
    r = c.r
    part = fields.draw(r, fields.PARTS)
    f = save(c, mixed(c, **{part: simple(r, set(), 1, 3)}))
    way = r.random()
    if way < 0.4:
        request(c, "json_keys", f=f)
        c.call(f"{load(f)}for key in data:\n    print(key)")
        c.say(f"Those are the keys of {f}.")
    elif way < 0.65:
        request(c, "json_key_count", f=f)
        out, _ = c.call(f"{load(f)}print(len(data))")
        c.say(f"{f} has {out} key{'' if out == '1' else 's'}.")
    elif way < 0.85:
        request(c, "json_section_keys", f=f, s=part)
        c.call(f"{load(f)}for key in data[{lit(part)}]:\n    print(key)")
        c.say(f"Those are the keys of {part} in {f}.")
    else:
        request(c, "json_section", f=f, s=part)
        c.call(f"{load(f)}for key, value in data[{lit(part)}].items():\n    print(key, value)")
        c.say(f"Those are the values of {part} in {f}.")


def json_has(c: Chat) -> None:
    """Whether a key is there."""
    r = c.r
    key = fields.draw(r, fields.KEYS)
    f = save(c, mixed(c, **({key: fields.scalar(r)} if r.random() < 0.55 else {})))
    request(c, "json_has", f=f, n=key)
    out, _ = c.call(f"{load(f)}print({lit(key)} in data)")
    c.say(f"Yes, {f} has {key}." if out == "True" else f"No, {f} has no {key}.")


def json_kind(c: Chat) -> None:
    """The type of a value, or of all values."""
    r = c.r
    key = fields.draw(r, fields.KEYS)
    f = save(c, mixed(c, **{key: fields.scalar(r) if r.random() < 0.7 else words_list(r)}))
    if r.random() < 0.6:
        request(c, "json_type", f=f, n=key)
        out, _ = c.call(f"{load(f)}print(type(data[{lit(key)}]).__name__)")
        kind = _KINDS[out]
        c.say(f"{key} is {kind}." if kind.endswith(out) else f"{key} is {kind} ({out}).")
    else:
        request(c, "json_types", f=f)
        c.call(f"{load(f)}for key, value in data.items():\n    print(key, type(value).__name__)")
        c.say(f"Those are the types in {f}.")


def _tell(c: Chat, f: str, key: str, out: str, ok: bool) -> None:
    if not ok:
        c.say(f"There is no {key} in {f}.")
    else:
        c.say(f"{key} is {out}." if len(out) < 60 else f"That is {key} of {f}.")
