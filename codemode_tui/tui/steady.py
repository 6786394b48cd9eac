"""A screen that stays where it is when Textual means to scroll to what is not on it."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen
from textual.widget import Widget


class SteadyScreen(Screen[None]):
    def scroll_to_widget(self, widget: Widget, **how: Any) -> bool:  # noqa: ANN401 - as Textual has it
        """What focus asks for comes a refresh later: by then the widget may be gone, or not laid out yet.

        Textual would take its margin, at the top of everything, for its place.
        """
        if widget is not self and not widget.virtual_region.size:
            if (done := how.get("on_complete")) is not None:
                self.call_after_refresh(done)
            return False
        return super().scroll_to_widget(widget, **how)
