"""Is a file valid, and what to do if not; JSON files compared, printed tidily, searched for a key."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.documents import load, mixed, request, save
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.table_rows import SHOWN
from codemode_tui.bundled.recipe.tables import request as table_request
from codemode_tui.bundled.recipe.tables import table, written
from codemode_tui.bundled.recipe.toml_samples import broken_toml

_WORDS = [
    "broken",
    "invalid",
    "bad",
    "corrupt",
    "damaged",
    "wrong",
    "no",
    "oops",
    "fail",
    "unreadable",
    "faulty",
    "malformed",
    "error",
    "sorry",
    "useless",
]


def validate(c: Chat) -> None:
    """Whether one JSON or TOML file is valid, or which JSON files are."""
    r = c.r
    if r.random() < 0.2:
        f = some_file(c, "toml", broken_toml(r))
        request(c, "valid_file", f=f)
        out, _ = c.call(
            f'import tomllib\ntry:\n    tomllib.loads(read_file({lit(f)}))\n    print("valid")\n'
            'except ValueError as error:\n    print("invalid:", error)'
        )
    else:
        f = _maybe_broken(c)
        if r.random() < 0.4:
            c.user(ask(r, "valid_all", held=c.held))
            out, _ = c.call(
                'import json\nfor path in glob_files("**/*.json"):\n    try:\n        json.loads(read_file(path))\n'
                '        print(path, "valid")\n    except ValueError as error:\n        print(path, "invalid:", error)'
            )
            bad = out.count(" invalid: ")
            said = f"{bad} JSON file{' is' if bad == 1 else 's are'} not valid."
            c.say(said if bad else "All JSON files are valid.")
            return
        request(c, "valid_file", f=f)
        out, _ = c.call(
            f'import json\ntry:\n    json.loads(read_file({lit(f)}))\n    print("valid")\n'
            'except ValueError as error:\n    print("invalid:", error)'
        )
    c.say(f"{f} is valid." if out == "valid" else f"{f} is not valid: {out.removeprefix('invalid: ')}.")


def validate_named(c: Chat) -> None:
    """Which of the named JSON files are valid."""
    r = c.r
    paths: list[str] = []
    most = r.choice((2, 2, 3, 3, 4))
    while len(paths) < most:
        if (path := _maybe_broken(c)) not in paths:
            paths.append(path)
    *first, last = (quoted(r, path) for path in paths)
    listed = ", ".join(first) + r.choice((" and ", " and ", ", ")) + last
    c.user(ask(r, "json_valid_named", held=c.held, shaped=True, list=listed))
    out, _ = c.call(
        f"import json\nfor path in [{', '.join(map(lit, paths))}]:\n    try:\n        json.loads(read_file(path))\n"
        '        print(path, "valid")\n    except ValueError as error:\n        print(path, "invalid:", error)'
    )
    bad = out.count(" invalid: ")
    c.say(f"{bad} of them {'is' if bad == 1 else 'are'} not valid." if bad else "All of them are valid.")


def broken_word(c: Chat) -> None:
    """A value of a JSON file, or its number of keys, or a given word where the file is broken."""
    r = c.r
    key = fields.draw(r, fields.KEYS)
    f = save(c, mixed(c, **{key: fields.scalar(r)}))
    if r.random() < 0.5:
        c.world.files[f] = broken(c, c.world.files[f])
    w = r.choice(_WORDS) if r.random() < 0.7 else names.word(r)
    if r.random() < 0.45:
        request(c, "broken_value", f=f, n=key, d=w)
        what = f"data[{lit(key)}]"
    else:
        request(c, "broken_keys", f=f, d=w)
        what = "len(data)"
    out, _ = c.call(
        f"import json\ntry:\n    data = json.loads(read_file({lit(f)}))\n    print({what})\n"
        f"except ValueError:\n    print({lit(w)})"
    )
    try:
        json.loads(c.world.files[f])
    except ValueError:
        c.say(f"{f} is not valid JSON.")
    else:
        c.say(f"{key} is {out}." if "[" in what else f"{f} has {out} key{'' if out == '1' else 's'}.")


def json_pair(c: Chat) -> None:
    """Two JSON files: whether they are the same, or which keys differ."""
    r = c.r
    data = mixed(c)
    other = dict(data)
    if r.random() < 0.7:
        other[r.choice(sorted(other))] = fields.scalar(r)
    if r.random() < 0.3:
        other.pop(r.choice(sorted(other)))
    f, g = save(c, data), save(c, other)
    both = f"import json\none = json.loads(read_file({lit(f)}))\ntwo = json.loads(read_file({lit(g)}))\n"
    if r.random() < 0.45:
        request(c, "json_same", f=f, g=g)
        out, _ = c.call(f"{both}print(one == two)")
        c.say(f"Yes, {f} and {g} hold the same." if out == "True" else f"No, {f} and {g} differ.")
    else:
        request(c, "json_differ", f=f, g=g)
        out, _ = c.call(
            f"{both}for key in sorted(one.keys() | two.keys()):\n    if one.get(key) != two.get(key):\n        print(key)"
        )
        c.say(f"{f} and {g} hold the same." if out == "(no output)" else f"Those keys differ between {f} and {g}.")


def json_with_key(c: Chat) -> None:
    """Which JSON files have a key; files that are broken are passed over."""
    r = c.r
    key = fields.draw(r, fields.KEYS)
    for _ in range(r.randint(1, 3)):
        save(c, mixed(c, **({key: fields.scalar(r)} if r.random() < 0.6 else {})))
    if r.random() < 0.2:
        _maybe_broken(c)
    request(c, "json_with_key", n=key)
    out, _ = c.call(
        'import json\nfor path in glob_files("**/*.json"):\n    try:\n        data = json.loads(read_file(path))\n'
        f"    except ValueError:\n        continue\n    if isinstance(data, dict) and {lit(key)} in data:\n"
        "        print(path)"
    )
    c.say(f"No JSON file has the key {key}." if out == "(no output)" else f"Those are the files with the key {key}.")


def json_pretty(c: Chat) -> None:
    """Printed tidily, perhaps with its keys in order."""
    r = c.r
    f = save(c, mixed(c))
    c.world.files[f] = json.dumps(json.loads(c.world.files[f])) + "\n"
    tail = r.random() < 0.3
    request(c, "json_pretty_sorted" if tail else "json_pretty", f=f)
    c.call(f"{load(f)}print(json.dumps(data, indent=2{', sort_keys=True' if tail else ''}))")
    c.say(f"That is {f}{' with its keys in order' if tail else ''}.")


def validate_table(c: Chat) -> None:
    """Whether all rows have as many fields as the heading, or which cells of a column are no numbers."""
    r = c.r
    t = table(c, rows=2)
    rows = written(t).splitlines()
    if r.random() < 0.6:
        if r.random() < 0.5:
            at = r.randrange(1, len(rows))
            rows[at] = rows[at] + t.separator + "7" if r.random() < 0.5 else rows[at].rpartition(t.separator)[0]
            c.world.files[t.path] = "\n".join(rows) + "\n"
        table_request(c, t, "csv_valid")
        reader = t.reader.replace("csv.DictReader", "csv.reader")
        out, _ = c.call(
            f"import csv\nrows = list({reader})\n"
            "bad = [number for number, row in enumerate(rows, 1) if len(row) != len(rows[0])]\nprint(bad)"
        )
        c.say(
            f"All rows of {t.path} have the same number of fields."
            if out == "[]"
            else f"These lines of {t.path} have a wrong number of fields: {out.strip('[]')}."
        )
        return
    n = r.choice(t.numbers)
    for row in r.sample(t.rows, r.choice((0, 1, 1))):
        row[n] = r.choice(fields.GAPS) or names.word(r)
    c.world.files[t.path] = written(t)
    table_request(c, t, "csv_numbers_valid", n=n)
    out, _ = c.call(
        f"{t.load}for row in rows:\n    try:\n        float(row[{lit(n)}])\n    except (TypeError, ValueError):\n"
        f"        {SHOWN}"
    )
    c.say(f"All cells of {n} are numbers." if out == "(no output)" else f"Those rows have no number in {n}.")


def broken(c: Chat, text: str) -> str:
    """JSON with one of the usual mistakes."""
    way = c.r.randrange(4)
    if way == 0:
        return text.rstrip().rstrip("}") + "\n"
    if way == 1:
        return text.replace('"', "'", 2)
    if way == 2:
        return text.replace(":", "", 1)
    return text.rstrip()[:-1].rstrip() + ",\n}\n"


def _maybe_broken(c: Chat) -> str:
    f = save(c, mixed(c))
    if c.r.random() < 0.5:
        c.world.files[f] = broken(c, c.world.files[f])
    return f
