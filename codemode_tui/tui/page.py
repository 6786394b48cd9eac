"""Something to read, over the conversation: closed by the key that opened it, or by any that leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from codemode_tui.sandbox.sanitise import sanitise_text


class Page(ModalScreen[None]):
    DEFAULT_CSS = """
    Page { align: center middle; background: $background 70%; }
    Page > VerticalScroll {
        width: 84; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
        background: $surface; border: round $accent; border-title-color: $accent; border-subtitle-color: $muted;
        scrollbar-size-vertical: 1; scrollbar-background: $surface; scrollbar-background-hover: $surface;
    }
    Page Static { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss", show=False)]

    def __init__(self, title: str, text: Content) -> None:
        super().__init__()
        self.heading = title
        self.text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = Content(self.heading)
            box.border_subtitle = Content("esc closes · ↑ ↓ scroll")
            yield Static(self.text)


def facts(rows: Iterable[tuple[str, str]]) -> Content:
    """Names and values, a line each; what has no value is left out."""
    return Content("\n").join(
        Content.assemble((f"{name:<12} " if name else "", "$accent"), (sanitise_text(value), "$foreground"))
        for name, value in rows
        if value
    )


def section(title: str, body: Content) -> Content:
    return Content("\n").join([Content.styled(title, "bold $secondary"), body, Content("")])
