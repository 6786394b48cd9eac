"""Questions about Python, JSON, TOML and CSV files, answered with the standard library."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted


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
                    "(I need|tell me|give me|print) (all |the |)(names of the |)"
                    + what
                    + " (in|of|from|that stand in) {f}",
                    "in {f}(,|) (which|what) " + what + " (are there|do you find)",
                    "{f}(:|,) (which|what) " + what,
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
                    "(name|tell me|give me|I need) (all |the |all the |)keys (in|of) {f}",
                    "(keys|top-level keys) (of|in) {f}",
                    "{f}(:|,) which keys",
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
                "in {f}(,|) what is (the |)(value of |){k}",
                "(tell me|I need|look for|show) (the |){k} (of|from|in) {f}",
                "what {k} (does|has) {f}( have|)",
                "{k} (of|in|from) {f}",
                "{f}(:|,) what is (the |){k}",
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
                "in {f}(,|) what is {k} (of|under|in) {s}",
                "(tell me|I need|find|print) {k} (of|under|in|from) {s} in {f}",
                "{s}.{k} (of|in|from) {f}",
                "(the |){k} (in|of) section {s} of {f}",
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
                    "(what is|I need|give me) the (number of rows|row count) (in|of) {f}",
                    "in {f}(,|) how many rows are there",
                    "{f}(:|,) how many rows",
                    "how many (rows|records|entries) (do you find|are there) in {f}",
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
                    "(name|tell me|give me|I need) (all |the |)(columns|column names) (in|of) {f}",
                    "into (which|what) columns is {f} (split|divided)",
                    "{f}(:|,) (which|what) columns",
                    "(the |)(columns|headings|header) of {f}",
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
                    f"in {{f}}(,|) what is the {word} (of |){{n}}",
                    f"(I need|I want|tell me|work out|give me) the {word} (of |of the column |){{n}} (in|from|of) {{f}}",
                    f"(the |){word} (of |){{n}} (in|from|over all rows of) {{f}}",
                    f"{{f}}(:|,) (what is |)the {word} (of |){{n}}",
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
                    "in {f}(,|) (sum|add|total) {n} (for each|per|by) {t}",
                    "(I need|I want|tell me|give me|work out) (the |)(total |sum of |){n} (for each|per|by|of each) {t} (in|from) {f}",
                    "how much {n} (does each|has each|for each|per) {t}( have|) in {f}",
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
