"""Themes as their TOML files say: colours by name. The user's own come last and win."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from codemode_tui import config
from codemode_tui.config_places import numbered
from codemode_tui.errors import ConfigError

T = TypeVar("T")
COLORS = (
    "primary", "secondary", "accent", "success", "warning", "error",
    "foreground", "background", "surface", "panel", "muted", "faint",
)  # fmt: skip
CODE = ("keyword", "string", "number", "comment", "function", "tool", "builtin", "operator", "name", "error")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z|ansi_(default|(bright_)?(black|red|green|yellow|blue|magenta|cyan|white))\Z")
SAMPLE = """def longest(pattern):  # of all files
    return max(glob_files(pattern), key=lambda p: len(read_file(p)))

print(f"{longest('*.md')!r}", 42)"""
"""A little of everything in code that has a colour."""


class Colours(NamedTuple):
    """One theme. Each colour is ``#rrggbb``, or ``ansi_blue`` and the like: the terminal's own."""

    name: str
    dark: bool
    general: dict[str, str]
    code: dict[str, str]

    @property
    def ansi(self) -> bool:
        """It has the terminal's own colours, which nothing can be mixed with."""
        return self.general["background"].startswith("ansi_")


def load_colours(folders: Iterable[Path]) -> dict[str, Colours]:
    """All themes of ``folders`` by name; a later one of the same name replaces an earlier one.

    Raises:
        ConfigError: naming the file and everything that is wrong in it.
    """
    found: dict[str, Colours] = {}
    for folder in folders:
        for file in sorted(folder.glob("[!.]*.toml")) if folder.is_dir() else ():  # hidden: an editor's or a Mac's
            theme = _read(file)
            found[theme.name] = theme
    return found


def choose(themes: dict[str, T], name: str) -> T:
    """The theme called ``name``; a ``ConfigError`` lists what there is."""
    if name not in themes:
        raise ConfigError(f"there is no theme {name!r}", hint=f"choose one of: {', '.join(sorted(themes))}")
    return themes[name]


def full_name(name: str, themes: Iterable[str]) -> str:
    """``dark`` for ``codemode-dark``, where there is one."""
    return f"codemode-{name}" if f"codemode-{name}" in themes else name


def _read(file: Path) -> Colours:
    table = config.read_table(file)
    problems = [f"{key}: no such key" for key in table if key not in ("name", "dark", "colors", "code")]
    colors = _colors(table, "colors", COLORS, problems)
    code = _colors(table, "code", CODE, problems)
    if not isinstance(table.get("name", ""), str):
        problems.append("name: expected text")
    if not isinstance(table.get("dark", True), bool):
        problems.append("dark: expected true or false")
    if problems:
        hint = "compare it with a theme that ships with codemode"
        raise ConfigError(f"{file}: {'; '.join(numbered(file, problems))}", hint=hint)
    return Colours(table.get("name", file.stem), table.get("dark", True), colors, code)


def _colors(table: dict[str, Any], group: str, names: tuple[str, ...], problems: list[str]) -> dict[str, str]:
    given = table.get(group, {})
    if not isinstance(given, dict):
        problems.append(f"{group}: expected a table")
        return {}
    problems += [f"{group}.{key}: no such colour" for key in given if key not in names]
    for name in names:
        if name not in given:
            problems.append(f"{group}.{name}: missing")
        elif not isinstance(given[name], str) or not _COLOR.match(given[name]):
            problems.append(f"{group}.{name}: expected a colour such as #5eb1ff or ansi_blue")
    return {name: str(given.get(name)) for name in names}
