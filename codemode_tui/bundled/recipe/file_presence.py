"""Whether a file is there, and two files held against each other."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_jobs import NOTHING, called, plural, some_file
from codemode_tui.bundled.recipe.phrasing import ask


def exists(c: Chat) -> None:
    r = c.r
    f = _maybe_there(c)
    while any(part.startswith(".") for part in f.split("/")):  # glob_files shows no hidden files
        f = _maybe_there(c)
    c.user(ask(r, "one_exists", held=c.held, f=called(r, f)))
    out, _ = c.call(f'print({lit(f)} in glob_files("**/*"))')
    c.say(f"Yes, {f} exists." if out == "True" else f"No, there is no file {f}.")


def exists_and_read(c: Chat) -> None:
    """Is it there, and if so, what is inside?"""
    r = c.r
    f = _maybe_there(c)
    c.user(ask(r, "one_exists_read", held=c.held, f=called(r, f)))
    out, _ = c.call(f'try:\n    print(read_file({lit(f)}))\nexcept FileNotFoundError:\n    print("missing")')
    there = f in c.world.files
    empty = (there and not out.strip()) or out == NOTHING
    c.say(
        f"{f} exists, but is empty."
        if empty
        else f"Yes, that is the content of {f}."
        if there
        else f"No, there is no file {f}."
    )


def compare(c: Chat) -> None:
    r = c.r
    f, g = _two(c, 0.35)
    way = r.random()
    if way < 0.6:
        c.user(ask(r, "one_same", held=c.held, f=called(r, f), g=called(r, g)))
        out, _ = c.call(f'a = read_file({lit(f)})\nb = read_file({lit(g)})\nprint("same" if a == b else "different")')
        c.say(f"{f} and {g} are the same." if out == "same" else f"{f} and {g} are different.")
        return
    c.user(ask(r, "one_longer", held=c.held, f=called(r, f), g=called(r, g)))
    out, _ = c.call(
        f"a = len(read_file({lit(f)}).splitlines())\nb = len(read_file({lit(g)}).splitlines())\nprint(a, b)"
    )
    a, b = (int(x) for x in out.split())
    c.say(
        f"{f} is longer, with {plural(str(a), 'line')} against {b}."
        if a > b
        else f"{g} is longer, with {plural(str(b), 'line')} against {a}."
        if b > a
        else f"Both have {plural(str(a), 'line')}."
    )


def compare_size(c: Chat) -> None:
    """Which of two files is bigger, or newer."""
    r = c.r
    f, g = _two(c, 0.1)
    if r.random() < 0.6:
        c.user(ask(r, "one_bigger", held=c.held, f=called(r, f), g=called(r, g)))
        out, _ = c.call(f'a = file_info({lit(f)})["size"]\nb = file_info({lit(g)})["size"]\nprint(a, b)')
        a, b = (int(x) for x in out.split())
        more, less = max(a, b), min(a, b)
        c.say(
            f"Both have {a} bytes." if a == b else f"{f if a > b else g} is bigger, with {more} bytes against {less}."
        )
        return
    c.user(ask(r, "one_newer", held=c.held, f=called(r, f), g=called(r, g)))
    c.call(
        f'a = file_info({lit(f)})["modified"]\nb = file_info({lit(g)})["modified"]\nprint({lit(f)} if a > b else {lit(g)})'
    )
    c.say(f"{c.turns[-1][1]} was changed more recently.")


def difference(c: Chat) -> None:
    """Which lines two files share, or differ in."""
    r = c.r
    f, g = _two(c, 0.15)
    lines = c.world.files[f].splitlines()
    if lines and r.random() < 0.75:  # else they have nothing in common
        kept = [line for line in lines if r.random() < 0.7]
        kept.insert(r.randint(0, len(kept)), names.phrase(r))
        c.world.files[g] = "\n".join(kept) + "\n"
    load = f"a = read_file({lit(f)}).splitlines()\nb = read_file({lit(g)}).splitlines()\n"
    kind = r.choice(("diff", "diff", "common", "only"))
    c.user(ask(r, f"one_{kind}", held=c.held, f=called(r, f), g=called(r, g)))
    if kind == "diff":
        out, _ = c.call(
            f'import difflib\n{load}for line in difflib.unified_diff(a, b, lineterm="", n=0):\n    print(line)'
        )
        c.say(f"{f} and {g} do not differ." if out == NOTHING else f"Those are the differences between {f} and {g}.")
    elif kind == "common":
        out, _ = c.call(f"{load}for line in a:\n    if line in b:\n        print(line)")
        c.say(f"{f} and {g} have no line in common." if out == NOTHING else f"Those lines are in both {f} and {g}.")
    else:
        out, _ = c.call(f"{load}for line in a:\n    if line not in b:\n        print(line)")
        c.say(f"Every line of {f} is in {g}." if out == NOTHING else f"Those lines are in {f}, but not in {g}.")


def together(c: Chat) -> None:
    """One count over two files."""
    r = c.r
    f, g = _two(c, 0)
    unit = r.choice(("lines", "words", "characters"))
    measure = {"lines": "len({}.splitlines())", "words": "len({}.split())", "characters": "len({})"}[unit]
    c.user(ask(r, "one_together", held=c.held, f=called(r, f), g=called(r, g), u=unit))
    out, _ = c.call(
        f"a = read_file({lit(f)})\nb = read_file({lit(g)})\nprint({measure.format('a')} + {measure.format('b')})"
    )
    c.say(f"{f} and {g} have {out} {unit if out != '1' else unit[:-1]} together.")


def _maybe_there(c: Chat) -> str:
    r = c.r
    if r.random() < 0.55:
        return some_file(c)
    where = f"{names.folder(r)}/" if r.random() < 0.15 else ""
    return where + names.file_name(r)


def _two(c: Chat, alike: float) -> tuple[str, str]:
    """Two files, of the same text at times."""
    r = c.r
    f = some_file(c)
    while True:
        g = some_file(
            c,
            f.rsplit(".", 1)[-1] if "." in f.rsplit("/", 1)[-1] else None,
            c.world.files[f] if r.random() < alike else None,
        )
        if g != f:
            return f, g
