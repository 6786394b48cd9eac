"""A look at a table's columns before the program that uses them.

A model that is not sure of a question about a table tends to ask for its columns. It then has to go on to what was
asked, now with their names before it, and not to end with them.
"""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe.example import Chat, code_of, wrap

SHARE = 0.03
"""Of the questions about a table."""
_READER = re.compile(r"csv\.DictReader\(read_file\(.+?\)\.splitlines\(\)(?:, delimiter=\"[^\"]+\")?\)")
_MOST = 200
"""Characters of column names that are worth a look."""


def look_first(c: Chat, at: int) -> None:
    """Put the look into the question that begins at ``at``, if it is one about a table that went well."""
    turns = c.turns[at:]
    if [role for role, _ in turns] != ["user", "assistant", "tool", "assistant"]:
        return
    code, out = code_of(turns[1][1]), turns[2][1]
    reader = _READER.search(code)
    if reader is None or "fieldnames" in code or out.startswith("Error") or c.r.random() >= SHARE:
        return
    before = c.worlds[-1]
    look = f'import csv\nreader = {reader[0]}\nprint(*(reader.fieldnames or []), sep=", ")'
    columns, ok = before.copy().run(look)
    if ok and columns != "(no output)" and len(columns) <= _MOST:
        c.turns[at + 1 : at + 1] = [("assistant", wrap(look)), ("tool", columns)]
        c.worlds.insert(len(c.worlds) - 1, before.copy())
