"""Requests of many steps that end in a written file: collect, filter, sort, add up, format, write."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_sets import ask_about, some_set
from codemode_tui.bundled.recipe.file_units import some_unit, some_word
from codemode_tui.bundled.recipe.phrasing import quoted
from codemode_tui.bundled.recipe.python_files import failure

_PLAIN = ("lines", "words", "characters", "bytes")


def report(c: Chat) -> None:
    """A line for each file, the largest first, and the total."""
    r = c.r
    unit, files = some_unit(c)
    f = _target(c)
    c.user(ask_about(c, "many_report", files, f=quoted(r, f), **unit.slots))
    out, ok = c.call(
        f"{unit.load}rows = []\nfor path in {files.code}:\n    rows.append(({unit.code}, path))\n"
        "rows.sort(reverse=True)\ntotal = sum(count for count, path in rows)\n"
        'text = "".join(f"{path}: {count}\\n" for count, path in rows) + f"total: {total}\\n"\n'
        f"write_file({lit(f)}, text)\nprint(len(rows), total)"
    )
    if not ok:  # one of the files cannot be parsed
        c.say(failure(out))
        return
    count, total = out.split()
    c.say(f"I wrote {f}: {_files(count)} with {unit.amount(total)} in total.")


def plain_report(c: Chat) -> None:
    """A line for each file: the largest first and no total, or by name and the total."""
    r = c.r
    unit, files = some_unit(c, only=_PLAIN)
    f = _target(c)
    ranked = r.random() < 0.5
    section = "many_report_ranked" if ranked else "many_report_total"
    c.user(ask_about(c, section, files, f=quoted(r, f), **unit.slots))
    if ranked:
        out, _ = c.call(
            f"rows = []\nfor path in {files.code}:\n    rows.append(({unit.code}, path))\nrows.sort(reverse=True)\n"
            f'write_file({lit(f)}, "".join(f"{{path}}: {{count}}\\n" for count, path in rows))\nprint(len(rows))'
        )
        c.say(f"I wrote {f}: {_files(out)}, the largest first.")
        return
    out, _ = c.call(
        f'text, total = "", 0\nfor path in {files.code}:\n    count = {unit.code}\n    total += count\n'
        f'    text += f"{{path}}: {{count}}\\n"\nwrite_file({lit(f)}, text + f"total: {{total}}\\n")\nprint(total)'
    )
    c.say(f"I wrote {f}, with {unit.amount(out)} in total.")


def table(c: Chat) -> None:
    """The same as a markdown or CSV table."""
    r = c.r
    unit, files = some_unit(c, only=_PLAIN)
    markdown = r.random() < 0.5
    f = _target(c, "md" if markdown else "csv")
    section = "many_report_markdown" if markdown else "many_report_csv"
    c.user(ask_about(c, section, files, f=quoted(r, f), **unit.slots))
    head = f"| file | {unit.kind} |\\n| --- | --- |\\n" if markdown else f"file,{unit.kind}\\n"
    row = f"| {{path}} | {{{unit.code}}} |\\n" if markdown else f"{{path}},{{{unit.code}}}\\n"
    quote = "'" if '"' in row else '"'
    c.call(
        f'text = "{head}"\nfor path in {files.code}:\n    text += f{quote}{row}{quote}\n'
        f"write_file({lit(f)}, text)\nprint(text)"
    )
    c.say(f"I wrote the table to {f}.")


def joined(c: Chat) -> None:
    """All texts, or their first lines, in one file."""
    r = c.r
    files = some_set(c, without=("top", "all"))
    f = _target(c)
    if r.random() < 0.6:
        c.user(ask_about(c, "many_concat", files, f=quoted(r, f)))
        out, _ = c.call(
            f'paths = {files.code}\ntext = "".join(read_file(path) for path in paths)\n'
            f"write_file({lit(f)}, text)\nprint(len(paths))"
        )
        c.say(f"I joined {_files(out)} in {f}.")
        return
    c.user(ask_about(c, "many_index", files, f=quoted(r, f)))
    out, _ = c.call(
        f'paths = {files.code}\ntext = ""\nfor path in paths:\n    lines = read_file(path).splitlines()\n'
        f'    text += path + ": " + (lines[0] if lines else "") + "\\n"\nwrite_file({lit(f)}, text)\nprint(len(paths))'
    )
    c.say(f"I wrote an index of {_files(out)} to {f}.")


def collected(c: Chat) -> None:
    """Lines with a word, from many files into one."""
    r = c.r
    files = some_set(c)
    w, f = some_word(c), _target(c)
    c.user(ask_about(c, "many_collect", files, f=quoted(r, f), w=quoted(r, w)))
    out, _ = c.call(
        f"found = []\nfor path in {files.code}:\n    for line in read_file(path).splitlines():\n"
        f"        if {lit(w)} in line:\n            found.append(line)\n"
        f'write_file({lit(f)}, "".join(line + "\\n" for line in found))\nprint(len(found))'
    )
    c.say(f"I wrote {out} line{'' if out == '1' else 's'} with {w} to {f}.")


def selected(c: Chat) -> None:
    """Filter, sort, write and count."""
    r = c.r
    unit, files = some_unit(c, only=_PLAIN)
    f, k = _target(c), r.choice((2, 3, 5, 10, 20, 50, 100, 200, r.randint(2, 300)))
    c.user(ask_about(c, "many_filter_report", files, f=quoted(r, f), k=str(k), **unit.slots))
    out, _ = c.call(
        f"rows = []\nfor path in {files.code}:\n    count = {unit.code}\n    if count > {k}:\n"
        "        rows.append((count, path))\nrows.sort(reverse=True)\n"
        f'write_file({lit(f)}, "".join(f"{{path}}: {{count}}\\n" for count, path in rows))\nprint(len(rows))'
    )
    c.say(f"I wrote {_files(out)} with more than {k} {unit.said} to {f}.")


def _target(c: Chat, ending: str = "") -> str:
    """Where the result goes: mostly a new file."""
    r = c.r
    where = f"{names.folder(r)}/" if r.random() < 0.15 else ""
    return where + names.file_name(r, ending or r.choice(("md", "txt", "md", "txt", "log", "out")))


def _files(count: str) -> str:
    return f"{count} file{'' if count == '1' else 's'}"
