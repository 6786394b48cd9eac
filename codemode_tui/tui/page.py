"""Something to read, over the conversation: closed by the key that opened it, or by any that leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from codemode_tui.sandbox.sanitise import sanitise_text

NARROW = 84
"""Columns of the terminal below which a dialog takes them all: what is left of the screen beneath reads as a broken
frame."""
BREADTHS = [(0, "-narrow"), (NARROW, "-broad")]


def breadth(columns: int, most: int) -> int:
    """Cells of a dialog on a terminal of so many columns."""
    return columns if columns < NARROW else min(most, columns * 96 // 100)


class Page(ModalScreen[None]):
    DEFAULT_CSS = """
    Page { align: center middle; background: $background 70%; }
    Page > VerticalScroll {
        width: 84; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
        background: $surface; border: round $accent; border-title-color: $accent; border-subtitle-color: $muted;
        scrollbar-size-vertical: 1; scrollbar-background: $surface; scrollbar-background-hover: $surface;
    }
    Page.-narrow > VerticalScroll { max-width: 100%; }
    Page Static { background: $surface; }
    """
    HORIZONTAL_BREAKPOINTS = BREADTHS
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss", show=False)]

    def __init__(self, title: str, text: Content) -> None:
        super().__init__()
        self.heading = title
        self.text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = Content(self.heading)
            yield self.body()

    def body(self) -> Widget:
        """What is read."""
        return Static(self.text)

    def on_mount(self) -> None:
        box = self.query_one(VerticalScroll)
        self.watch(box, "show_vertical_scrollbar", lambda scrolls: self._hint(box, scrolls))

    def _hint(self, box: VerticalScroll, scrolls: bool) -> None:
        box.border_subtitle = Content("esc close · ↑ ↓ scroll" if scrolls else "esc close")


def facts(rows: Iterable[tuple[str, str]]) -> Content:
    """Names and values, a line each; what has no value is left out."""
    return Content("\n").join(
        Content.assemble((f"{name:<12} " if name else "", "$accent"), (sanitise_text(value), "$foreground"))
        for name, value in rows
        if value
    )


def section(title: str, body: Content) -> Content:
    return Content("\n").join([Content.styled(title, "bold $secondary"), body, Content("")])
