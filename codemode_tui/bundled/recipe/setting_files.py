"""Files of settings: TOML, INI, lines of key=value, lines of key: value."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.documents import request, words_list
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source

Sections = dict[str, dict[str, str]]


def toml_value(c: Chat) -> None:
    """A value in a section of a TOML file, or above all sections."""
    r = c.r
    top, made = _sections(r)
    f = some_file(c, "toml", _toml(r, top, made))
    part = r.choice(sorted(made))
    if r.random() < 0.5:
        where = top if top and r.random() < 0.35 else made[part]
        key = r.choice(sorted(where)) if r.random() < 0.92 else fields.draw(r, fields.KEYS, {*top, *made[part]})
        request(c, "setting_top", f=f, n=key)
        out, _ = c.call(
            f"import tomllib\nparts = [tomllib.loads(read_file({lit(f)}))]\nfor part in parts:\n"
            f"    if {lit(key)} in part:\n        print(part[{lit(key)}])\n"
            "    parts += [value for value in part.values() if isinstance(value, dict)]"
        )
        _say_each(c, f, key, out)
        return
    key = r.choice(sorted(made[part])) if r.random() < 0.92 else fields.draw(r, fields.KEYS, set(made[part]))
    request(c, "setting_value", f=f, s=part, n=key)
    out, ok = c.call(f"{_tomllib(f)}print(data[{lit(part)}][{lit(key)}])")
    c.say(f"{key} of {part} is {out}." if ok else f"There is no {key} in {part} of {f}.")


def toml_sections(c: Chat) -> None:
    """Sections of a TOML file, keys of one of them, or all of one."""
    r = c.r
    top, made = _sections(r)
    f = some_file(c, "toml", _toml(r, top, made))
    part = r.choice(sorted(made))
    way = r.random()
    if way < 0.4:
        request(c, "setting_sections", f=f)
        c.call(f"{_tomllib(f)}for key, value in data.items():\n    if isinstance(value, dict):\n        print(key)")
        c.say(f"Those are the sections of {f}.")
    elif way < 0.7:
        request(c, "setting_keys", f=f, s=part)
        c.call(f"{_tomllib(f)}for key in data[{lit(part)}]:\n    print(key)")
        c.say(f"Those are the keys of {part} in {f}.")
    else:
        request(c, "setting_section", f=f, s=part)
        c.call(f"{_tomllib(f)}for key, value in data[{lit(part)}].items():\n    print(key, value)")
        c.say(f"Those are the values of {part} in {f}.")


def ini_value(c: Chat) -> None:
    """Values, sections and keys of an INI file."""
    r = c.r
    _, made = _sections(r)
    rows = []
    mark = r.choice((" = ", "=", "=", ": "))
    for part, pairs in made.items():
        rows += [f"[{part}]", *(f"{key}{mark}{value}" for key, value in pairs.items()), ""]
    f = some_file(c, r.choice(("ini", "ini", "cfg")), "\n".join(rows[:-1]) + "\n")
    load = f"import configparser\nconfig = configparser.ConfigParser(interpolation=None)\nconfig.read_string(read_file({lit(f)}))\n"
    part = r.choice(sorted(made))
    way = r.random()
    if way < 0.3:
        key = r.choice(sorted(made[part])) if r.random() < 0.93 else fields.draw(r, fields.KEYS, set(made[part]))
        request(c, "setting_top", f=f, n=key)
        out, _ = c.call(
            f"{load}for section in config.sections():\n    if {lit(key)} in config[section]:\n"
            f"        print(config[section][{lit(key)}])"
        )
        _say_each(c, f, key, out)
    elif way < 0.65:
        key = r.choice(sorted(made[part])) if r.random() < 0.93 else fields.draw(r, fields.KEYS, set(made[part]))
        request(c, "setting_value", f=f, s=part, n=key)
        out, ok = c.call(f"{load}print(config[{lit(part)}][{lit(key)}])")
        c.say(f"{key} of {part} is {out}." if ok else f"There is no {key} in {part} of {f}.")
    elif way < 0.78:
        request(c, "setting_sections", f=f)
        c.call(f"{load}for section in config.sections():\n    print(section)")
        c.say(f"Those are the sections of {f}.")
    elif way < 0.88:
        request(c, "setting_keys", f=f, s=part)
        c.call(f"{load}for key in config[{lit(part)}]:\n    print(key)")
        c.say(f"Those are the keys of {part} in {f}.")
    else:
        request(c, "setting_section", f=f, s=part)
        c.call(f"{load}for key, value in config[{lit(part)}].items():\n    print(key, value)")
        c.say(f"Those are the values of {part} in {f}.")


def spaced_key(c: Chat) -> None:
    """A setting of two words that is written as one in the file: "indent size" for indent_size or indent-size."""
    r = c.r
    words = [r.choice(fields.SINGLE) if r.random() < 0.7 else names.word(r).lower() for _ in range(2)]
    if not all(word.isalnum() for word in words) or words[0] == words[1]:
        words = ["indent", "size"]
    _, made = _sections(r)
    part = r.choice(sorted(made))
    if r.random() < 0.92:
        made[part][r.choice("__-").join(words)] = _plain(r)
    ending = r.choice(("toml", "ini", "cfg", "conf", "yaml", "properties"))
    mark = ": " if ending == "yaml" else r.choice((" = ", "="))
    rows = []
    for name, pairs in made.items():
        rows += [f"[{name}]"] if ending in ("toml", "ini", "cfg") else []
        rows += [f"{key}{mark}{json.dumps(text) if ending == 'toml' else text}" for key, text in pairs.items()]
    f = some_file(c, ending, "\n".join(rows) + "\n")
    c.user(ask(r, "setting_spaced", held=c.held, f=quoted(r, f), n=" ".join(words)))
    a, b = words
    out, _ = c.call(
        f"for line in read_file({lit(f)}).splitlines():\n    if {lit(a)} in line and {lit(b)} in line:\n"
        "        print(line)"
    )
    if out == "(no output)":
        c.say(f"There is no {a} {b} in {f}.")
    else:
        c.say(f"{f} says: {out}" if "\n" not in out else f"Those are the lines of {f} with {a} and {b}.")


def pair_value(c: Chat) -> None:
    """The value of a key in lines of key=value, or of key: value."""
    r = c.r
    colon = r.random() < 0.6
    taken: set[str] = set()
    pairs = {fields.draw(r, fields.KEYS, taken): _plain(r) for _ in range(r.randint(2, 6))}
    mark = ": " if colon else r.choice(("=", "=", " = "))
    text = "".join(f"{key}{mark}{value}\n" for key, value in pairs.items())
    ending = r.choice(("yaml", "yml")) if colon else r.choice(("properties", "conf", "properties"))
    f = some_file(c, ending, text)
    sign = '":"' if colon else '"="'
    split = f"for line in read_file({lit(f)}).splitlines():\n    key, _, value = line.partition({sign})\n"
    if r.random() < 0.7:
        key = r.choice(sorted(pairs)) if r.random() < 0.92 else fields.draw(r, fields.KEYS, taken)
        request(c, "setting_top", f=f, n=key)
        out, _ = c.call(f"{split}    if key.strip() == {lit(key)}:\n        print(value.strip())")
        c.say(f"There is no {key} in {f}." if out == "(no output)" else f"{key} is {out}.")
    else:
        request(c, "setting_names", f=f)
        c.call(f"{split}    if value:\n        print(key.strip())")
        c.say(f"Those are the keys of {f}.")


def _say_each(c: Chat, f: str, key: str, out: str) -> None:
    """The value of a key that was looked for in all sections."""
    if out == "(no output)":
        c.say(f"There is no {key} in {f}.")
    else:
        c.say(f"{key} is {out}." if "\n" not in out else f"Those are the values of {key} in {f}.")


def _tomllib(f: str) -> str:
    return f"import tomllib\ndata = tomllib.loads(read_file({lit(f)}))\n"


def _plain(r: Source) -> str:
    return str(r.choice((names.number(r), names.word(r), r.choice(fields.THINGS), r.choice(("true", "false", "on")))))


def _sections(r: Source) -> tuple[dict[str, str], Sections]:
    """Keys above all sections, and sections with keys; names that every format can hold."""
    taken: set[str] = set()
    top = {plain_name(r, fields.KEYS, taken): _plain(r) for _ in range(r.randint(0, 2))}
    made: Sections = {}
    for _ in range(r.randint(1, 3)):
        part = plain_name(r, fields.PARTS, taken)
        if part not in top and part != "default":
            made[part] = {plain_name(r, fields.KEYS): _plain(r) for _ in range(r.randint(1, 3))}
    return top, made or {"project": {"name": "demo"}}


def plain_name(r: Source, pool: list[str], taken: set[str] | None = None) -> str:
    """A name that every format takes without quotes."""
    while True:
        found = fields.draw(r, pool, taken)
        if found.replace("_", "").isalnum():
            return found.lower()


def _toml(r: Source, top: dict[str, str], made: Sections) -> str:
    def value(text: str) -> str:
        if text.isdigit() or text in ("true", "false"):
            return text
        return json.dumps(words_list(r), ensure_ascii=False) if r.random() < 0.1 else json.dumps(text)

    rows = [f"{key} = {value(text)}" for key, text in top.items()]
    for part, pairs in made.items():
        rows += [*([""] if rows else []), f"[{part}]", *(f"{key} = {value(text)}" for key, text in pairs.items())]
    return "\n".join(rows) + "\n"
