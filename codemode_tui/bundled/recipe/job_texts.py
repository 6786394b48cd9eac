"""Jobs over texts: distinct matches, cleaned lines, levels of a log, methods, pairs of lines, lines that differ."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.job_places import NOTHING, folders
from codemode_tui.bundled.recipe.line_edits import written
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.python_sources import PARAMETERS, identifier
from codemode_tui.bundled.recipe.source import Source

_PATTERNS = {
    "emails": (r"[\w.+-]+@[\w-]+\.[\w.-]+", ("e-mail addresses", "email addresses", "mail addresses", "emails")),
    "tags": (r"#\w+", ("#tags", "hashtags", "#hashtags", "tags like #word")),
    "urls": (r"https?://\S+", ("URLs", "links", "web addresses", "http and https links")),
    "dates": (r"\d{4}-\d{2}-\d{2}", ("ISO dates", "dates", "dates like 2024-05-31", "dates of the form YYYY-MM-DD")),
}
_LEVELS = ["ERROR", "WARNING", "INFO", "DEBUG", "FATAL", "NOTICE", "TRACE", "CRITICAL"]


def _match(r: Source, kind: str, code: str) -> str:
    if kind == "emails":
        return f"{identifier(r)}@{r.choice(r.words)}.{r.choice(('com', 'org', 'net', 'de', 'co.uk', 'io'))}"
    if kind == "tags":
        return "#" + r.choice(r.words)
    if kind == "urls":
        return f"http{r.choice(('s', 's', ''))}://{r.choice(r.words)}.{r.choice(('com', 'org', 'net'))}/{r.choice(r.words)}"
    if kind == "dates":
        return f"{r.randint(1999, 2030)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
    return f"{code}-{r.randint(1, 999)}"


def distinct_matches(c: Chat) -> None:
    """Addresses, tags, links, dates or ticket numbers over the files of a folder, each once, sorted."""
    r = c.r
    (d,) = folders(c, 1)
    kind = r.choice((*_PATTERNS, "emails", "tickets"))
    code = r.choice(("AB", "ID", "PRJ", "JIRA", "BUG", "INV", "REQ", "T", "SKU", "DOC", "OPS", "WEB", "HR", "QA"))
    pool = [_match(r, kind, code) for _ in range(r.randint(2, 4))]
    for _ in range(r.randint(1, 3)):
        lines = [
            f"{names.word(r)} {r.choice(pool)} {names.word(r)}" if r.random() < 0.7 else names.phrase(r)
            for _ in range(r.randint(1, 3))
        ]
        c.world.add(r, f"{d}/{names.file_name(r, r.choice(('txt', 'md', 'html')))}", "\n".join(lines) + "\n")
    if kind == "tickets":
        sample = f"{code}-{r.randint(1, 999)}"
        pattern = rf"{code}-\d+"
        x = r.choice((f"numbers like {sample}", f"{code} numbers like {sample}", f"ticket numbers like {sample}"))
    else:
        pattern, ways = _PATTERNS[kind]
        x = r.choice(ways)
    c.user(ask(r, "jt_distinct", held=c.held, d=quoted(r, d), x=x))
    out, _ = c.call(
        f"import re\nfound = set()\nfor path in glob_files({lit(d + '/**/*')}):\n"
        f'    found.update(re.findall(r"{pattern}", read_file(path)))\nfor match in sorted(found):\n    print(match)'
    )
    c.say(f"There are no {x} in {d}." if out == NOTHING else f"Those are the {x} in {d}.")


def cleaned_lines(c: Chat) -> None:
    """The lines of all files of a folder, cleaned, each once, sorted, in one file."""
    r = c.r
    (d,) = folders(c, 1)
    e = r.choice(("txt", "txt", "md", "csv", "log", ""))
    pool = [names.word(r) for _ in range(r.randint(3, 6))]
    for _ in range(r.randint(1, 3)):
        lines = [
            r.choice(("", "", " ")) + r.choice((word, word.capitalize(), word.upper(), word, "")) + r.choice(("", " "))
            for word in r.choices(pool, k=r.randint(2, 5))
        ]
        c.world.add(r, f"{d}/{names.file_name(r, e or 'txt')}", "\n".join(lines) + "\n")
    g = names.file_name(r, "txt")
    lower, numbered = r.random() < 0.7, r.random() < 0.3
    k = f".{e} files" if e else "files"
    case = r.choice(("put them into lower case, ", "make them lower case, ", "lowercase them, ")) if lower else ""
    drop = r.choice(
        ("drop blank lines and duplicates, ", "drop empty ones and doubles, ", "leave out blanks and repeats, ")
    )
    q = "strip them, " + case + drop + "sort them"
    z = r.choice((' numbered like "1. word"', " numbered from 1 as 1. 2. 3.")) if numbered else ""
    c.user(ask(r, "jt_clean", held=c.held, d=quoted(r, d), g=quoted(r, g), k=k, q=q, z=z))
    text = "line.strip().lower()" if lower else "line.strip()"
    written = (
        '"".join(f"{number}. {line}\\n" for number, line in enumerate(sorted(lines), 1))'
        if numbered
        else '"".join(line + "\\n" for line in sorted(lines))'
    )
    out, _ = c.call(
        f"lines = set()\nfor path in glob_files({lit(d + '/**/*' + ('.' + e if e else ''))}):\n"
        f"    for line in read_file(path).splitlines():\n        if line.strip():\n            lines.add({text})\n"
        f"write_file({lit(g)}, {written})\nprint(len(lines))"
    )
    c.say(f"I wrote {plural(out, 'line')} to {g}.")


def log_levels(c: Chat) -> None:
    """A log whose lines begin with a level: how many lines of each, or only those of one."""
    r = c.r
    levels = r.sample(_LEVELS, r.randint(2, 4)) if r.random() < 0.75 else [r.choice(r.words) for _ in range(3)]
    lines = [f"{r.choice(levels)} {names.phrase(r)}" for _ in range(r.randint(2, 7))]
    f = some_file(c, r.choice(("log", "log", "txt")), "\n".join(lines) + "\n")
    kind = r.choice(("each", "each", "lines"))
    thing = "level" if levels[0].isupper() else "word"
    w = r.choice(levels)
    c.user(ask(r, f"jt_level_{kind}", held=c.held, f=quoted(r, f), l=thing, w=quoted(r, w)))
    if kind == "each":
        c.call(
            f"from collections import Counter\n"
            f"counts = Counter(line.split()[0] for line in read_file({lit(f)}).splitlines() if line.strip())\n"
            "for word, count in counts.most_common():\n    print(word, count)"
        )
        c.say("Those are the counts.")
    else:
        out, _ = c.call(
            f"for line in read_file({lit(f)}).splitlines():\n    if line.startswith({lit(w)}):\n        print(line)"
        )
        c.say(f"No line of {f} begins with {w}." if out == NOTHING else f"Those are the lines that begin with {w}.")


def python_parts(c: Chat) -> None:
    """The methods of each class of a Python file, counted or named; functions with their number of arguments."""
    r = c.r
    rows: list[str] = []
    for _ in range(r.randint(1, 3)):
        if r.random() < 0.6:
            rows += ["", f"class {''.join(r.choice(r.words).capitalize() for _ in range(r.randint(1, 2)))}:"]
            for _ in range(r.randint(1, 3)):
                more = "".join(f", {name}" for name in r.sample(PARAMETERS[:20], r.randint(0, 2)))
                rows += [f"    def {identifier(r)}(self{more}):", "        return None"]
        else:
            given = ", ".join(r.sample(PARAMETERS[:20], r.randint(0, 3)))
            rows += ["", f"def {identifier(r)}({given}):", f"    return {r.randint(0, 9)}"]
    f = some_file(c, "py", "\n".join(rows).lstrip("\n") + "\n")
    kind = r.choice(("count", "count", "names", "arguments", "arguments"))
    c.user(ask(r, f"jt_methods_{kind}", held=c.held, f=quoted(r, f)))
    function = "(ast.FunctionDef, ast.AsyncFunctionDef)"
    if kind == "arguments":
        out, _ = c.call(
            f"import ast\ntree = ast.parse(read_file({lit(f)}))\nfor node in ast.walk(tree):\n"
            f"    if isinstance(node, {function}):\n        print(node.name, len(node.args.args))"
        )
        c.say(f"There are no functions in {f}." if out == NOTHING else "Those are the functions with their arguments.")
        return
    shown = "node.name, len(methods)" if kind == "count" else "node.name, *methods"
    out, _ = c.call(
        f"import ast\ntree = ast.parse(read_file({lit(f)}))\nfor node in ast.walk(tree):\n"
        f"    if isinstance(node, ast.ClassDef):\n"
        f"        methods = [item.name for item in node.body if isinstance(item, {function})]\n        print({shown})"
    )
    c.say(f"There are no classes in {f}." if out == NOTHING else "Those are the classes with their methods.")


def line_pairs(c: Chat) -> None:
    """Every pair of the lines of a file, or every line of one with every line of another, in a given form."""
    r = c.r
    one = r.random() < 0.5
    f = some_file(c, "txt", "".join(f"{names.word(r)}\n" for _ in range(r.randint(2, 4))))
    g = some_file(c, "txt", "".join(f"{names.word(r)}\n" for _ in range(r.randint(2, 3))))
    if f == g:
        one = True
    sign = r.choice((" vs ", " vs ", "-", " - ", " and ", "/", " + ", ", ", " & ", ":", "_", " x ", " with "))
    a, b = r.choice((("A", "B"), ("a", "b"), ("x", "y"), ("first", "second"), ("one", "two")))
    m = r.choice('\'""')
    form = f"{m}{a}{sign}{b}{m}"
    section = "jt_pairs_one" if one else "jt_pairs_two"
    c.user(ask(r, section, held=c.held, f=quoted(r, f), g=quoted(r, g), v=form))
    if one:
        code = (
            f"from itertools import combinations\nlines = read_file({lit(f)}).splitlines()\n"
            f'for a, b in combinations(lines, 2):\n    print(f"{{a}}{sign}{{b}}")'
        )
    else:
        code = (
            f"for a in read_file({lit(f)}).splitlines():\n    for b in read_file({lit(g)}).splitlines():\n"
            f'        print(f"{{a}}{sign}{{b}}")'
        )
    c.call(code)
    c.say("Those are the pairs." if one else "Those are the combinations.")


def differing_lines(c: Chat) -> None:
    """The lines of two files that differ at the same line number."""
    r = c.r
    lines = [names.phrase(r) for _ in range(r.randint(2, 5))]
    f = some_file(c, "txt", "\n".join(lines) + "\n")
    g = some_file(c, "txt")
    g = g if g != f else g.removesuffix(".txt") + "-2.txt"
    changed = [line if r.random() < 0.6 else names.phrase(r) for line in lines]
    c.world.add(r, g, "\n".join(changed) + "\n")
    c.user(ask(r, "jt_differ_both", held=c.held, f=quoted(r, f), g=quoted(r, g)))
    out, _ = c.call(
        f"a = read_file({lit(f)}).splitlines()\nb = read_file({lit(g)}).splitlines()\n"
        "for number, (first, second) in enumerate(zip(a, b), 1):\n    if first != second:\n"
        "        print(number, first)\n        print(number, second)"
    )
    c.say(f"No line of {f} and {g} differs." if out == NOTHING else "Those are the lines that differ.")


def sorted_copy(c: Chat) -> None:
    """The lines of a file, sorted, under another name."""
    r = c.r
    f = some_file(c, "txt", "".join(f"{names.word(r)}\n" for _ in range(r.randint(2, 6))))
    g = names.file_name(r, "txt")
    c.user(ask(r, "jt_sorted", held=c.held, f=quoted(r, f), g=quoted(r, g)))
    out, _ = c.call(
        f"lines = read_file({lit(f)}).splitlines()\nkept = sorted(lines)\n{written(g, 'kept')}print(len(kept))"
    )
    c.say(f"I wrote {plural(out, 'line')} to {g}.")


def any_case_lines(c: Chat) -> None:
    """How many lines contain a word, in capitals or not."""
    r = c.r
    w = names.word(r)
    lines = [
        f"{names.word(r)} {r.choice((w, w.upper(), w.capitalize()))} {names.word(r)}"
        if r.random() < 0.5
        else names.phrase(r)
        for _ in range(r.randint(2, 6))
    ]
    f = some_file(c, r.choice(("txt", "md", "log")), "\n".join(lines) + "\n")
    c.user(ask(r, "jt_any_case", held=c.held, f=quoted(r, f), w=quoted(r, w)))
    out, _ = c.call(
        f"lines = read_file({lit(f)}).splitlines()\nprint(sum({lit(w)}.lower() in line.lower() for line in lines))"
    )
    c.say(f"{w} is on {plural(out, 'line')} of {f}.")


KINDS: list[tuple[Task, int]] = [
    (distinct_matches, 6),
    (cleaned_lines, 6),
    (log_levels, 5),
    (python_parts, 5),
    (line_pairs, 5),
    (differing_lines, 5),
    (sorted_copy, 4),
    (any_case_lines, 4),
]
