"""Second questions about a Python, CSV or JSON file that was just dealt with: its functions, columns, keys."""

from __future__ import annotations

import csv
import json

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import quoted
from codemode_tui.bundled.recipe.second_questions import again
from codemode_tui.bundled.recipe.tables import loop

_PYTHON = {
    "functions": ("function", "ast.FunctionDef", "node.name"),
    "classes": ("class", "ast.ClassDef", "node.name"),
    "imports": ("import", "ast.Import", "node.names[0].name"),
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
    one, test, show = _PYTHON[kind]
    load = f"import ast\ntree = ast.parse(read_file({lit(f)}))\n"
    if c.r.random() < 0.6:
        again(c, "fu_python_names", k=kind)
        out, _ = c.call(load + f"for node in ast.walk(tree):\n    if isinstance(node, {test}):\n        print({show})")
        c.say(f"{f} has no {kind}." if out == "(no output)" else f"Those are the {kind} in {f}.")
    else:
        again(c, "fu_python_count", k=kind)
        out, _ = c.call(load + f"print(sum(isinstance(node, {test}) for node in ast.walk(tree)))")
        c.say(f"{f} has {out} {one if out == '1' else kind}.")


def _table(c: Chat, f: str) -> bool:
    r, text = c.r, c.world.files[f]
    rows = list(csv.DictReader(text.splitlines()))
    header = text.partition("\n")[0]
    if not rows or ";" in header or "\t" in header:
        return False
    reader = f"csv.DictReader(read_file({lit(f)}).splitlines())"
    load = f"import csv\nrows = list({reader})\n"
    numbers = [n for n in rows[0] if n and all(n in row and _is_number(row[n]) for row in rows)]
    way = r.random()
    if way < 0.25 or not numbers:
        again(c, "fu_rows")
        out, _ = c.call(load + "print(len(rows))")
        c.say(f"{f} has {out} row{'' if out == '1' else 's'}.")
    elif way < 0.45:
        again(c, "fu_columns")
        out, _ = c.call(f'import csv\nreader = {reader}\nprint(*(reader.fieldnames or []), sep=", ")')
        c.say(f"The columns of {f} are {out}." if len(out) < 50 else f"Those are the columns of {f}.")
    else:
        word, said, measure = r.choice(_MEASURES)
        n = r.choice(numbers)
        again(c, "fu_column_sum", n=quoted(r, n), fn=word)
        out, _ = c.call(
            f'{load}values = []\n{loop(n)}    values.append(value)\nprint(f"{{{measure}:.12g}}")',
        )
        c.say(f"The {said} of {n} is {out}." if said in ("sum", "average") else f"The {said} {n} is {out}.")
    return True


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
