"""What stands in generated files: prose, Python, tables, JSON, TOML, logs."""

from __future__ import annotations

import json
import string

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.source import Source

MARKS = ("TODO", "FIXME", "NOTE", "HACK", "XXX")


def text_for(r: Source, path: str) -> str:
    """Random content that fits the file's extension."""
    ending = path.rsplit(".", 1)[-1].lower()
    if ending == "py":
        return python(r)
    if ending == "csv":
        return table(r)[0]
    if ending == "json":
        return json.dumps(mapping(r), indent=2) + "\n"
    if ending in ("toml", "ini", "cfg"):
        return toml(r)[0]
    if ending == "log":
        return log(r)
    return prose(r)


def prose(r: Source, lines: int | None = None) -> str:
    rows = []
    for _ in range(lines if lines is not None else r.randint(0, 9)):
        row = names.phrase(r)
        if r.random() < 0.15:
            row = f"{r.choice(MARKS)}: {row}"
        elif r.random() < 0.1:
            row = "# " + row
        elif r.random() < 0.05:
            row = ""
        rows.append(row)
    return "".join(row + "\n" for row in rows)


def python(r: Source) -> str:
    rows = [f"import {r.choice(('os', 'sys', 'json', 're', 'math', 'random', 'csv'))}" for _ in range(r.randint(0, 2))]
    for _ in range(r.randint(0, 3)):
        if r.random() < 0.3:
            rows += ["", f"class {''.join(names.word(r).capitalize() for _ in range(2))}:"]
            rows += (
                [f"    def {names.identifier(r).lower()}(self):", "        return None"]
                if r.random() < 0.6
                else ["    pass"]
            )
        else:
            rows += ["", f"def {names.identifier(r).lower()}({r.choice(('', 'x', 'path', 'a, b'))}):"]
            if r.random() < 0.3:
                rows.append(f"    # {r.choice(MARKS)}: {names.phrase(r)}")
            rows.append(
                f"    return {r.choice(('x', 'None', str(names.number(r)), 'True'))}"
                if r.random() < 0.7
                else "    pass"
            )
    code = "\n".join(rows) + "\n"
    try:
        compile(code, "x", "exec")
    except (SyntaxError, ValueError):
        return "import os\n"  # a random word was a keyword
    return code


def table(r: Source) -> tuple[str, list[str], list[str]]:
    """CSV text, its text columns and its number columns."""
    texts = [
        c
        for c in dict.fromkeys(
            r.choice(("name", "city", "team", "color", "status", names.scramble(r))) for _ in range(r.randint(1, 2))
        )
    ]
    numbers = [
        c
        for c in dict.fromkeys(
            r.choice(("amount", "price", "age", "count", "score", "total", names.scramble(r)))
            for _ in range(r.randint(1, 2))
        )
        if c not in texts
    ]
    few = [names.word(r) for _ in range(r.randint(2, 4))]
    rows = [",".join(texts + numbers)]
    for _ in range(r.randint(1, 7)):
        rows.append(
            ",".join(
                [r.choice(few) if r.random() < 0.6 else names.word(r) for _ in texts]
                + [str(r.randint(0, 500)) for _ in numbers]
            )
        )
    return "\n".join(rows) + "\n", texts, numbers


def mapping(r: Source, depth: int = 0) -> dict[str, object]:
    made: dict[str, object] = {}
    for _ in range(r.randint(1, 5)):
        key = r.choice(
            ("name", "version", "port", "host", "debug", "title", "author", names.scramble(r), names.word(r))
        )
        kind = r.random()
        if kind < 0.15 and depth == 0:
            made[key] = mapping(r, 1)
        elif kind < 0.3:
            made[key] = [names.word(r) for _ in range(r.randint(0, 4))]
        elif kind < 0.6:
            made[key] = names.number(r)
        else:
            made[key] = r.choice(
                (names.phrase(r), names.word(r), f"{r.randint(0, 9)}.{r.randint(0, 20)}.{r.randint(0, 9)}")
            )
    return made


def toml(r: Source) -> tuple[str, str, str]:
    """TOML text, one section and one key of it."""
    sections = list(
        dict.fromkeys(r.choice(("project", "server", "tool", "ui", names.scramble(r))) for _ in range(r.randint(1, 2)))
    )
    rows, known = [], []
    for section in sections:
        if not section.isascii():
            continue
        rows.append(f"[{section}]")
        for key in dict.fromkeys(
            r.choice(("name", "port", "version", "debug", "path", "level")) for _ in range(r.randint(1, 3))
        ):
            value = r.choice((str(names.number(r)), json.dumps(names.word(r)), "true", json.dumps(names.phrase(r))))
            rows.append(f"{key} = {value}")
            known.append((section, key))
    if not known:
        return '[project]\nname = "demo"\n', "project", "name"
    section, key = r.choice(known)
    return "\n".join(rows) + "\n", section, key


def log(r: Source) -> str:
    rows = []
    for _ in range(r.randint(1, 8)):
        level = r.choice(("INFO", "INFO", "DEBUG", "WARNING", "ERROR"))
        rows.append(f"{r.randint(0, 23):02}:{r.randint(0, 59):02} {level} {names.phrase(r)}")
    return "\n".join(rows) + "\n"


def git_texts(r: Source) -> dict[str, str]:
    """What the known commands print in this workspace."""
    branch = r.choice(("main", "main", "master", "dev", names.stem(r).replace(" ", "-")))
    changed = [names.file_name(r).replace(" ", "_") for _ in range(r.randint(0, 3))]
    commits = ["".join(r.choices("0123456789abcdef", k=7)) + " " + names.phrase(r) for _ in range(r.randint(1, 9))]
    version = f"3.{r.randint(9, 14)}.{r.randint(0, 12)}"
    user = "".join(r.choices(string.ascii_lowercase, k=r.randint(3, 8)))
    texts = {
        "git status --short": "".join(f" M {name}\n" if r.random() < 0.6 else f"?? {name}\n" for name in changed),
        "git branch --show-current": branch + "\n",
        "git diff --stat": "".join(f" {name} | {r.randint(1, 40)} +-\n" for name in changed),
        "python --version": f"Python {version}\n",
        "whoami": user + "\n",
        "date": f"{r.choice(('Mon', 'Tue', 'Wed', 'Thu', 'Fri'))} Nov {r.randint(1, 30)} {r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02} UTC 20{r.randint(24, 30)}\n",
        "uname -a": f"{r.choice(('Linux', 'Darwin'))} {names.word(r)} {r.randint(5, 25)}.{r.randint(0, 9)}.{r.randint(0, 20)}\n",
        "pwd": f"/home/{user}/{names.folder(r)}\n",
    }
    for n in range(1, 21):
        texts[f"git log --oneline -n {n}"] = "".join(c + "\n" for c in commits[:n])
    return texts
