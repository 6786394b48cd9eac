"""Requests that write a file from what others hold: a count, sorted lines, a list, a tally, two files in one."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_moves import ending, provide
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.line_edits import text_file, written
from codemode_tui.bundled.recipe.new_texts import plural, word_of
from codemode_tui.bundled.recipe.phrasing import ask, quoted

_COUNTS = {"lines": "len(text.splitlines())", "words": "len(text.split())", "characters": "len(text)"}
_MEASURES = {
    "lines": "len(read_file(path).splitlines())",
    "words": "len(read_file(path).split())",
    "bytes": 'file_info(path)["size"]',
}
_KEPT = {
    "sorted": "sorted(lines)",
    "reversed": "lines[::-1]",
    "unique": "list(dict.fromkeys(lines))",
    "first": "lines[:{n}]",
    "last": "lines[-{n}:]",
    "with": "[line for line in lines if {w} in line]",
    "without": "[line for line in lines if {w} not in line]",
    "longest": "sorted(lines, key=len, reverse=True)[:{n}]",
    "upper": "[line.upper() for line in lines]",
    "lower": "[line.lower() for line in lines]",
    "blank": "[line for line in lines if line.strip()]",
}
"""What is kept of the lines of a file."""


def _save(c: Chat, thing: str, g: str, **slots: str) -> None:
    """The user asks to have a thing saved in ``g``."""
    r = c.r
    c.user(
        ask(
            r,
            "changes.save",
            held=c.held,
            shaped=True,
            v=choose(r, f"changes.thing_{thing}", held=c.held),
            g=quoted(r, g),
            **slots,
        )
    )


def _target(c: Chat) -> str:
    """A file to write to."""
    r = c.r
    g = names.file_name(r, r.choice(("txt", "md", "txt", "csv", "log", "out")) if r.random() < 0.7 else None)
    return f"{names.folder(r)}/{g}" if r.random() < 0.12 else g


def save_lines(c: Chat) -> None:
    """Some lines of a file, or all of them in another form, in another file."""
    r = c.r
    f, g = text_file(c), _target(c)
    thing = r.choice(sorted(_KEPT))
    n, w = str(r.randint(2, 10)), word_of(c, f)
    _save(c, thing, g, f=quoted(r, f), n=n, w=quoted(r, w))
    kept = _KEPT[thing].replace("{n}", n).replace("{w}", lit(w))
    c.call(f"lines = read_file({lit(f)}).splitlines()\nkept = {kept}\n{written(g, 'kept')}print(len(kept))")
    c.say(f"I wrote {plural(c.turns[-1][1], 'line')} to {g}.")


def save_count(c: Chat) -> None:
    """A number that has to be counted first, in a file."""
    r = c.r
    g = _target(c)
    if r.random() < 0.65:
        f, u = some_file(c), r.choice(sorted(_COUNTS))
        _save(c, "count", g, f=quoted(r, f), u=u, s=u[:-1])
        code = f"text = read_file({lit(f)})\ncount = {_COUNTS[u]}\n"
        done = f"{f} has {{n}} {u}; I wrote the number to {g}."
    else:
        e = ending(r)
        provide(c, e)
        _save(c, "files", g, e=r.choice((e, "." + e, "." + e)), x="." + e)
        code = f'count = len(glob_files("**/*.{e}"))\n'
        done = f"I counted {{n}} .{e} files and wrote the number to {g}."
    out, _ = c.call(f'{code}write_file({lit(g)}, str(count) + "\\n")\nprint(count)')
    done = done.replace("{n}", out)
    c.say(done if out != "1" else done.replace(" words;", " word;").replace("s;", ";").replace(" files ", " file "))


def save_numbers(c: Chat) -> None:
    """The result of a sum, or a row of numbers, in a file."""
    r = c.r
    g = _target(c)
    thing = r.choice(("sum", "product", "range", "range", "squares"))
    if thing in ("sum", "product"):
        a, b = names.number(r), names.number(r)
        _save(c, thing, g, a=str(a), b=str(b))
        sign = "+" if thing == "sum" else "*"
        out, _ = c.call(f'result = {a} {sign} {b}\nwrite_file({lit(g)}, str(result) + "\\n")\nprint(result)')
        c.say(f"The result is {out}; I wrote it to {g}.")
        return
    a = r.choice((0, 1, 1, 1, r.randint(2, 50)))
    b = a + r.randint(2, 100)
    _save(c, thing, g, a=str(a), b=str(b))
    value = "number ** 2" if thing == "squares" else "number"
    c.call(f'lines = [str({value}) for number in range({a}, {b} + 1)]\n{written(g)}print("written")')
    c.say(f"I wrote {g}.")


def save_list(c: Chat) -> None:
    """The names of files, one a line."""
    r = c.r
    g = _target(c)
    e = ending(r) if r.random() < 0.7 else ""
    if e:
        provide(c, e)
    _save(c, "list", g, k=r.choice((f"{e} files", f".{e} files", f"*.{e} files")) if e else "files")
    out, _ = c.call(
        f'paths = glob_files("**/*{"." + e if e else ""}")\n'
        f'write_file({lit(g)}, "".join(path + "\\n" for path in paths))\nprint(len(paths))'
    )
    c.say(f"I wrote the {'name' if out == '1' else 'names'} of {plural(out, 'file')} to {g}.")


def tally(c: Chat) -> None:
    """One "name: count" a line."""
    r = c.r
    g = (
        r.choice(("tally", "counts", "index", "summary", "totals")) + r.choice((".md", ".txt"))
        if r.random() < 0.3
        else _target(c)
    )
    e = ending(r) if r.random() < 0.75 else ""
    if e:
        provide(c, e)
    u = r.choice(sorted(_MEASURES))
    kind = r.choice((f"{e} file", f".{e} file")) if e else "file"
    s = r.choice(("count", "count", "number", u, f"{u[:-1]} count"))
    c.user(ask(r, "changes.tally", held=c.held, k=kind, ks=kind + "s", u=u, s=s, g=quoted(r, g)))
    if f" {u}" not in c.turns[-1][1].lower() and u not in s and u[:-1] not in s:
        role, text = c.turns.pop()
        c.turns.append((role, text.replace(f"name: {s}", f"name: {u}")))
    out, _ = c.call(
        f'rows = []\nfor path in glob_files("**/*{"." + e if e else ""}"):\n'
        f'    rows.append(f"{{path}}: {{{_MEASURES[u]}}}")\n'.replace('["size"]', "['size']")
        + f'write_file({lit(g)}, "".join(row + "\\n" for row in sorted(rows)))\nprint(len(rows))'
    )
    c.say(f"I wrote {g} with {plural(out, 'line')}.")


def join(c: Chat) -> None:
    """Two files, or all of a kind, in one."""
    r = c.r
    g = _target(c)
    if r.random() < 0.6:
        f = some_file(c)
        h = some_file(c, f.rsplit(".", 1)[-1] if "." in f.rpartition("/")[2] else None)
        c.user(ask(r, "changes.join_two", held=c.held, f=quoted(r, f), h=quoted(r, h), g=quoted(r, g)))
        c.call(f'text = read_file({lit(f)}) + read_file({lit(h)})\nwrite_file({lit(g)}, text)\nprint("written")')
        c.say(f"I joined {f} and {h} in {g}.")
        return
    e = ending(r)
    provide(c, e)
    kind = r.choice((f"{e} files", f".{e} files", f"*.{e} files"))
    c.user(ask(r, "changes.join_all", held=c.held, k=kind, g=quoted(r, g)))
    c.call(
        f'paths = glob_files("**/*.{e}")\ntext = "".join(read_file(path) for path in paths)\n'
        f"write_file({lit(g)}, text)\nprint(len(paths))"
    )
    c.say(f"I joined {plural(c.turns[-1][1], f'.{e} file')} in {g}.")


def split(c: Chat) -> None:
    r = c.r
    f = text_file(c, r.randint(2, 8))
    e = f.rsplit(".", 1)[-1]
    g, h = (names.file_name(r, e), names.file_name(r, e)) if r.random() < 0.7 else ("a." + e, "b." + e)
    slots = {"f": quoted(r, f), "g": quoted(r, g), "h": quoted(r, h)}
    read = f"lines = read_file({lit(f)}).splitlines()\n"
    if r.random() < 0.6:
        c.user(ask(r, "changes.split_two", held=c.held, shaped=True, **slots))
        code = f"{read}half = len(lines) // 2\n"
        at = "half"
    else:
        at = str(r.randint(1, 9))
        c.user(ask(r, "changes.split_at", held=c.held, shaped=True, n=at, **slots))
        code = read
    c.call(f'{code}{written(g, f"lines[:{at}]")}{written(h, f"lines[{at}:]")}print("written")')
    c.say(f"I split {f} into {g} and {h}.")
