"""Questions about one file as a whole: read it, its head or tail, count, size."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import ask, quoted

THE = "(the file |file |the |)"


COUNTS = {"lines": "len(text.splitlines())", "words": "len(text.split())", "characters": "len(text)"}


def some_file(c: Chat, extension: str | None = None, text: str | None = None) -> str:
    """A file of the workspace, usually fresh so that its name is random."""
    r = c.r
    if extension is None and text is None and c.world.files and r.random() < 0.3:
        return r.choice(sorted(c.world.files))
    where = f"{names.folder(r)}/" if r.random() < 0.25 else ""
    return c.world.add(r, where + names.file_name(r, extension), text)


def read(c: Chat) -> None:
    f = some_file(c)
    c.user(
        ask(
            c.r,
            [
                f"(read|open|show|show me|print|display|cat|view|load|output) {THE}{{f}}",
                "what is in {f}",
                "what does {f} (say|contain)",
                "what are the contents of {f}",
                "(let me see|I want to see|give me) (the contents of |the text of |){f}",
                f"show me the (content|contents|text) of {THE}{{f}}",
                "(can I see|may I see) {f}",
                "what's (in|inside) {f}",
                "read me {f}",
                "(read|open) the file {f} and show it",
                "(please dump|dump) (the contents of|all of) {f}",
            ],
            held=c.held,
            f=quoted(c.r, f),
        )
    )
    out, _ = c.call(f"print(read_file({lit(f)}))")
    c.say(f"{f} is empty." if out == "(no output)" or not out.strip() else f"That is the content of {f}.")


def head(c: Chat) -> None:
    f, n = some_file(c), c.r.choice((1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25))
    tail = c.r.random() < 0.45
    c.user(
        ask(
            c.r,
            [
                "(show|show me|print|read|give me|display) the {w} {n} lines of " + THE + "{f}",
                "what are the {w} {n} lines (of|in) {f}",
                "{w} {n} lines of {f}",
                "(I need|get) the {w} {n} lines from {f}",
            ],
            held=c.held,
            f=quoted(c.r, f),
            n=str(n),
            w="last" if tail else "first",
        )
    )
    if tail:
        out, _ = c.call(f'lines = read_file({lit(f)}).splitlines()\nprint("\\n".join(lines[-{n}:]))')
    else:
        out, _ = c.call(f"print(read_file({lit(f)}, 1, {n}))")
    c.say(
        f"{f} is empty."
        if out == "(no output)" or not out.strip()
        else f"Those are the {'last' if tail else 'first'} {n} lines of {f}."
    )


def count(c: Chat) -> None:
    f, unit = some_file(c), c.r.choice(("lines", "lines", "words", "characters"))
    said = "letters" if unit == "characters" and c.r.random() < 0.1 else unit
    c.user(
        ask(
            c.r,
            [
                f"how many {said} (are in|are there in|does|has) {THE}{{f}}" if said != "x" else "",
                f"(count|count up|tell me) the {said} (in|of) {THE}{{f}}",
                f"how many {said} does {{f}} have",
                f"what is the (number of {said}|{said[:-1]} count) (in|of) {{f}}",
                f"(number of {said}|{said[:-1]} count) in {{f}}",
                f"how long is {{f}} in {said}",
                f"{{f}}: how many {said}",
                f"how many {said} are in {{f}}",
                f"how many {said} are there in {{f}}",
                f"how many {said} {{f}} contains",
                f"count {said} in {{f}}",
                f"get the {said[:-1]} count for {{f}}",
            ],
            held=c.held,
            f=quoted(c.r, f),
        )
    )
    out, _ = c.call(f"text = read_file({lit(f)})\nprint({COUNTS[unit]})")
    c.say(f"{f} has {out} {unit if out != '1' else unit[:-1]}.")


def size(c: Chat) -> None:
    f = some_file(c)
    if c.r.random() < 0.5:
        c.user(
            ask(
                c.r,
                [
                    "how (big|large) is " + THE + "{f}",
                    "what is the size of {f}",
                    "(size of|file size of) {f}",
                    "how many bytes (is|has|does) {f}",
                    "how many bytes are in {f}",
                ],
                held=c.held,
                f=quoted(c.r, f),
            )
        )
        out, _ = c.call(f'print(file_info({lit(f)})["size"])')
        c.say(f"{f} has {out} bytes.")
    else:
        c.user(
            ask(
                c.r,
                [
                    "when was {f} (last |)(changed|modified|edited)",
                    "(when did {f} change|when did {f} last change)",
                    "(modification date|last change) of {f}",
                    "what is the (modification time|date) of {f}",
                ],
                held=c.held,
                f=quoted(c.r, f),
            )
        )
        out, _ = c.call(f'print(file_info({lit(f)})["modified"])')
        c.say(f"{f} was last changed on {out[:10]}.")
