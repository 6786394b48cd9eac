"""Widgets that have been taken down."""

from __future__ import annotations

from collections.abc import Iterable

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


def blank_when_gone(widget: Widget, crop: Region) -> list[Strip]:
    """Blank lines for a widget that is no longer part of the screen; nothing for one that is.

    On a busy machine Textual may draw a widget once more between its removal and the next layout. Its
    styles are gone by then, and the error would end the program.
    """
    return [] if widget.is_attached else [Strip.blank(crop.width)] * crop.height


def let_go(widgets: Iterable[Widget]) -> None:
    """Drop what these have drawn, once they have left the screen.

    Textual remembers the last thousand drawing caches whatever became of their widgets (``StylesCache.get_inner_outer``
    is cached by its instance), and each of them holds every line of it that was ever on the screen.
    """
    for widget in widgets:
        widget._styles_cache.clear()
