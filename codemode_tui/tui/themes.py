"""Themes for Textual, made from their files (``front.themes``)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textual.content import Content
from textual.theme import BUILTIN_THEMES, Theme

from codemode_tui.front.highlight import highlight
from codemode_tui.front.themes import SAMPLE, Colours, load_colours


def load_themes(folders: Iterable[Path]) -> dict[str, Theme]:
    """As ``front.themes.load_colours``."""
    return {name: _theme(colours) for name, colours in load_colours(folders).items()}


def sample() -> Content:
    """A little of everything that has a colour, in the theme in force."""
    badges = [(" tool ", "bold $on-color on $secondary"), (" ", ""), (" direct ", "bold $on-color on $primary"),
              ("  ✓ ran", "$success"), ("  ▲ warning", "$warning"), ("  ✗ failed", "$error"), ("  muted", "$muted"),
              ("  faint", "$faint")]  # fmt: skip
    code = [Content.assemble(*((text, f"${color}") for text, color in line)) for line in highlight(SAMPLE)]
    return Content("\n").join([Content.assemble(*badges), Content(""), *code])


def _theme(colours: Colours) -> Theme:
    name, dark, c, code = colours
    ansi = colours.ansi
    solid = ansi or c["primary"].startswith("ansi_")  # no part of a colour of the terminal can be taken
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
        "input-selection-background": c["primary"] + "40" * (not solid),
        "screen-selection-background": c["primary"] + "50" * (not solid),
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
