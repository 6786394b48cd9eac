"""Functions that call themselves: over a JSON document, over folders; and how deep things are."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_jobs import called, some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source


def nested(c: Chat) -> None:
    """Sum, depth or keys of a JSON document."""
    r = c.r
    f = some_file(c, "json", json.dumps(_document(r), indent=1) + "\n")
    style = r.random()
    if style < 0.4:
        c.user(ask(r, "nested_sum", held=c.held, f=called(r, f)))
        out, _ = c.call(
            "import json\n\ndef total(value):\n    if isinstance(value, dict):\n        return sum(total(item) for item in value.values())\n"
            "    if isinstance(value, list):\n        return sum(total(item) for item in value)\n"
            f"    return value if isinstance(value, (int, float)) else 0\n\nprint(total(json.loads(read_file({lit(f)}))))"
        )
        c.say(f"All numbers in {f} add up to {out}.")
    elif style < 0.8:
        c.user(ask(r, "nested_depth", held=c.held, f=called(r, f)))
        out, _ = c.call(
            "import json\n\ndef depth(value):\n    if isinstance(value, dict):\n        value = list(value.values())\n"
            "    if isinstance(value, list):\n        return 1 + max([depth(item) for item in value], default=0)\n"
            f"    return 0\n\nprint(depth(json.loads(read_file({lit(f)}))))"
        )
        c.say(f"{f} is {out} level{'' if out == '1' else 's'} deep.")
    else:
        c.user(ask(r, "nested_keys", held=c.held, f=called(r, f)))
        c.call(
            "import json\n\ndef show(value):\n    if isinstance(value, dict):\n        for key in value:\n"
            "            print(key)\n            show(value[key])\n    if isinstance(value, list):\n"
            f"        for item in value:\n            show(item)\n\nshow(json.loads(read_file({lit(f)})))"
        )
        c.say(f"Those are the keys of {f} at every level.")


def folders(c: Chat) -> None:
    """How deep the folders are, the deepest file, the size of a tree."""
    r = c.r
    for _ in range(r.randint(0, 2)):
        parts = [names.folder(r) for _ in range(r.randint(1, 3))]
        c.world.add(r, "/".join([*parts, names.file_name(r)]))
    style = r.random()
    if style < 0.25:
        c.user(ask(r, "folder_depth", held=c.held))
        out, _ = c.call('print(max([path.count("/") for path in glob_files("**/*")], default=0))')
        c.say(f"The folders are {out} level{'' if out == '1' else 's'} deep.")
    elif style < 0.5:
        c.user(ask(r, "folder_deepest", held=c.held))
        out, _ = c.call('print(max(glob_files("**/*"), key=lambda path: path.count("/")))')
        c.say(f"The deepest file is {out}.")
    elif style < 0.7:
        c.user(ask(r, "folder_long_path", held=c.held))
        out, _ = c.call('print(max(glob_files("**/*"), key=len))')
        c.say(f"The longest path is {out}.")
    else:
        known = c.world.folders()
        d = r.choice(known) if known else names.folder(r)
        if not known:
            c.world.add(r, f"{d}/{names.file_name(r)}")
        c.user(ask(r, "folder_sizes", held=c.held, d=quoted(r, d)))
        out, _ = c.call(
            "def size(folder):\n    total = 0\n    for name in list_directory(folder):\n"
            '        path = folder + "/" + name\n        if name.endswith("/"):\n'
            "            total += size(path[:-1])\n        else:\n"
            f'            total += file_info(path)["size"]\n    return total\n\nprint(size({lit(d)}))'
        )
        c.say(f"{d} has {out} bytes.")


def _document(r: Source, depth: int = 0) -> dict[str, object]:
    """A mapping with mappings and lists inside, three levels at most."""
    made = contents.mapping(r)
    if depth < 2 and r.random() < 0.5:
        made = dict(list(made.items())[:2])
        made[names.identifier(r)] = _document(r, depth + 1)
    if r.random() < 0.3:
        made[names.identifier(r)] = [r.randint(0, 99) for _ in range(r.randint(1, 3))]
    return made
