"""Fields whose keys act in the order of typing."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, TextArea


class Line(Input):
    """One line to write."""

    # With Textual's they take the word to the right, and at the end of a line nothing.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+backspace,ctrl+backspace", "delete_left_word", show=False),
        Binding("alt+d", "delete_right_word", show=False),
    ]

    async def _on_key(self, event: events.Key) -> None:
        if not await acted(self, event):
            await super()._on_key(event)


class Lines(TextArea):
    """Several lines to write."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("alt+d", "delete_word_right", show=False)]

    def undo(self) -> None:
        super().undo()
        self.history.checkpoint()  # else the next change would be undone together with what was written before this one

    def _refresh_size(self) -> None:
        self.selection = self.selection  # Textual's undo looks for the cursor first, in lines that may be gone
        super()._refresh_size()


async def acted(field: Widget, event: events.Key) -> bool:
    """Whether the key is one of ``field``'s own, which has then acted.

    Textual lets a binding act when its key has bubbled up to the app. Letters that already wait in the queue of the
    field overtake it: with several keys in one read (a busy screen, a slow line) backspace took the wrong letter.
    """
    for binding in field._bindings.key_to_bindings.get(event.key, ()):
        if not binding.priority and await field.app.run_action(binding.action, field):
            event.stop()
            event.prevent_default()
            return True
    event.character = character_of(event)
    return False


def character_of(event: events.Key) -> str | None:
    """What the key writes. With alt nothing, though most terminals send its letter along."""
    return event.character if event.is_printable and not event.key.startswith("alt+") else None
