"""Required keys, settings that differ, broken JSON files of a folder, imports of all scripts, rows of numbers."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.documents import load, mixed, save
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def required_keys(c: Chat) -> None:
    """Which of some keys a document lacks."""
    r = c.r
    taken: set[str] = set()
    keys = [fields.draw(r, fields.KEYS, taken) for _ in range(r.randint(2, 4))]
    kept = [key for key in keys if r.random() < 0.75]
    f = save(c, mixed(c, **{key: fields.scalar(r) for key in kept}))
    said = ", ".join(keys[:-1]) + r.choice((" and ", " and ", ", ")) + keys[-1]
    c.user(ask(r, "fc_required", held=c.held, f=quoted(r, f), v=said))
    out, _ = c.call(
        f"{load(f)}for key in [{', '.join(lit(key) for key in keys)}]:\n    if key not in data:\n        print(key)"
    )
    c.say("None is missing." if out == "(no output)" else f"Missing in {f}: {', '.join(out.splitlines())}.")


def broken_in_folder(c: Chat) -> None:
    """The JSON files of a folder that are not valid."""
    r = c.r
    d = names.folder(r)
    for _ in range(r.randint(1, 3)):
        text = json.dumps({names.word(r): names.number(r)})
        c.world.add(r, f"{d}/{names.file_name(r, 'json')}", (text if r.random() < 0.6 else text[:-1]) + "\n")
    c.user(ask(r, "fc_broken", held=c.held, d=quoted(r, d)))
    out, _ = c.call(
        f"import json\nfor path in glob_files({lit(d + '/**/*.json')}):\n    try:\n        json.loads(read_file(path))\n"
        "    except ValueError:\n        print(path)"
    )
    c.say(f"All JSON files in {d} are valid." if out == "(no output)" else f"Not valid: {', '.join(out.splitlines())}.")


def differing(c: Chat) -> None:
    """Keys with different values in two files of key=value lines."""
    r = c.r
    taken: set[str] = set()
    keys = [fields.draw(r, fields.KEYS, taken) for _ in range(r.randint(2, 5))]
    values = [names.word(r) for _ in keys]
    e = r.choice(("ini", "conf", "cfg", "properties", "txt"))
    f = some_file(c, e, "".join(f"{key}={value}\n" for key, value in zip(keys, values, strict=True)))
    changed = [value if r.random() < 0.6 else names.word(r) for value in values]
    g = some_file(c, e, "".join(f"{key}={value}\n" for key, value in zip(keys, changed, strict=True)))
    c.user(ask(r, "fc_differing", held=c.held, f=quoted(r, f), g=quoted(r, g)))
    read = 'dict(line.split("=", 1) for line in read_file({f}).splitlines() if "=" in line)'
    out, _ = c.call(
        f"a = {read.format(f=lit(f))}\nb = {read.format(f=lit(g))}\nfor key in a:\n"
        "    if key in b and a[key] != b[key]:\n        print(key, a[key], b[key])"
    )
    c.say("No key has different values." if out == "(no output)" else "Those are the keys with both values.")


def all_imports(c: Chat) -> None:
    """The modules that all scripts import, each once."""
    r = c.r
    d = names.folder(r) if r.random() < 0.3 else ""
    known = [
        "os",
        "sys",
        "json",
        "csv",
        "re",
        "math",
        "random",
        "time",
        "datetime",
        "pathlib",
        "typing",
        "collections",
        "itertools",
        "requests",
        "numpy",
    ]
    c.world.files = {path: text for path, text in c.world.files.items() if not path.endswith(".py")}
    for _ in range(r.randint(1, 3)):
        lines = [
            f"import {r.choice(known)}" if r.random() < 0.7 else f"from {r.choice(known)} import {names.scramble(r)}x"
            for _ in range(r.randint(0, 3))
        ]
        lines = [line if line.isascii() else "import os" for line in lines]
        c.world.add(r, (f"{d}/" if d else "") + names.file_name(r, "py").lower(), "\n".join(lines) + "\n")
    c.user(ask(r, "fc_imports_in" if d else "fc_imports", held=c.held, d=quoted(r, d)))
    out, _ = c.call(
        f"import ast\nfound = set()\nfor path in glob_files({lit((d + '/' if d else '') + '**/*.py')}):\n"
        "    for node in ast.walk(ast.parse(read_file(path))):\n        if isinstance(node, ast.Import):\n"
        "            found.update(alias.name for alias in node.names)\n"
        '        elif isinstance(node, ast.ImportFrom):\n            found.add(node.module or ".")\n'
        "for name in sorted(found):\n    print(name)"
    )
    c.say("They import nothing." if out == "(no output)" else "Those are the imported modules.")


def number_rows(c: Chat) -> None:
    """Rows of numbers: the sum of each, and of all."""
    r = c.r
    text = "".join(
        " ".join(str(r.randint(0, 99)) for _ in range(r.randint(2, 4))) + "\n" for _ in range(r.randint(1, 4))
    )
    f = some_file(c, "txt", text)
    whole = r.random() < 0.5
    c.user(ask(r, "fc_rows_total" if whole else "fc_rows", held=c.held, f=quoted(r, f)))
    start, end = ("total = 0\n", '    total += value\nprint(f"{total:.12g}")') if whole else ("", "")
    c.call(
        f"{start}for line in read_file({lit(f)}).splitlines():\n"
        f'    value = sum(float(word) for word in line.split())\n    print(f"{{value:.12g}}")\n{end}'.rstrip("\n")
    )
    c.say("Those are the sums of the rows, and the total." if whole else "Those are the sums of the rows.")
