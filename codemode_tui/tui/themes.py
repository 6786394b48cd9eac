"""Themes: TOML files to Textual themes. The user's own come last and win."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.content import Content
from textual.theme import BUILTIN_THEMES, Theme

from codemode_tui.errors import ConfigError
from codemode_tui.front.highlight import highlight

COLORS = (
    "primary", "secondary", "accent", "success", "warning", "error",
    "foreground", "background", "surface", "panel", "muted", "faint",
)  # fmt: skip
CODE = ("keyword", "string", "number", "comment", "function", "tool", "builtin", "operator", "name", "error")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z|ansi_(default|(bright_)?(black|red|green|yellow|blue|magenta|cyan|white))\Z")


def load_themes(folders: Iterable[Path]) -> dict[str, Theme]:
    """All themes of ``folders`` by name; a later one of the same name replaces an earlier one.

    Raises:
        ConfigError: naming the file and everything that is wrong in it.
    """
    found: dict[str, Theme] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
            theme = _read(file)
            found[theme.name] = theme
    return found


SAMPLE = """def longest(pattern):  # of all files
    return max(glob_files(pattern), key=lambda path: len(read_file(path)))

print(f"{longest('*.md')!r}", 42)"""


def sample() -> Content:
    """A little of everything that has a colour, in the theme in force."""
    badges = [(" tool ", "bold $on-color on $secondary"), (" ", ""), (" direct ", "bold $on-color on $primary"),
              ("  ✓ ran", "$success"), ("  ▲ warning", "$warning"), ("  ✗ failed", "$error"), ("  muted", "$muted"),
              ("  faint", "$faint")]  # fmt: skip
    code = [Content.assemble(*((text, f"${color}") for text, color in line)) for line in highlight(SAMPLE)]
    return Content("\n").join([Content.assemble(*badges), Content(""), *code])


def choose(themes: dict[str, Theme], name: str) -> Theme:
    """The theme called ``name``; a ``ConfigError`` lists what there is."""
    if name not in themes:
        raise ConfigError(f"there is no theme {name!r}", hint=f"choose one of: {', '.join(sorted(themes))}")
    return themes[name]


def _read(file: Path) -> Theme:
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{file}: not a readable theme: {error}", hint="mend or remove the file") from error
    problems = [f"{key}: no such key" for key in table if key not in ("name", "dark", "colors", "code")]
    colors = _colors(table, "colors", COLORS, problems)
    code = _colors(table, "code", CODE, problems)
    if not isinstance(table.get("dark", True), bool):
        problems.append("dark: expected true or false")
    if problems:
        raise ConfigError(f"{file}: {'; '.join(problems)}", hint="compare it with a theme that ships with codemode")
    return _theme(str(table.get("name", file.stem)), bool(table.get("dark", True)), colors, code)


def _colors(table: dict[str, Any], group: str, names: tuple[str, ...], problems: list[str]) -> dict[str, str]:
    given = table.get(group, {})
    if not isinstance(given, dict):
        problems.append(f"{group}: expected a table")
        return {}
    problems += [f"{group}.{key}: no such colour" for key in given if key not in names]
    for name in names:
        if not _COLOR.match(str(given.get(name, ""))):
            problems.append(f"{group}.{name}: expected a colour such as #5eb1ff or ansi_blue")
    return {name: str(given.get(name)) for name in names}


def _theme(name: str, dark: bool, c: dict[str, str], code: dict[str, str]) -> Theme:
    ansi = c["background"].startswith("ansi_")  # the terminal's own colours, which nothing can be mixed with
    variables = dict(BUILTIN_THEMES["ansi-dark" if dark else "ansi-light"].variables) if ansi else {}
    variables |= {f"code-{key}": value for key, value in code.items()}
    variables |= {
        "muted": c["muted"],
        "faint": c["faint"],
        "text-muted": c["muted"],
        "on-color": "ansi_black" if ansi else c["background"],  # text on a filled badge
        "border": c["primary"],
        "border-blurred": c["faint"],
        "block-cursor-foreground": "ansi_black" if ansi else c["background"],
        "block-cursor-background": c["accent"],
        "input-cursor-background": c["foreground"],
        "input-selection-background": c["primary"] + "40" * (not ansi),
        "screen-selection-background": c["primary"] + "50" * (not ansi),
        "scrollbar": c["faint" if ansi else "panel"],
        "scrollbar-hover": c["faint"],
        "scrollbar-active": c["accent"],
        "scrollbar-background": c["background"],
        "scrollbar-background-hover": c["background"],
        "scrollbar-background-active": c["background"],
        "scrollbar-corner-color": c["background"],
        "link-color": c["primary"],
        "link-style": "underline",
    }
    return Theme(
        name=name,
        dark=dark,
        primary=c["primary"],
        secondary=c["secondary"],
        accent=c["accent"],
        success=c["success"],
        warning=c["warning"],
        error=c["error"],
        foreground=c["foreground"],
        background=c["background"],
        surface=c["surface"],
        panel=c["panel"],
        boost=c["panel"],
        variables=variables,
        ansi=ansi,
    )
