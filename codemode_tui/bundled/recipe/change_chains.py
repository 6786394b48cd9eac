"""Requests for a change and, in the same breath, for a look at what came of it."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit, repeated
from codemode_tui.bundled.recipe.file_changes import ENDED, new_name
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.new_texts import line, told, word_of
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def change_and_look(c: Chat) -> None:
    r = c.r
    way = r.choice(("create", "create", "append", "append", "count", "replace", "delete"))
    if way == "create":
        f, text = new_name(c), line(r)
        told(c, "changes.create_show", text, f=quoted(r, f))
        c.call(f'write_file({lit(f)}, {lit(text)} + "\\n")\nprint(read_file({lit(f)}))')
        c.say(f"I wrote {f}; that is its content.")
        return
    f = some_file(c)
    if way in ("append", "count"):
        text = line(r)
        told(c, f"changes.append_{'show' if way == 'append' else 'count'}", text, f=quoted(r, f))
        seen = f"read_file({lit(f)})"
        out, _ = c.call(
            f'text = read_file({lit(f)})\n{ENDED}write_file({lit(f)}, text + {lit(text)} + "\\n")\n'
            f"print({seen if way == 'append' else f'len({seen}.splitlines())'})"
        )
        unit = "line" if out == "1" else "lines"
        c.say(
            f"I added the line to {f}; that is its content now."
            if way == "append"
            else f"I added the line; {f} has {out} {unit} now."
        )
    elif way == "replace":
        while (a := word_of(c, f, 1)) not in c.world.files.get(f, ""):
            f = some_file(c)
        b = names.word(r)
        c.user(ask(r, "changes.replace_show", held=c.held, a=quoted(r, a), b=quoted(r, b), f=quoted(r, f)))
        c.call(
            f"text = read_file({lit(f)})\nwrite_file({lit(f)}, text.replace({lit(a)}, {lit(b)}))\n"
            f"print(read_file({lit(f)}))"
        )
        c.say(f"I replaced {a} with {b}; that is the content of {f} now.")
    else:
        c.user(ask(r, "changes.delete_list", held=c.held, f=quoted(r, f)))
        out, _ = c.call(f'delete_file({lit(f)})\nfor path in glob_files("**/*"):\n    print(path)')
        c.say(
            f"I deleted {f}; no other files are left."
            if out == "(no output)"
            else repeated(f"I deleted {f}; those files are left.", out)
        )
