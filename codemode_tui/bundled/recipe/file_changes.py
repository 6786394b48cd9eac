"""Requests that change files: append, create, replace, rename, delete, create unless it exists."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import THE, some_file
from codemode_tui.bundled.recipe.phrasing import ask, mark, quoted


def append(c: Chat) -> None:
    f, text = some_file(c), names.phrase(c.r)
    c.user(
        ask(
            c.r,
            [
                "{f} (needs|should get|gets) (another|a new|one more) line(:|) {t}",
                "(let {f} end with|extend {f} by|extend {f} with) {t}",
                "(append|add) (a line|one more line) to {f}(:|) {t}",
                "(write|put|add) {t} (below|under|after) the rest of {f}",
                "(append|add) {t} to " + THE + "{f}",
                "add (a line|the line|a new line) {t} to {f}",
                "(put|write) {t} at the end of {f}",
                "add {t} at the (end|bottom) of {f}",
            ],
            held=c.held,
            t=mark(c.r, text),
            f=quoted(c.r, f),
        )
    )
    c.call(f'text = read_file({lit(f)})\nwrite_file({lit(f)}, text + {lit(text)} + "\\n")\nprint("added")')
    c.say(f"I added the line to {f}.")


def create(c: Chat) -> None:
    r = c.r
    f, text = names.file_name(r), names.phrase(r)
    c.user(
        ask(
            r,
            [
                "(I need|I want|give me) (a file|a new file) {f} (with|that says|containing) {t}",
                "(start|begin|open) a (new |)file {f} (with|that holds) {t}",
                "(store|note|keep) {t} (in|as) {f}",
                "(create|make|write) (the file |){f}(:|,) {t}",
                "{f} should (say|contain|hold) {t}",
                "a (new |)file (named|called) {f} (with|containing) {t}",
                "(create|make|write) (a file |a new file |the file |){f} (with|containing|with the text|that says) {t}",
                "(write|save|put) {t} (to|into|in) (a file called |a new file |the file |){f}",
                "make {f} (with the content|with the line) {t}",
                "new file {f} with {t}",
            ],
            held=c.held,
            t=mark(r, text),
            f=quoted(r, f),
        )
    )
    c.call(f'write_file({lit(f)}, {lit(text)} + "\\n")\nprint("written")')
    c.say(f"I wrote {f}.")


def replace(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    words = c.world.files[f].split()
    a, b = (
        (r.choice(words).strip(".!:,()") if words and r.random() < 0.8 else names.word(r)) or "a",
        names.word(r),
    )
    c.user(
        ask(
            r,
            [
                "(turn|make) (every |each |){a} (into|to) {b} in {f}",
                "{a} should (be|become|read) {b} in {f}",
                "in {f}(,|) (change|turn) (every |each |all |){a} (to|into) {b}",
                "(put|write|use) {b} (instead of|for|in place of) {a} in {f}",
                "(every|each) {a} (in|of) {f} (becomes|must become) {b}",
                "replace {a} (with|by) {b} in {f}",
                "change {a} to {b} in {f}",
                "in {f}(,|) replace {a} with {b}",
                "(substitute|swap) {a} (with|for) {b} in {f}",
                "rename {a} to {b} (inside|everywhere in) {f}",
            ],
            held=c.held,
            a=quoted(r, a),
            b=quoted(r, b),
            f=quoted(r, f),
        )
    )
    out, _ = c.call(
        f"text = read_file({lit(f)})\nprint(text.count({lit(a)}))\nwrite_file({lit(f)}, text.replace({lit(a)}, {lit(b)}))"
    )
    c.say(
        f"{a} does not occur in {f}, so nothing was replaced."
        if out == "0"
        else f"I replaced {a} with {b} in {f}, {out} time{'' if out == '1' else 's'}."
    )


def move(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    if r.random() < 0.35:
        c.user(
            ask(
                r,
                [
                    "{f} (can go|is not needed|should be deleted|must go)",
                    "I (do not|don't) need {f}( any more| anymore|)(,| and|) (delete|remove) it",
                    "(drop|kill|wipe) (the file |){f}",
                    "delete it(:|,) {f}",
                    "(delete|remove|erase) " + THE + "{f}",
                    "get rid of {f}",
                    "throw away {f}",
                ],
                held=c.held,
                f=quoted(r, f),
            )
        )
        c.call(f'delete_file({lit(f)})\nprint("deleted")')
        c.say(f"I deleted {f}.")
        return
    g = names.file_name(r, f.rsplit(".", 1)[-1] if "." in f else None)
    c.user(
        ask(
            r,
            [
                "(call|name) {f} {g}",
                "{f} (becomes|is to be|gets the name|needs the name) {g}",
                "(I want|let) {f} (to be called|be called|to be) {g}",
                "(new name|the new name) (for|of) {f}(:|,| is) {g}",
                "(rename|move) {f} to {g}",
                "(change the name of|rename the file) {f} to {g}",
                "{f} should be called {g}",
                "give {f} the name {g}",
            ],
            held=c.held,
            f=quoted(r, f),
            g=quoted(r, g),
        )
    )
    _, ok = c.call(f'move_file({lit(f)}, {lit(g)})\nprint("moved")')
    c.say(f"{f} is now called {g}." if ok else f"{g} exists already, so I did not move {f}.")


def conditional(c: Chat) -> None:
    r = c.r
    f = r.choice(sorted(c.world.files)) if c.world.files and r.random() < 0.5 else names.file_name(r)
    text = names.phrase(r)
    c.user(
        ask(
            r,
            [
                "if {f} exists(,|) (read|show) it(,|) (otherwise|else) create it with '{t}'",
                "(read|show) {f} if it exists(,|) (otherwise|else) (create|write) it with '{t}'",
                "create {f} with '{t}' (if it does not exist|unless it exists)(,|) else (show|read) it",
                "when {f} is there print it, if not write '{t}' into it",
            ],
            held=c.held,
            f=quoted(r, f),
            t=text,
        )
    )
    out, _ = c.call(
        f'if {lit(f)} in glob_files("**/*"):\n    print(read_file({lit(f)}))\nelse:\n    write_file({lit(f)}, {lit(text)} + "\\n")\n    print("created")'
    )
    c.say(f"{f} did not exist, so I created it." if out == "created" else f"{f} exists; that is its content.")
