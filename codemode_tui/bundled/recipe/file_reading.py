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
                "I (want|need|would like|have) to (read|see|look at) {f}",
                "(could|may|can) I (read|look at|have a look into) {f}",
                "(let me|I'd like to) (read|look at|look into) {f}",
                "{f}(,|) (show it|read it|print it|open it|what does it say)",
                "what (stands|is written|is stored|have we) in {f}",
                "(put|bring) {f} (up|before me)",
                "the (text|content|contents) of {f}",
                "{f} please",
                "(print out|type|list) (the text|the contents|the whole) of {f}",
                "(what do you find|what can be found) in {f}",
                "(have a|take a) look (at|into) {f}(| and show it)",
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
                "(just|only) the {w} {n} lines of {f}",
                "(I want|I need|let me see|can I see) (only |just |)the {w} {n} lines of {f}",
                "of {f}(,|) (show|print) (only |)the {w} {n} lines",
                "{f}(:|,) the {w} {n} lines( please|)",
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
                f"how many {said} (are|stand|do you find|do you count) in {{f}}",
                f"(I want|I need|give me|find out|work out) the (number of {said}|{said[:-1]} count) (of|for|in) {{f}}",
                f"in {{f}}(,|) how many {said} (are there|do you see)",
                f"{{f}}(:|,) (count|number of) {said}",
                f"(the|its) number of {said} in {{f}}(| please)",
                f"how many {said} (make up|are inside|has) {{f}}",
                f"(do you know|can you say|find out) how many {said} {{f}} has",
                f"what does {{f}} have in {said}",
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
                    "(give me|I need|find out) the (size|number of bytes) of {f}",
                    "{f}(:|,) how (big|large)(| is it)",
                    "how much (space|room) does {f} (take|need|use)",
                    "(bytes|size) in bytes of {f}",
                    "what (size|how many bytes) has {f}",
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
