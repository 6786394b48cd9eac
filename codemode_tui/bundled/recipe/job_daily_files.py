"""Folders and settings in everyday words: first lines, names that begin alike, files and folders that may be gone,
defaults."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import MOST_CHARACTERS, MOST_LINES, Chat, lit
from codemode_tui.bundled.recipe.file_moves import finish
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.job_many_files import free
from codemode_tui.bundled.recipe.job_places import folders, listed
from codemode_tui.bundled.recipe.new_texts import marked, plural
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.setting_files import plain_name
from codemode_tui.bundled.recipe.source import Source

_ABSENT = (
    "no such folder", "missing", "not there", "nothing here", "folder not found", "it is gone", "none", "no folder",
)  # fmt: skip
_DEFAULTS = ("none", "0", "1", "off", "false", "auto", "unknown", "not set", "main", "10", "30", "100", "en", "default")
_STARTS = "invoice bill photo scan letter report draft recipe ticket receipt log plan"


def opening_lines(c: Chat) -> None:
    """The first line of each file of a folder, without names: in one file, or printed."""
    r = c.r
    (d,) = folders(c, 1)
    e = r.choice(("txt", "txt", "md", "log", "csv", ""))
    for _ in range(r.randint(2, 4)):
        c.world.add(r, free(c, d, e or "txt"), "".join(names.phrase(r) + "\n" for _ in range(r.randint(1, 3))))
    g = free(c, "", r.choice(("txt", "txt", "md", "csv")))
    k = f".{e} file" if e else "file"
    saved = r.random() < 0.7
    c.user(ask(r, f"dy_openings_{'saved' if saved else 'shown'}", held=c.held, d=quoted(r, d), g=quoted(r, g), k=k))
    pattern = lit(f"{d}/*.{e}" if e else f"{d}/*")
    if not saved:
        c.call(f"for path in glob_files({pattern}):\n    print(read_file(path, 1, 1).strip())")
        c.say("Those are the first lines.")
        return
    out, _ = c.call(
        f"lines = [read_file(path, 1, 1).strip() for path in glob_files({pattern})]\n"
        f'write_file({lit(g)}, "".join(line + "\\n" for line in lines))\nprint(len(lines))'
    )
    c.say(f"I wrote the first {'line' if out == '1' else 'lines'} of {plural(out, 'file')} to {g}.")


def same_start(c: Chat) -> None:
    """Files whose names begin with a word, moved into a folder of that name or of another."""
    r = c.r
    w = r.choice(_STARTS.split()) if r.random() < 0.5 else r.choice(r.words)
    d, other = folders(c, 2)
    d = d if r.random() < 0.35 else ""
    own = not d and r.random() < 0.5
    e = w if own else other
    for path in [path for path in c.world.files if path.startswith(w)]:
        del c.world.files[path]
    ending = r.choice(("txt", "pdf", "md", "jpg", "csv", "docx"))
    prefix = f"{d}/" if d else ""
    for n in range(r.choice((0, 1, 2, 2, 3, 3))):
        tail = r.choice((f"-{n + 1}", f"_{n + 1}", f"_{names.word(r)}{n}", f"-20{r.randint(10, 29)}{n}"))
        c.world.add(r, f"{prefix}{w}{tail}.{ending}")
    if d and not c.world.glob_files(f"{d}/*"):
        c.world.add(r, f"{d}/{r.choice(r.words)}.txt")
    section = "dy_start_own" if own else "dy_start_from" if d else "dy_start_other"
    c.user(ask(r, section, held=c.held, w=quoted(r, w), d=quoted(r, d), e=quoted(r, e)))
    new = f'"{e}/" + path.rpartition("/")[2]' if d else f'"{e}/" + path'
    c.call(
        f"paths = glob_files({lit(f'{prefix}{w}*')})\nfor path in paths:\n    move_file(path, {new})\nprint(len(paths))"
    )
    finish(c, f"I moved {{n}} into {e}.", f"There are no files whose names begin with {w}.")


def cleared_out(c: Chat) -> None:
    """Several named files deleted, of which some may be gone already; then what is left is listed."""
    r = c.r
    d = folders(c, 1)[0] if r.random() < 0.4 else ""
    paths: list[str] = []
    while len(paths) < r.choice((2, 2, 3)):
        path = free(c, d, r.choice(("txt", "tmp", "log", "bak", "md", "csv")))
        if path not in paths:
            paths.append(path)
    for path in paths:
        if r.random() < 0.65:
            c.world.add(r, path)
    for _ in range(r.randint(1, 3)):
        c.world.add(r, free(c, d, "txt"))
    v = listed(c, [quoted(r, path) for path in paths])
    told = r.random() < 0.35
    section = f"dy_cleared_{'told' if told else 'quiet'}{'_in' if d else ''}"
    c.user(ask(r, section, held=c.held, v=v, d=quoted(r, d)))
    missing = 'print(path, "is missing")' if told else "continue"
    out, _ = c.call(
        f"for path in [{', '.join(map(lit, paths))}]:\n    try:\n        delete_file(path)\n"
        f"    except FileNotFoundError:\n        {missing}\nfor name in list_directory({lit(d or '.')}):\n    print(name)"
    )
    before = c.worlds[-1].files
    there = [path for path in paths if path in before]
    gone = [path for path in paths if path not in before]
    absent = f"{', '.join(gone)} {'was' if len(gone) == 1 else 'were'} not there" if gone else ""
    done = f"I deleted {', '.join(there)}" if there else ""
    left = [line for line in out.splitlines() if not line.endswith(" is missing")]
    rest = f" Left: {', '.join(left)}." if len(left) <= MOST_LINES and len(out) <= MOST_CHARACTERS else ""
    c.say("; ".join(part for part in (done, absent) if part) + "." + rest)


def maybe_folder(c: Chat) -> None:
    """What is in a folder, or a line that says that it is not there."""
    r = c.r
    (d,) = folders(c, 1)
    there = r.random() < 0.55
    if there:
        for _ in range(r.randint(1, 4)):
            c.world.add(r, free(c, d, r.choice(("txt", "md", "csv", "py", "json"))))
    told = r.random() < 0.6
    text = (r.choice(_ABSENT) if r.random() < 0.6 else names.phrase(r)) if told else f"There is no folder {d}."
    section = "dy_folder_told" if told else "dy_folder_clear"
    c.user(ask(r, section, held=c.held, d=quoted(r, d), t=marked(r, text)))
    c.call(
        f"try:\n    for name in list_directory({lit(d)}):\n        print(name)\n"
        f"except FileNotFoundError:\n    print({lit(text)})"
    )
    c.say(f"These are the files in {d}." if there else f"There is no folder {d}.")


def default_setting(c: Chat) -> None:
    """A setting of a TOML or JSON file, in a section or above all of them, or a value for when it is not set."""
    r = c.r
    key, part = plain_name(r, fields.KEYS), plain_name(r, fields.PARTS)
    deep = r.random() < 0.6
    kind = r.choice(("toml", "toml", "json")) if deep else "toml"
    values: dict[str, object] = {}
    for _ in range(r.randint(1, 3)):
        if (other := plain_name(r, fields.KEYS)) != key:
            values[other] = _value(r)
    values = values or {"name" if key != "name" else "title": "demo"}
    if r.random() < 0.5:
        values[key] = _value(r)
    title, found = part, key in values
    if r.random() < 0.15 and deep:
        title, values, found = f"other_{part}", {"level": 1}, False
    text = json.dumps({title: values}, indent=2) if kind == "json" else _toml(values, title if deep else "")
    f = some_file(c, kind, text + "\n")
    d = r.choice(_DEFAULTS) if r.random() < 0.7 else names.word(r)
    section = f"dy_default_{'section' if deep else 'top'}"
    c.user(ask(r, section, held=c.held, f=quoted(r, f), k=quoted(r, key), s=quoted(r, part), d=quoted(r, d)))
    module = "tomllib" if kind == "toml" else "json"
    get = f"data.get({lit(part)}, {{}}).get({lit(key)}, {lit(d)})" if deep else f"data.get({lit(key)}, {lit(d)})"
    out, _ = c.call(f"import {module}\ndata = {module}.loads(read_file({lit(f)}))\nprint({get})")
    c.say(f"{key} is {out}." if found else f"{key} is not set in {f}: {d}.")


def _value(r: Source) -> object:
    """A value that TOML has, too."""
    while True:
        if (value := fields.scalar(r)) is not None:
            return value


def _toml(values: dict[str, object], title: str) -> str:
    """Settings, below a title if there is one."""
    rows = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join([f"[{title}]", *rows] if title else rows)


KINDS: list[tuple[Task, int]] = [
    (opening_lines, 6),
    (same_start, 7),
    (cleared_out, 6),
    (maybe_folder, 6),
    (default_setting, 6),
]
