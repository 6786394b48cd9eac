"""Requests that change one file as a whole: create, append, replace, rename, move, copy, delete."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.new_texts import (
    changed,
    known_file,
    line,
    lines,
    marked,
    no_file,
    plural,
    told,
    told_lines,
    word_of,
)
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source

ENDED = 'if text and not text.endswith("\\n"):\n    text += "\\n"\n'
"""The last line may lack its end; what is appended must not be glued to it."""

_AROUND = ".,:;!?()[]-*#+ "
"""What people leave out at the ends of the text that they want to have replaced."""
SETTINGS = (".json", ".ini", ".cfg", ".conf", ".properties", ".toml")
_EXPLICIT = re.compile("replac|substitut|exchang|overwrite|occurr|instance|mention|typo|spell", re.IGNORECASE)
"""In files of settings, "change a to b" sets the value of a; only such words mean the text a."""


def new_name(c: Chat) -> str:
    """A file that need not be there, at times in a folder."""
    r = c.r
    return (f"{names.folder(r)}/" if r.random() < 0.2 else "") + names.file_name(r)


def append(c: Chat) -> None:
    r = c.r
    f = known_file(c)
    if r.random() < 0.12:
        texts = lines(r)
        told_lines(c, "changes.append_lines", texts, f=quoted(r, f))
        code = f"lines = [{', '.join(map(lit, texts))}]\n"
        added = 'text + "".join(line + "\\n" for line in lines)'
        said = f"I added the lines to {f}."
    else:
        text = line(r)
        told(c, "changes.append", text, f=quoted(r, f))
        code, added = "", f'text + {lit(text)} + "\\n"'
        said = f"I added the line to {f}."
    changed(c, f'{code}text = read_file({lit(f)})\n{ENDED}write_file({lit(f)}, {added})\nprint("added")', said, f)


def create(c: Chat) -> None:
    r = c.r
    f, way = new_name(c), r.random()
    if way < 0.06:
        c.user(ask(r, "changes.create_empty", held=c.held, f=quoted(r, f)))
        code = f'write_file({lit(f)}, "")\nprint("written")'
    elif way < 0.2:
        texts = lines(r)
        p, q = texts[0], texts[-1]
        told_lines(c, "changes.create_lines", texts, f=quoted(r, f), p="\1", q="\2")
        asked = c.turns.pop()[1]
        if "\1" in asked:
            texts = [p, q] if p != q else [p, p + "2"]
        c.user(asked.replace("\1", marked(r, texts[0])).replace("\2", marked(r, texts[-1])))
        code = (
            f"lines = [{', '.join(map(lit, texts))}]\n"
            f'write_file({lit(f)}, "".join(line + "\\n" for line in lines))\nprint("written")'
        )
    elif way < 0.27:
        d, g, text = names.folder(r), names.file_name(r), line(r)
        f = f"{d}/{g}"
        told(c, "changes.create_in", text, d=quoted(r, d), g=quoted(r, g))
        code = f'write_file({lit(f)}, {lit(text)} + "\\n")\nprint("written")'
    else:
        text = line(r)
        told(c, "changes.create", text, f=quoted(r, f))
        code = f'write_file({lit(f)}, {lit(text)} + "\\n")\nprint("written")'
    c.call(code)
    c.say(f"I wrote {f}.")


def replace(c: Chat) -> None:
    r = c.r
    f = known_file(c)
    a, b = _old_and_new(c, f)
    if r.random() < 0.2:
        c.user(ask(r, "changes.delete_word", held=c.held, a=_said(r, a), f=quoted(r, f)))
        code = f'write_file({lit(f)}, text.replace({lit(a)}, ""))'
        done = f"I deleted {a} from {f}, "
        none = "deleted"
    else:
        asked = ask(r, "changes.replace", held=c.held, a=_said(r, a), b=_said(r, b), f=quoted(r, f))
        while f.lower().endswith(SETTINGS) and not _EXPLICIT.search(asked):
            asked = ask(r, "changes.replace", held=c.held, a=_said(r, a), b=_said(r, b), f=quoted(r, f))
        c.user(asked)
        code = f"write_file({lit(f)}, text.replace({lit(a)}, {lit(b)}))"
        done = f"I replaced {a} with {b} in {f}, "
        none = "replaced"
    out, ok = c.call(f"text = read_file({lit(f)})\nprint(text.count({lit(a)}))\n{code}")
    if not ok:
        c.say(no_file(out, f))
    elif out == "0":
        c.say(f"{a} does not occur in {f}, so nothing was {none}.")
    else:
        c.say(f"{done}{plural(out, 'time')}.")


def _old_and_new(c: Chat, f: str) -> tuple[str, str]:
    """What is replaced in ``f`` and by what: mostly a word, else several, or a version, a date, a price."""
    r, way = c.r, c.r.random()
    if way < 0.13 and f in c.world.files and not f.lower().endswith(SETTINGS):
        shape = r.choice(("{}.{}.{}", "{}.{}", "v{}.{}", "20{}-0{}-1{}", "{},{}00", "{}.{}0", "{}/{}", "{}:3{}"))
        a, b = (shape.format(*(r.randint(1, 9) for _ in range(3))) for _ in range(2))
        lines = c.world.files[f].splitlines()
        lines.insert(r.randint(0, len(lines)), f"{names.word(r)}{r.choice((' ', ': ', '='))}{a}")
        c.world.files[f] = "\n".join(lines) + "\n"
        return a, b if b != a else "0." + a
    if way < 0.25:
        words = r.choice(c.world.files.get(f, "").splitlines() or [""]).split()
        at = r.randrange(max(1, len(words) - 1))
        a = " ".join(words[at : at + r.choice((2, 2, 3))]).strip(_AROUND)
        if len(a.split()) > 1 and not any(mark in a for mark in "'\"`{}\\"):
            return a, names.phrase(r).strip(_AROUND)
    return word_of(c, f), names.word(r) if r.random() < 0.8 else str(names.number(r))


def _said(r: Source, text: str) -> str:
    """As it stands in a request: several words in quotes."""
    return marked(r, text) if " " in text else quoted(r, text)


def delete(c: Chat) -> None:
    f = known_file(c)
    c.user(ask(c.r, "changes.delete_file", held=c.held, f=quoted(c.r, f)))
    changed(c, f'delete_file({lit(f)})\nprint("deleted")', f"I deleted {f}.", f)


def move(c: Chat) -> None:
    """A new name, which stays in its folder, or a new folder."""
    r = c.r
    f = known_file(c)
    where, slash, name = f.rpartition("/")
    if r.random() < 0.4:
        d = names.folder(r)
        c.user(ask(r, "changes.move_into", held=c.held, f=quoted(r, f), d=d))
        g, said = f"{d}/{name}", f"I moved {f} into {d}."
    else:
        g = names.file_name(r, f.rsplit(".", 1)[-1] if "." in name and r.random() < 0.7 else None)
        if r.random() < 0.4:
            g = names.alike(r, name)
        asked = g
        g = where + slash + g
        if r.random() < 0.5:
            asked = g
        if r.random() < 0.08:
            g = asked = r.choice(sorted(path for path in c.world.files if path != f) or [g])
            g = asked if "/" in asked or not slash else where + slash + asked
        c.user(ask(r, "changes.rename", held=c.held, f=quoted(r, f), g=quoted(r, asked)))
        said = f"{f} is now called {g}."
    out, ok = c.call(f'move_file({lit(f)}, {lit(g)})\nprint("moved")')
    taken = f"{g} exists already, so I did not move {f}."
    c.say(said if ok else taken if "exists already" in out else no_file(out, f))


def copy(c: Chat) -> None:
    r = c.r
    f = known_file(c)
    if r.random() < 0.35:
        g = f + ".bak"
        c.user(ask(r, "changes.backup", held=c.held, f=f, x=".bak"))
    else:
        g = names.file_name(r, f.rsplit(".", 1)[-1] if "." in f.rpartition("/")[2] and r.random() < 0.7 else None)
        if r.random() < 0.25:
            g = f"{names.folder(r)}/{g}"
        elif r.random() < 0.5:
            g = names.alike(r, f)
        c.user(ask(r, "changes.copy", held=c.held, f=quoted(r, f), g=quoted(r, g)))
    changed(c, f'write_file({lit(g)}, read_file({lit(f)}))\nprint("copied")', f"I copied {f} to {g}.", f)


def clear(c: Chat) -> None:
    f = some_file(c)
    c.user(ask(c.r, "changes.clear", held=c.held, f=quoted(c.r, f)))
    c.call(f'write_file({lit(f)}, "")\nprint("emptied")')
    c.say(f"{f} is empty now.")


def swap(c: Chat) -> None:
    f = some_file(c)
    g = some_file(c, f.rsplit(".", 1)[-1] if "." in f else None)
    if f == g:
        g = c.world.add(c.r, "x" + names.file_name(c.r))
    c.user(ask(c.r, "changes.swap", held=c.held, f=quoted(c.r, f), g=quoted(c.r, g)))
    c.call(
        f"first = read_file({lit(f)})\nsecond = read_file({lit(g)})\n"
        f'write_file({lit(f)}, second)\nwrite_file({lit(g)}, first)\nprint("swapped")'
    )
    c.say(f"{f} and {g} have swapped their contents.")
