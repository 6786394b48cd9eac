"""The files of composed jobs over one table."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import group_tables as gt
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.nouns import many, some_noun
from codemode_tui.bundled.recipe.pipe_tables_parts import Job
from codemode_tui.tools.protected import is_secret


def new_table(c: Chat, j: Job) -> str:
    """The table in the workspace, CSV or JSON."""
    r, h = c.r, j.sheet
    rows = [{column: row[column] for column in j.columns} for row in h.rows]
    if not h.is_json:
        return gt.new_file(c, gt.csv_text(rows))
    items = [{key: json.loads(v) if key in (h.n, h.m) else v for key, v in row.items()} for row in rows]
    path = f"{many(some_noun(r))}.json"
    if path in c.world.files or is_secret([path]) or r.random() < 0.6:
        path = gt.free_path(c, "json")
    return c.world.add(r, path, json.dumps(items, indent=r.choice((None, 1, 2)), ensure_ascii=False) + "\n")
