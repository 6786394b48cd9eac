"""What people at a terminal type without thinking: ls -la, cat, wc -l, find, grep, cp; and marks that are counted."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_jobs import NOTHING, called, is_blank, plural
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.new_texts import changed, no_file
from codemode_tui.bundled.recipe.phrasing import ask
from codemode_tui.bundled.recipe.source import Source

SIGNS = {
    "comma": ",",
    "semicolon": ";",
    "colon": ":",
    "full stop": ".",
    "dot": ".",
    "question mark": "?",
    "exclamation mark": "!",
    "space": " ",
    "tab": "\t",
    "hyphen": "-",
    "dash": "-",
    "underscore": "_",
    "slash": "/",
    "star": "*",
    "asterisk": "*",
    "hash sign": "#",
    "at sign": "@",
    "dollar sign": "$",
    "percent sign": "%",
    "plus sign": "+",
    "equals sign": "=",
    "ampersand": "&",
    "pipe": "|",
    "backtick": "`",
    "apostrophe": "'",
    "opening bracket": "(",
    "closing bracket": ")",
}
"""Marks by what they are called."""
_LISTS = ("ls", "ls", "ls", "ls", "ls -l", "ls -la", "ls -la", "ls -al", "ls -a", "ls -1", "ll", "dir", "ls .")


def shell(c: Chat) -> None:
    """A bare line of the shell, done with the tools."""
    kinds = (_list, _cat, _head, _tail, _wc, _grep, _find, _copy, _range)
    c.r.choices(kinds, (5, 4, 3, 3, 4, 3, 4, 3, 1))[0](c)


def signs(c: Chat) -> None:
    """How many commas and the like a file has, or how often one letter or digit stands there."""
    r = c.r
    f = some_file(c) if r.random() < 0.3 else some_file(c, r.choice(("txt", "md", "log", "rst", "tex", "csv")))
    fresh = f.endswith((".txt", ".md", ".log", ".rst", ".tex"))
    if r.random() < 0.3:
        mark = r.choice("abcdefghijklmnopqrstuvwxyzABEST0123456789")
        kind = "digit" if mark.isdigit() else "letter"
        shown = r.choice((mark, f'"{mark}"', f"'{mark}'"))
        c.user(ask(r, "sign_letter", held=c.held, f=called(r, f), d=kind, w=shown))
        said = f"the {kind} {mark} {{}}"
    else:
        name = r.choice(sorted(SIGNS))
        mark = SIGNS[name]
        many = "dashes" if name == "dash" else "slashes" if name == "slash" else name + "s"
        c.user(ask(r, "sign_count", held=c.held, f=called(r, f), w=name, d=many))
        said = name
        if fresh and r.random() < 0.8:
            c.world.files[f] = _strewn(r, c.world.files[f], mark)
    out, _ = c.call(f"text = read_file({lit(f)})\nprint(text.count({lit(mark)}))")
    if "{}" in said:
        c.say(f"{f} has {said.format(plural(out, 'time'))}.")
    else:
        many = "dashes" if said == "dash" else "slashes" if said == "slash" else said + "s"
        c.say(f"{f} has {out} {said if out == '1' else many}.")


def _strewn(r: Source, text: str, mark: str) -> str:
    """``text`` with a few more of ``mark`` in it."""
    for _ in range(r.randint(1, 7)):
        at = r.randint(0, len(text))
        text = text[:at] + mark + text[at:]
    return text


def readme(c: Chat) -> None:
    """ "The README", without its ending."""
    r = c.r
    name = r.choice(("README", "README", "README", "CHANGELOG", "CONTRIBUTING", "LICENSE", "TODO", "NOTES"))
    if r.random() < 0.95:
        c.world.add(r, name + r.choice((".md", ".md", ".txt", ".rst", "")), contents.prose(r, r.randint(1, 5)))
    said = r.choice((name, name, name, name.lower(), name.lower(), name.capitalize()))
    c.user(ask(r, "readme_read", held=c.held, w=said))
    out, ok = c.call(f"print(read_file({lit(said)}))")
    if not ok:
        c.say(no_file(out, said))
    else:
        c.say(f"That is the content of {said}." if not is_blank(out) else f"{said} is empty.")


def _user(c: Chat, line: str) -> None:
    """The line as it is typed, seldom with a word around it."""
    r = c.r
    way = r.random()
    if way < 0.8:
        c.user(line)
    elif way < 0.9:
        c.user(f"{line} {r.choice(('please', 'pls', 'thanks', 'now'))}")
    else:
        c.user(r.choice(("ok, ", "now ", "$ ", "then ", "please ", "do ", "and now ", "next: ")) + line)


def _named(r: Source, f: str) -> str:
    """A file as it must be written in a shell."""
    if " " in f or r.random() < 0.08:
        return r.choice((f"'{f}'", f'"{f}"', f"'{f}'", f))
    return f if r.random() < 0.95 or "/" in f else f"./{f}"


def _list(c: Chat) -> None:
    r = c.r
    folders = c.world.folders()
    if folders and r.random() < 0.3:
        d = r.choice(folders)
        _user(c, f"{r.choice(('ls', 'ls -l', 'ls -la', 'ls -a', 'dir'))} {d}{r.choice(('', '', '/'))}")
        c.call(f"for name in list_directory({lit(d)}):\n    print(name)")
        c.say(f"These are the files in {d}.")
        return
    _user(c, r.choice(_LISTS))
    c.call('for name in list_directory("."):\n    print(name)')
    c.say("These are the files here.")


def _cat(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    _user(c, f"{r.choice(('cat', 'cat', 'cat', 'cat', 'less', 'more', 'type', 'view'))} {_named(r, f)}")
    out, _ = c.call(f"print(read_file({lit(f)}))")
    c.say(f"{f} is empty." if is_blank(out) else f"That is the content of {f}.")


def _head(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    n = r.choice((1, 2, 3, 3, 4, 5, 5, 7, 8, 10, 12, 15, 20, 30, 50))
    _user(c, f"head {r.choice((f'-n {n}', f'-n {n}', f'-{n}', f'-n{n}', f'--lines={n}'))} {_named(r, f)}")
    out, _ = c.call(f"print(read_file({lit(f)}, 1, {n}))")
    c.say(f"{f} is empty." if is_blank(out) else f"{_ends('first', n)} of {f}.")


def _tail(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    n = r.choice((1, 2, 3, 3, 4, 5, 5, 7, 8, 10, 12, 15, 20, 30, 50))
    _user(c, f"tail {r.choice((f'-n {n}', f'-n {n}', f'-{n}', f'-n{n}', f'--lines={n}'))} {_named(r, f)}")
    out, _ = c.call(f'lines = read_file({lit(f)}).splitlines()\nprint("\\n".join(lines[-{n}:]))')
    c.say(f"{f} is empty." if is_blank(out) else f"{_ends('last', n)} of {f}.")


def _ends(side: str, n: int) -> str:
    return f"That is the {side} line" if n == 1 else f"Those are the {side} {n} lines"


def _range(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    low = r.randint(1, 12)
    high = low + r.randint(1, 9)
    g = _named(r, f)
    _user(c, r.choice((f"sed -n {low},{high}p {g}", f"sed -n '{low},{high}p' {g}", f'sed -n "{low},{high}p" {g}')))
    out, _ = c.call(f'lines = read_file({lit(f)}).splitlines()\nprint("\\n".join(lines[{low} - 1:{high}]))')
    none = out == NOTHING or is_blank(out)
    c.say(f"{f} has no line {low}." if none else f"Those are lines {low} to {high} of {f}.")


def _wc(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    unit, flag, code = r.choice(
        (
            ("line", "-l", "len(text.splitlines())"),
            ("line", "-l", "len(text.splitlines())"),
            ("word", "-w", "len(text.split())"),
            ("character", "-m", "len(text)"),
        )
    )
    g = _named(r, f)
    _user(c, r.choice((f"wc {flag} {g}", f"wc {flag} {g}", f"cat {g} | wc {flag}", f"wc {flag} < {g}")))
    out, _ = c.call(f"text = read_file({lit(f)})\nprint({code})")
    c.say(f"{f} has {plural(out, unit)}.")


def _grep(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    found = [w for w in c.world.files[f].split() if w.isalnum()]
    w = r.choice(found) if found and r.random() < 0.7 else names.word(r)
    said = r.choice((w, w, f"'{w}'", f'"{w}"'))
    way = r.random()
    if way < 0.45:
        _user(c, f"grep {said} {_named(r, f)}")
        out, _ = c.call(f"for line in read_file({lit(f)}).splitlines():\n    if {lit(w)} in line:\n        print(line)")
        c.say(f"No line of {f} contains {w}." if out == NOTHING else f"Those are the lines of {f} with {w}.")
    elif way < 0.75:
        _user(c, f"grep -n {said} {_named(r, f)}")
        out, _ = c.call(
            f"for number, line in enumerate(read_file({lit(f)}).splitlines(), 1):\n    if {lit(w)} in line:\n"
            "        print(number, line)"
        )
        if out == NOTHING:
            c.say(f"No line of {f} contains {w}.")
        elif "\n" in out:
            c.say(f"Those are the lines of {f} with {w}.")
        else:
            c.say(f"{w} is on line {out.split()[0]} of {f}.")
    else:
        _user(c, r.choice((f"grep -c {said} {_named(r, f)}", f"grep {said} {_named(r, f)} | wc -l")))
        out, _ = c.call(f"lines = read_file({lit(f)}).splitlines()\nprint(sum({lit(w)} in line for line in lines))")
        c.say(f"{w} is on {plural(out, 'line')} of {f}.")


def _find(c: Chat) -> None:
    r = c.r
    e = r.choice(
        sorted({path.rpartition(".")[2] for path in c.world.files if "." in path.rpartition("/")[2]}) or ["py"]
    )
    if r.random() < 0.3 or not e.isalnum():
        e = r.choice(("py", "md", "txt", "json", "csv", "log", "toml", "sh", "html", "yaml"))
    counted = r.random() < 0.25
    mark = r.choice(('"', "'", "'", ""))
    line = r.choice(
        (f"find . -name {mark}*.{e}{mark}", f"find . -type f -name {mark}*.{e}{mark}", f"find -name {mark}*.{e}{mark}")
    )
    if counted:
        _user(c, line + " | wc -l")
        out, _ = c.call(f'print(len(glob_files("**/*.{e}")))')
        c.say(f"There {'is' if out == '1' else 'are'} {out} .{e} file{'' if out == '1' else 's'}.")
        return
    _user(c, line)
    out, _ = c.call(f'for path in glob_files("**/*.{e}"):\n    print(path)')
    c.say(f"There are no .{e} files." if out == NOTHING else f"Those are the .{e} files.")


def _copy(c: Chat) -> None:
    """cp, mv, rm; the two names are often much alike."""
    r = c.r
    f = some_file(c)
    g = names.alike(r, f)
    way = r.random()
    if way < 0.5:
        _user(c, f"cp {_named(r, f)} {_named(r, g)}")
        changed(c, f'write_file({lit(g)}, read_file({lit(f)}))\nprint("copied")', f"I copied {f} to {g}.", f)
    elif way < 0.8 and g not in c.world.files:
        _user(c, f"mv {_named(r, f)} {_named(r, g)}")
        changed(c, f'move_file({lit(f)}, {lit(g)})\nprint("moved")', f"{f} is now called {g}.", f)
    else:
        _user(c, f"{r.choice(('rm', 'rm', 'rm -f', 'del'))} {_named(r, f)}")
        changed(c, f'delete_file({lit(f)})\nprint("deleted")', f"I deleted {f}.", f)
