"""TOML files that are valid, or broken in one of the usual ways."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents
from codemode_tui.bundled.recipe.source import Source


def broken_toml(r: Source) -> str:
    """TOML text, broken in every second case."""
    text = contents.toml(r)[0]
    if r.random() < 0.5:
        return text
    return r.choice((text.replace(" = ", " ", 1), text.replace("]", "", 1), text + "level = \n", text + "= 7\n"))
