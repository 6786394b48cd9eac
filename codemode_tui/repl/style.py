"""A theme as prompt_toolkit knows it. The terminal keeps its own background and text colour."""

from __future__ import annotations

import os

from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

from codemode_tui.front.themes import Colours

_ANSI = {"white": "ansigray", "bright_white": "ansiwhite", "black": "ansiblack", "default": "ansidefault"}


def style_of(theme: Colours, depth: ColorDepth) -> Style:
    """Names of theme colours as classes, and the parts of the prompt."""
    own = {name: _color(value) for name, value in theme.general.items()}
    own |= {f"code-{name}": _color(value) for name, value in theme.code.items()}
    own |= {"foreground": "", "code-name": ""}
    mono = depth is ColorDepth.DEPTH_1_BIT
    on = "ansiblack" if theme.ansi else _color(theme.general["background"])
    pills = {
        f"on-{name}": "bold reverse" if mono else f"bold {on} bg:{own[name]}"
        for name in ("primary", "secondary", "accent", "success", "warning", "error")
    }
    menu = "reverse" if mono else f"{on} bg:{own['accent']}"
    return Style.from_dict({
        **own,
        **pills,
        "prompt": f"bold {own['primary']}",
        "completion-menu": "noinherit",
        "completion-menu.completion": f"noinherit {own['accent']}",
        "completion-menu.completion.current": f"noreverse {menu}",
        "completion-menu.meta.completion": f"noinherit {own['muted']}",
        "completion-menu.meta.completion.current": f"noreverse noinherit {own['muted']} bold",
        "scrollbar.background": "noinherit",
        "scrollbar.button": "noinherit reverse",
        "search-toolbar": own["muted"],
        "search-toolbar.prompt": own["accent"],
        "line-number": own["faint"],
    })  # fmt: skip


def depth_of(environment: dict[str, str] | os._Environ[str]) -> ColorDepth:
    """How many colours this terminal shall get."""
    if environment.get("NO_COLOR"):
        return ColorDepth.DEPTH_1_BIT
    if environment.get("COLORTERM") in ("truecolor", "24bit"):
        return ColorDepth.DEPTH_24_BIT
    return ColorDepth.DEPTH_4_BIT if environment.get("TERM") in ("linux", "vt100") else ColorDepth.DEPTH_8_BIT


def _color(value: str) -> str:
    if not value.startswith("ansi_"):
        return value
    name = value.removeprefix("ansi_")
    return _ANSI.get(name, f"ansi{name.replace('_', '')}")
