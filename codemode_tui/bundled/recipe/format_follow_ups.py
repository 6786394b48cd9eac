"""Second questions about a Python, CSV or JSON file that was just dealt with: its functions, columns, keys."""

from __future__ import annotations

import csv
import json
import re

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import quoted
from codemode_tui.bundled.recipe.python_files import FUNCTION, IMPORTS
from codemode_tui.bundled.recipe.second_questions import again
from codemode_tui.bundled.recipe.table_follow_ups import about_rows
from codemode_tui.bundled.recipe.tables import loop

_PYTHON = {
    "functions": ("function", f"isinstance(node, {FUNCTION})"),
    "classes": ("class", "isinstance(node, ast.ClassDef)"),
    "imports": ("import", "isinstance(node, (ast.Import, ast.ImportFrom))"),
}
_MEASURES = [
    ("sum", "sum", "sum(values)"),
    ("total", "sum", "sum(values)"),
    ("average", "average", "sum(values) / len(values)"),
    ("average", "average", "sum(values) / len(values)"),
    ("mean", "average", "sum(values) / len(values)"),
    ("maximum", "highest", "max(values)"),
    ("highest", "highest", "max(values)"),
    ("largest", "highest", "max(values)"),
    ("minimum", "lowest", "min(values)"),
    ("lowest", "lowest", "min(values)"),
    ("smallest", "lowest", "min(values)"),
]
_MEASURED = re.compile(
    r'import csv\nrows = list\(csv\.DictReader\(read_file\("([^"\n]+)"\)\.splitlines\(\)\)\)\n'
    r'.+float\(row\["([^"\n]+)"\]\).+print\(f"\{(.+):\.12g\}"\)',
    re.S,
)
_LISTED = re.compile(
    r'import csv\nrows = list\(csv\.DictReader\(read_file\("([^"\n]+)"\)\.splitlines\(\)\)\)\n'
    r'for row in rows:\n    print\(row\["([^"\n]+)"\]\)'
)


def about_format(c: Chat, f: str) -> bool:
    """One question that only this kind of file allows; False when ``f`` is of no such kind, or is damaged."""
    if f.endswith(".py"):
        _python(c, f)
        return True
    if f.endswith(".csv"):
        return _table(c, f)
    return f.endswith(".json") and _keys(c, f)


def _python(c: Chat, f: str) -> None:
    kind = c.r.choice(sorted(_PYTHON))
    one, test = _PYTHON[kind]
    load = f"import ast\ntree = ast.parse(read_file({lit(f)}))\n"
    if c.r.random() < 0.6:
        again(c, "fu_python_names", k=kind)
        names_of = f"for node in ast.walk(tree):\n    if {test}:\n        print(node.name)"
        out, _ = c.call(load + (IMPORTS if kind == "imports" else names_of))
        c.say(f"{f} has no {kind}." if out == "(no output)" else f"Those are the {kind} in {f}.")
    else:
        again(c, "fu_python_count", k=kind)
        out, _ = c.call(load + f"print(sum({test} for node in ast.walk(tree)))")
        c.say(f"{f} has {out} {one if out == '1' else kind}.")


def _table(c: Chat, f: str) -> bool:
    r, text = c.r, c.world.files[f]
    rows = list(csv.DictReader(text.splitlines()))
    header = text.partition("\n")[0]
    if not rows or ";" in header or "\t" in header:
        return False
    reader = f"csv.DictReader(read_file({lit(f)}).splitlines())"
    load = f"import csv\nrows = list({reader})\n"
    numbers = _numbers(rows)
    way = r.random()
    if way < 0.35 and about_rows(c, load, rows, numbers):
        return True
    if way < 0.5 or not numbers:
        again(c, "fu_rows")
        out, _ = c.call(load + "print(len(rows))")
        c.say(f"{f} has {out} row{'' if out == '1' else 's'}.")
    elif way < 0.65:
        again(c, "fu_columns")
        out, _ = c.call(f'import csv\nreader = {reader}\nprint(*(reader.fieldnames or []), sep=", ")')
        c.say(f"The columns of {f} are {out}." if len(out) < 50 else f"Those are the columns of {f}.")
    else:
        word, said, measure = r.choice(_MEASURES)
        n = r.choice(numbers)
        added = said == "sum" and r.random() < 0.7
        again(c, "fu_add_up" if added else "fu_column_sum", n=quoted(r, n), fn=word)
        _measured(c, load, n, said, measure)
    return True


def same_column(c: Chat, code: str) -> bool:
    """After the sum of a column its average, or the sum of another; after its cells, their sum.

    False when ``code`` is no such program.
    """
    r = c.r
    if (listed := _LISTED.fullmatch(code)) and (f := listed[1]) in c.world.files:
        if listed[2] not in _numbers(list(csv.DictReader(c.world.files[f].splitlines()))):
            return False
        word, said, measure = r.choice(_MEASURES)
        again(c, "fu_that_column", fn=word)
        load = f"import csv\nrows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\n"
        _measured(c, load, listed[2], said, measure)
        return True
    found = _MEASURED.fullmatch(code)
    if found is None or found[1] not in c.world.files:
        return False
    f, old, last = found[1], found[2], found[3]
    load = f"import csv\nrows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\n"
    numbers = _numbers(list(csv.DictReader(c.world.files[f].splitlines())))
    others = [n for n in numbers if n != old]
    now = [known for known in _MEASURES if known[2] == last]
    if not now or code != _program(load, old, last):
        return False
    if others and r.random() < 0.5:
        n = r.choice(others)
        again(c, "fu_same", g=quoted(r, n))
        _measured(c, load, n, now[0][1], last)
    else:
        word, said, measure = r.choice([known for known in _MEASURES if known[2] != last])
        again(c, "fu_other_end", g=word)
        _measured(c, load, old, said, measure)
    return True


def _program(load: str, n: str, measure: str) -> str:
    return f'{load}values = []\n{loop(n)}    values.append(value)\nprint(f"{{{measure}:.12g}}")'


def _measured(c: Chat, load: str, n: str, said: str, measure: str) -> None:
    out, ok = c.call(_program(load, n, measure))
    if not ok:
        c.say(f"There is no number in {n}.")
    else:
        c.say(f"The {said} of {n} is {out}." if said in ("sum", "average") else f"The {said} {n} is {out}.")


def _numbers(rows: list[dict[str, str]]) -> list[str]:
    """The columns that hold a number in every row."""
    return [n for n in (rows[0] if rows else {}) if n and all(_is_number(row.get(n)) for row in rows)]


def _is_number(cell: str | None) -> bool:
    try:
        return float(cell or "") == float(cell or "")
    except ValueError:
        return False


def _keys(c: Chat, f: str) -> bool:
    r = c.r
    try:
        data = json.loads(c.world.files[f])
    except ValueError:
        return False
    if not isinstance(data, dict) or not data:
        return False
    load = f"import json\ndata = json.loads(read_file({lit(f)}))\n"
    if r.random() < 0.3:
        again(c, "fu_keys")
        c.call(load + "for key in data:\n    print(key)")
        c.say(f"Those are the keys of {f}.")
        return True
    key = r.choice(sorted(data)) if r.random() < 0.92 else names.word(r)
    again(c, "fu_key", k=quoted(r, key))
    out, ok = c.call(load + f"print(data[{lit(key)}])")
    c.say(f"There is no {key} in {f}." if not ok else f"{key} is {out}." if len(out) < 60 else f"That is {key} of {f}.")
    return True
