"""The last program once more with one part changed: "and b.txt?", "what about crypt/?", "same for .md"."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.folder_listing import some_folder
from codemode_tui.bundled.recipe.phrasing import quoted
from codemode_tui.bundled.recipe.second_questions import again
from codemode_tui.bundled.recipe.shapes import Shape, Slots, recognise

_ENDINGS = [
    "py",
    "md",
    "txt",
    "json",
    "csv",
    "log",
    "js",
    "html",
    "toml",
    "yaml",
    "yml",
    "sh",
    "sql",
    "css",
    "xml",
    "ini",
    "ts",
    "rs",
    "go",
    "c",
    "h",
    "java",
    "rb",
    "php",
    "tex",
    "bak",
    "cfg",
    "rst",
    "tsv",
]
_KINDS = {
    "py": ("Python files", "Python scripts"),
    "md": ("Markdown files", "Markdown documents"),
    "txt": ("text files",),
    "json": ("JSON files",),
    "csv": ("CSV files", "CSV tables"),
    "log": ("log files", "logs"),
    "js": ("JavaScript files",),
    "html": ("HTML files", "HTML pages"),
    "toml": ("TOML files",),
    "css": ("style sheets", "CSS files"),
    "sh": ("shell scripts",),
    "sql": ("SQL files",),
    "xml": ("XML files",),
    "rs": ("Rust files",),
    "go": ("Go files",),
}
_ENDS = {
    "byte": (("largest", "biggest", "heaviest"), ("smallest", "tiniest", "lightest")),
    "line": (("longest", "one with the most lines"), ("shortest", "one with the fewest lines")),
    "word": (("longest", "one with the most words"), ("shortest", "one with the fewest words")),
    "date": (("newest", "latest", "most recent"), ("oldest", "earliest")),
}
"""What the first and the last of an order are called."""
_LIST, _LIST_END = 'for path in glob_files("**/*.', '"):\n    print(path)'
_COUNT, _COUNT_END = 'print(len(glob_files("**/*.', '")))'


def same_again(c: Chat, code: str) -> bool:
    """Add such a question; False when ``code`` does not lend itself to one."""
    if code.startswith(_LIST) and code.endswith(_LIST_END):
        return _of_kind(c, code[len(_LIST) : -len(_LIST_END)], listing=True)
    if code.startswith(_COUNT) and code.endswith(_COUNT_END):
        return _of_kind(c, code[len(_COUNT) : -len(_COUNT_END)], listing=False)
    if "\nfound = m" in code and (end := re.search(r"\nfound = (max|min)\((counts|dates), key=", code)):
        return _other_end(c, code, end[1], dates=end[2] == "dates")
    found = recognise(code)
    if found is None:
        return False
    shape, slots = found
    if slots.get("n") == "1" or not any(ch.isalnum() for ch in slots.get("w", "x")):
        return False  # it may have been asked for as "the last line" or "commas", which is answered otherwise
    parts = [key for key in slots if key in "fwd"]
    part = c.r.choice(parts)
    if part == "d":
        _folder(c, shape, slots)
    elif part == "w":
        _word(c, shape, slots)
    else:
        _file(c, shape, slots)
    return True


def _other_end(c: Chat, code: str, end: str, *, dates: bool) -> bool:
    """After the largest the smallest, after the newest the oldest."""
    said = re.fullmatch(r"It is .+ (?:with \S+ (\w[\w ]*)|changed on \S+)\.", c.turns[-1][1], re.S)
    if said is None or (said[1] is None) != dates:
        return False
    unit = "date" if dates else said[1].removesuffix("s")
    high, low = _ENDS.get(
        unit, (("one with the most", "file with the most"), ("one with the fewest", "one with the least"))
    )
    again(c, "fu_other_end", g=c.r.choice(low if end == "max" else high))
    out, _ = c.call(code.replace(f"found = {end}(", f"found = {'min' if end == 'max' else 'max'}("))
    name, _, value = out.rpartition(" ")
    if dates:
        c.say(f"It is {name}, changed on {value[:10]}.")
    else:
        noun = said[1] if said[1].endswith("s") else said[1] + "s"
        c.say(f"It is {name} with {value} {noun.removesuffix('s') if value == '1' else noun}.")
    return True


def _file(c: Chat, shape: Shape, slots: Slots) -> None:
    g = some_file(c) if c.r.random() < 0.93 else names.file_name(c.r)
    again(c, "fu_same", g=quoted(c.r, g))
    out, ok = c.call(shape.code({**slots, "f": g}))
    if ok:
        beyond = shape.name == "line" and int(slots["n"]) > len(c.world.files[g].splitlines())
        c.say(f"{g} has no line {slots['n']}." if beyond else shape.answer({**slots, "f": g}, out))
        return
    near = out.partition("(similar: ")[2].split(", ")[0].rstrip(")")
    c.say(f"There is no file {g}." + (f" Did you mean {near}?" if near else ""))


def _word(c: Chat, shape: Shape, slots: Slots) -> None:
    words = [w for w in " ".join(c.world.files.values()).split() if w.isalnum() and len(w) > 2]
    w = c.r.choice(words) if words and c.r.random() < 0.6 else names.word(c.r)
    w = "".join(ch for ch in w if ch.isalnum() or ch in "_-") or "TODO"
    shown = f"'{w}'" if len(w) < 4 or c.r.random() < 0.3 else w
    again(c, "fu_same_word", g=shown)
    out, _ = c.call(shape.code({**slots, "w": w}))
    c.say(shape.answer({**slots, "w": w}, out))


def _folder(c: Chat, shape: Shape, slots: Slots) -> None:
    d = some_folder(c)
    counted = shape.name == "count_files" and c.r.random() < 0.5
    again(c, "fu_same_count" if counted else "fu_same", g=quoted(c.r, d + "/" if c.r.random() < 0.4 else d))
    out, _ = c.call(shape.code({**slots, "d": d}))
    c.say(shape.answer({**slots, "d": d}, out))


def _of_kind(c: Chat, old: str, *, listing: bool) -> bool:
    r = c.r
    e = r.choice([ending for ending in _ENDINGS if ending != old])
    for _ in range(r.choice((0, 1, 1, 2))):
        c.world.add(r, names.file_name(r, e))
    shown = r.choice((f".{e}", f".{e} files", f"{e} files", f".{e} files", f"the .{e} ones", f"*.{e}"))
    if e in _KINDS and r.random() < 0.5:
        shown = r.choice(_KINDS[e])
        shown = shown if r.random() < 0.7 else shown.lower()
    again(c, "fu_same", g=shown)
    if listing:
        out, _ = c.call(f"for path in glob_files({lit('**/*.' + e)}):\n    print(path)")
        c.say(f"There are no .{e} files." if out == "(no output)" else f"Those are the .{e} files.")
    else:
        out, _ = c.call(f"print(len(glob_files({lit('**/*.' + e)})))")
        c.say(f"There is 1 .{e} file." if out == "1" else f"There are {out} .{e} files.")
    return True
