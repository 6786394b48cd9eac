"""The topics: Markdown files beside this one. The command line, the help screen and the web read the same.

A comment ``<!-- NAME -->`` on a line of its own stands for a table that the program itself knows
(``tables.TABLES``): no list of keys, settings or exit codes is written twice.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

NAMES = (
    "first-five-minutes", "turn", "sandbox", "feedback", "training", "the-30b-model", "servers", "editors", "profiles",
    "scripts", "json", "keys", "themes", "configuration",
)  # fmt: skip
"""In the order of reading."""
_TABLE = re.compile(r"^<!-- ([a-z-]+) -->$", re.MULTILINE)


class Topic(NamedTuple):
    name: str
    title: str
    text: str
    """Markdown; its first line is the title."""


def topic(name: str) -> Topic:
    """One topic as people read it. Raises ``KeyError``: there is none of this name."""
    if name not in NAMES:
        raise KeyError(name)
    text = _TABLE.sub(_table, source(name))
    return Topic(name, text.partition("\n")[0].lstrip("# "), text)


def titles() -> dict[str, str]:
    """Name → title of every topic, without filling in any table."""
    return {name: source(name).partition("\n")[0].lstrip("# ") for name in NAMES}


def source(name: str) -> str:
    """The file as it is written."""
    return (Path(__file__).parent / f"{name}.md").read_text("utf-8")


def _table(match: re.Match[str]) -> str:
    tables = import_module("codemode_tui.help.tables")  # reads settings and profiles: not needed for the list
    text: str = tables.TABLES[match.group(1)]()
    return text
