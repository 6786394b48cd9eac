"""Requests that change a file, or not, depending on what is there."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_changes import ENDED
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.new_texts import line, marked, told, word_of
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def some_name(c: Chat, share: float = 0.5) -> str:
    """A file that is there, or one that is not. Hidden ones are left out: a glob does not find them."""
    f = some_file(c) if c.r.random() < share else names.file_name(c.r)
    return f if not f.startswith(".") and "/." not in f else c.world.add(c.r, "x" + f.replace("/.", "/"))


def conditional(c: Chat) -> None:
    """Show it or create it."""
    f, text = some_name(c), line(c.r)
    there = f in c.world.files
    told(c, "changes.show_or_create", text, f=quoted(c.r, f))
    c.call(
        f'if {lit(f)} in glob_files("**/*"):\n    print(read_file({lit(f)}))\nelse:\n'
        f'    write_file({lit(f)}, {lit(text)} + "\\n")\n    print("created")'
    )
    if not there:
        c.say(f"{f} did not exist, so I created it.")
    else:
        c.say(f"That is the content of {f}." if c.world.files[f].strip() else f"{f} is empty.")


def append_or_create(c: Chat) -> None:
    f, text = some_name(c), line(c.r)
    told(c, "changes.append_or_create", text, f=quoted(c.r, f))
    ended = "".join(f"    {row}\n" for row in ENDED.splitlines())
    out, _ = c.call(
        f'if {lit(f)} in glob_files("**/*"):\n    text = read_file({lit(f)})\n{ended}'
        f'    write_file({lit(f)}, text + {lit(text)} + "\\n")\n    print("added")\nelse:\n'
        f'    write_file({lit(f)}, {lit(text)} + "\\n")\n    print("created")'
    )
    c.say(f"{f} did not exist, so I created it." if out == "created" else f"I added the line to {f}.")


def create_missing(c: Chat) -> None:
    f, text = some_name(c), line(c.r)
    told(c, "changes.create_missing", text, f=quoted(c.r, f))
    out, _ = c.call(
        f'if {lit(f)} in glob_files("**/*"):\n    print("exists")\nelse:\n'
        f'    write_file({lit(f)}, {lit(text)} + "\\n")\n    print("created")'
    )
    c.say(f"{f} did not exist, so I created it." if out == "created" else f"{f} exists already, so I left it alone.")


def if_word(c: Chat) -> None:
    """What is done with a file hangs on a word in it."""
    r = c.r
    f = some_file(c)
    w = word_of(c, f, 0.5)
    way = r.random()
    read = f"text = read_file({lit(f)})\n"
    if way < 0.25:
        c.user(ask(r, "changes.if_word_delete", held=c.held, f=quoted(r, f), w=quoted(r, w)))
        code = f'if {lit(w)} in text:\n    delete_file({lit(f)})\n    print("deleted")\nelse:\n    print("kept")'
        yes, no = f"{f} contains {w}, so I deleted it.", f"{f} does not contain {w}, so I kept it."
    elif way < 0.5:
        text = line(r)
        told(c, "changes.if_word_append", text, f=quoted(r, f), w=quoted(r, w))
        code = (
            f'if {lit(w)} in text:\n    if text and not text.endswith("\\n"):\n        text += "\\n"\n'
            f'    write_file({lit(f)}, text + {lit(text)} + "\\n")\n    print("added")\n'
            'else:\n    print("unchanged")'
        )
        yes, no = f"{f} contains {w}, so I added the line.", f"{f} does not contain {w}, so I left it as it is."
    elif way < 0.75:
        c.user(ask(r, "changes.unless_word_append", held=c.held, f=quoted(r, f), w=marked(r, w)))
        code = (
            f'if {lit(w)} in text:\n    print("unchanged")\nelse:\n'
            f'    if text and not text.endswith("\\n"):\n        text += "\\n"\n'
            f'    write_file({lit(f)}, text + {lit(w)} + "\\n")\n    print("added")'
        )
        yes, no = f"{f} did not contain {w}, so I added it.", f"{f} contains {w} already, so I left it as it is."
    else:
        p, q = _two(c)
        c.user(
            ask(r, "changes.if_word_say", held=c.held, f=quoted(r, f), w=quoted(r, w), p=marked(r, p), q=marked(r, q))
        )
        out, _ = c.call(f"{read}if {lit(w)} in text:\n    print({lit(p)})\nelse:\n    print({lit(q)})")
        c.say(out)
        return
    out, _ = c.call(read + code)
    c.say(yes if out in ("deleted", "added") else no)


def _two(c: Chat) -> tuple[str, str]:
    """Two answers to choose from."""
    r = c.r
    known = (("yes", "no"), ("found", "missing"), ("there", "not there"), ("ok", "bad"), ("good", "bad"), ("1", "0"))
    return r.choice(known) if r.random() < 0.5 else (names.word(r), names.word(r) + "s")


def try_read(c: Chat) -> None:
    """A missing file is expected: ``try`` and ``except`` say what to do."""
    f = some_name(c)
    text = line(c.r)
    told(c, "changes.try_read", text, f=quoted(c.r, f))
    c.call(f"try:\n    print(read_file({lit(f)}))\nexcept FileNotFoundError:\n    print({lit(text)})")
    c.say(f"That is the content of {f}." if f in c.world.files else f"There is no file {f}.")
