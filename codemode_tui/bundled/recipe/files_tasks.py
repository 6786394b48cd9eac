"""Questions about one file: read, count, look up, change."""

from __future__ import annotations

import random

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import ask, quoted

THE = "(the file |file |the |)"


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


COUNTS = {"lines": "len(text.splitlines())", "words": "len(text.split())", "characters": "len(text)"}


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


def occurrences(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    words = c.world.files[f].split()
    w = r.choice(words).strip(".!:,()") if words and r.random() < 0.6 else names.word(r)
    w = w or "the"
    if r.random() < 0.6:
        c.user(
            ask(
                r,
                [
                    "how (often|many times) does {w} (occur|appear|come up) in {f}",
                    "count (the word |){w} in {f}",
                    "how many times is {w} in {f}",
                    "count (how often|how many times) {w} (appears|occurs) in {f}",
                    "(number of|count the) occurrences of {w} in {f}",
                ],
                held=c.held,
                w=quoted(r, w),
                f=quoted(r, f),
            )
        )
        out, _ = c.call(f"text = read_file({lit(f)})\nprint(text.count({lit(w)}))")
        c.say(f"{w} occurs {out} time{'' if out == '1' else 's'} in {f}.")
    else:
        c.user(
            ask(
                r,
                [
                    "does {f} (contain|mention|include) {w}",
                    "is {w} in {f}",
                    "(check|see|tell me) (whether|if) {f} (contains|mentions|has) {w}",
                    "is there (a |){w} in {f}",
                ],
                held=c.held,
                w=quoted(r, w),
                f=quoted(r, f),
            )
        )
        out, _ = c.call(f"text = read_file({lit(f)})\nprint({lit(w)} in text)")
        c.say(f"Yes, {f} contains {w}." if out == "True" else f"No, {f} does not contain {w}.")


def lines_with(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    words = c.world.files[f].split()
    w = (r.choice(words).strip(".!:,()") if words and r.random() < 0.7 else names.word(r)) or "a"
    c.user(
        ask(
            r,
            [
                "(show|print|find|list|give me) (the |all |)lines (with|containing|that contain|that mention) {w} in {f}",
                "which lines (of|in) {f} (contain|mention|have) {w}",
                "find {w} in {f}",
                "(grep|search) {f} for {w}",
                "search for {w} in {f}",
                "look for {w} in {f}",
            ],
            held=c.held,
            w=quoted(r, w),
            f=quoted(r, f),
        )
    )
    out, _ = c.call(f"for line in read_file({lit(f)}).splitlines():\n    if {lit(w)} in line:\n        print(line)")
    c.say(f"No line of {f} contains {w}." if out == "(no output)" else f"Those are the lines of {f} with {w}.")


def append(c: Chat) -> None:
    f, text = some_file(c), names.phrase(c.r)
    c.user(
        ask(
            c.r,
            [
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
                ["(delete|remove|erase) " + THE + "{f}", "get rid of {f}", "throw away {f}"],
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


def exists(c: Chat) -> None:
    r = c.r
    f = some_file(c) if r.random() < 0.55 else names.file_name(r)
    c.user(
        ask(
            r,
            [
                "does (the file |){f} exist",
                "is there (a file called |a |){f}(| here)",
                "do (we|I) have (a |){f}",
                "(check|see) (if|whether) {f} exists",
                "(can you check|tell me) if there is a file {f}",
            ],
            held=c.held,
            f=quoted(r, f),
        )
    )
    out, _ = c.call(f'print({lit(f)} in glob_files("**/*"))')
    c.say(f"Yes, {f} exists." if out == "True" else f"No, there is no file {f}.")


def compare(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    g = some_file(c, f.rsplit(".", 1)[-1] if "." in f else None, c.world.files[f] if r.random() < 0.35 else None)
    if r.random() < 0.5:
        c.user(
            ask(
                r,
                [
                    "compare {f} (and|with) {g}",
                    "are {f} and {g} (the same|identical|equal)",
                    "(is {f} the same as|is {f} equal to) {g}",
                    "do {f} and {g} differ",
                ],
                held=c.held,
                f=quoted(r, f),
                g=quoted(r, g),
            )
        )
        out, _ = c.call(f'a = read_file({lit(f)})\nb = read_file({lit(g)})\nprint("same" if a == b else "different")')
        c.say(f"{f} and {g} are the same." if out == "same" else f"{f} and {g} are different.")
    else:
        c.user(
            ask(
                r,
                [
                    "which (is longer|has more lines)(,|:) {f} or {g}",
                    "(is {f} longer than|does {f} have more lines than) {g}",
                    "which file (has more lines|is longer)(,|) {f} or {g}",
                ],
                held=c.held,
                f=quoted(r, f),
                g=quoted(r, g),
            )
        )
        out, _ = c.call(
            f"a = len(read_file({lit(f)}).splitlines())\nb = len(read_file({lit(g)}).splitlines())\nprint(a, b)"
        )
        a, b = (int(x) for x in out.split())
        c.say(
            f"{f} is longer, with {a} lines against {b}."
            if a > b
            else f"{g} is longer, with {b} lines against {a}."
            if b > a
            else f"Both have {a} lines."
        )


def mark(r: random.Random, text: str) -> str:
    """Quoted text, as people put it into a request."""
    m = r.choice("''\"\"")
    return f"{m}{text}{m}" if r.random() < 0.9 else f": {text}"


def python_facts(c: Chat) -> None:
    r = c.r
    f = some_file(c, "py")
    what, test, show = r.choice(
        (
            ("functions", "ast.FunctionDef", "node.name"),
            ("classes", "ast.ClassDef", "node.name"),
            ("imports", "ast.Import", "node.names[0].name"),
        )
    )
    loop = f"import ast\ntree = ast.parse(read_file({lit(f)}))\n"
    if r.random() < 0.55:
        c.user(
            ask(
                r,
                [
                    "(list|show|print|name|find) (all |the |)" + what + " (in|of) {f}",
                    f"(which|what) {what} (are|are there|are defined) in {{f}}",
                    f"what {what} does {{f}} (have|define|contain)",
                    f"get all {what} from {{f}}",
                ],
                held=c.held,
                f=quoted(r, f),
            )
        )
        out, _ = c.call(loop + f"for node in ast.walk(tree):\n    if isinstance(node, {test}):\n        print({show})")
        c.say(f"{f} has no {what}." if out == "(no output)" else f"Those are the {what} in {f}.")
    else:
        c.user(
            ask(
                r,
                [
                    f"how many {what} (are in|are there in|are defined in) {{f}}",
                    f"count the {what} (in|of) {{f}}",
                    f"how many {what} does {{f}} (have|define)",
                    f"number of {what} in {{f}}",
                ],
                held=c.held,
                f=quoted(r, f),
            )
        )
        out, _ = c.call(loop + f"print(sum(isinstance(node, {test}) for node in ast.walk(tree)))")
        c.say(f"{f} has {out} {what if out != '1' else what[:-1] if what != 'classes' else 'class'}.")


def json_fact(c: Chat) -> None:
    r = c.r
    data = contents.mapping(r)
    f = some_file(c, "json", contents.json.dumps(data, indent=2) + "\n")
    key = r.choice(sorted(data)) if r.random() < 0.9 else names.word(r)
    if r.random() < 0.3:
        c.user(
            ask(
                r,
                [
                    "(what|which) keys (are in|does) {f}",
                    "(list|show|print) the (top-level |)keys (in|of) {f}",
                    "which keys are there in {f}",
                    "what are the keys of {f}",
                ],
                held=c.held,
                f=quoted(r, f),
            )
        )
        c.call(f"import json\ndata = json.loads(read_file({lit(f)}))\nfor key in data:\n    print(key)")
        c.say(f"Those are the keys of {f}.")
        return
    c.user(
        ask(
            r,
            [
                "what is (the |)(value of |){k} in {f}",
                "(get|read|show|print|look up) {k} (from|in) {f}",
                "what does {f} say (for|about) {k}",
                "which {k} is (set|given) in {f}",
                "(give me|find) the {k} in {f}",
            ],
            held=c.held,
            f=quoted(r, f),
            k=quoted(r, key),
        )
    )
    out, ok = c.call(f"import json\ndata = json.loads(read_file({lit(f)}))\nprint(data[{lit(key)}])")
    c.say(f"There is no {key} in {f}." if not ok else f"{key} is {out}." if len(out) < 60 else f"That is {key} of {f}.")


def toml_fact(c: Chat) -> None:
    r = c.r
    text, section, key = contents.toml(r)
    f = some_file(c, "toml", text)
    c.user(
        ask(
            r,
            [
                "what is {k} (in|of|under) {s} in {f}",
                "(get|read|look up|show) {k} (in section|from) {s} (of|in) {f}",
                "what is {s}.{k} in {f}",
                "(which|what) {k} does {s} have in {f}",
            ],
            held=c.held,
            f=quoted(r, f),
            s=section,
            k=key,
        )
    )
    out, ok = c.call(
        f"import tomllib\ndata = tomllib.loads(read_file({lit(f)}))\nprint(data[{lit(section)}][{lit(key)}])"
    )
    c.say(f"{key} of {section} is {out}." if ok else f"There is no {key} in {section} of {f}.")


def csv_fact(c: Chat) -> None:
    r = c.r
    text, texts, numbers = contents.table(r)
    f = some_file(c, "csv", text)
    load = f"import csv\nrows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\n"
    n, t = (r.choice(numbers) if numbers else None), r.choice(texts)
    kind = r.random()
    if kind < 0.2 or n is None:
        c.user(
            ask(
                r,
                [
                    "how many rows (are in|does|has) {f}",
                    "count the rows (in|of) {f}",
                    "how many rows does {f} have",
                    "number of rows in {f}",
                ],
                held=c.held,
                f=quoted(r, f),
            )
        )
        out, _ = c.call(load + "print(len(rows))")
        c.say(f"{f} has {out} row{'' if out == '1' else 's'}.")
    elif kind < 0.35:
        c.user(
            ask(
                r,
                [
                    "(what|which) columns (are in|does) {f}",
                    "(list|show) the columns (in|of) {f}",
                    "what are the columns of {f}",
                    "column names of {f}",
                ],
                held=c.held,
                f=quoted(r, f),
            )
        )
        c.call(load + 'print(", ".join(rows[0]))')
        c.say(f"Those are the columns of {f}.")
    elif kind < 0.75:
        word, fn = r.choice(
            (
                ("sum", "sum(values)"),
                ("total", "sum(values)"),
                ("average", "sum(values) / len(values)"),
                ("maximum", "max(values)"),
                ("highest", "max(values)"),
                ("lowest", "min(values)"),
                ("mean", "sum(values) / len(values)"),
            )
        )
        c.user(
            ask(
                r,
                [
                    f"what is the {word} (of |){{n}} in {{f}}",
                    f"(compute|calculate|get|find) the {word} (of |){{n}} in {{f}}",
                    f"{word} of (the column |){{n}} in {{f}}",
                    f"give me the {word} {{n}} from {{f}}",
                ],
                held=c.held,
                f=quoted(r, f),
                n=n,
            )
        )
        out, _ = c.call(load + f"values = [float(row[{lit(n)}]) for row in rows]\nprint({fn})")
        c.say(f"The {word} of {n} is {out}.")
    else:
        c.user(
            ask(
                r,
                [
                    "(group|sum|total) {n} by {t} in {f}",
                    "what is the (sum|total) of {n} (per|for each|by) {t} in {f}",
                    "{n} per {t} in {f}",
                    "(add up|aggregate) {n} for each {t} in {f}",
                ],
                held=c.held,
                f=quoted(r, f),
                n=n,
                t=t,
            )
        )
        c.call(
            load
            + f"totals = {{}}\nfor row in rows:\n    totals[row[{lit(t)}]] = totals.get(row[{lit(t)}], 0) + float(row[{lit(n)}])\nfor key, value in sorted(totals.items()):\n    print(key, value)"
        )
        c.say(f"Those are the totals of {n} by {t}.")


def missing(c: Chat) -> None:
    """A file that is not there: the similar one is tried, or the answer says so."""
    r = c.r
    near = some_file(c)
    stem, dot, ending = near.rpartition(".")
    wrong = (
        r.choice(
            (
                near.lower() if near.lower() != near else stem + "s" + dot + ending,
                stem + "s" + dot + ending,
                stem[:-1] + dot + ending,
            )
        )
        if r.random() < 0.6 and len(stem) > 3
        else names.file_name(r)
    )
    if wrong in c.world.files:
        wrong = "x" + wrong
    unit = r.choice(sorted(COUNTS))
    reading = r.random() < 0.5
    if reading:
        c.user(
            ask(
                r,
                [
                    "(read|open|show|show me|print) " + THE + "{f}",
                    "what is in {f}",
                    "(show the contents of|cat) {f}",
                ],
                held=c.held,
                f=quoted(r, wrong),
            )
        )
        out, _ = c.call(f"print(read_file({lit(wrong)}))")
    else:
        c.user(
            ask(
                r,
                [
                    f"how many {unit} are in {{f}}",
                    f"(count|count the) {unit} (in|of) {{f}}",
                    f"how many {unit} does {{f}} have",
                ],
                held=c.held,
                f=quoted(r, wrong),
            )
        )
        out, _ = c.call(f"text = read_file({lit(wrong)})\nprint({COUNTS[unit]})")
    if "(similar: " not in out:
        c.say(f"There is no file {wrong}.")
        return
    other = out.split("(similar: ")[1].split(", ")[0].rstrip(")")
    c.say(f"There is no file {wrong}. Did you mean {other}?")
    if r.random() < 0.35:
        c.user(ask(r, ["yes", "yes please", "yes, that one", "yep", "that one", "right"], held=c.held))
        if reading:
            out, _ = c.call(f"print(read_file({lit(other)}))")
            c.say(
                f"{other} is empty." if not out.strip() or out == "(no output)" else f"That is the content of {other}."
            )
        else:
            out, _ = c.call(f"text = read_file({lit(other)})\nprint({COUNTS[unit]})")
            c.say(f"{other} has {out} {unit if out != '1' else unit[:-1]}.")


TASKS = [
    (read, 9),
    (head, 5),
    (count, 12),
    (size, 4),
    (occurrences, 6),
    (lines_with, 5),
    (append, 4),
    (create, 5),
    (replace, 4),
    (move, 4),
    (exists, 4),
    (compare, 4),
    (python_facts, 5),
    (json_fact, 6),
    (toml_fact, 3),
    (csv_fact, 6),
    (missing, 7),
]
