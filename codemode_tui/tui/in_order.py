"""Fields whose keys act in the order of typing."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
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

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+d", "delete_word_right", show=False),
        Binding("ctrl+home", "document_start", show=False),
        Binding("ctrl+end", "document_end", show=False),
    ]

    def action_document_start(self) -> None:
        self.move_cursor((0, 0))

    def action_document_end(self) -> None:
        self.move_cursor(self.document.end)

    def undo(self) -> None:
        super().undo()
        self.history.checkpoint()  # else the next change would be undone together with what was written before this one

    def render_line(self, y: int) -> Strip:
        # Textual cannot wrap the words of an empty field where there is no room at all.
        return super().render_line(y) if self.content_size.width else Strip.blank(self.size.width)

    def _refresh_size(self) -> None:
        # Textual's undo looks for the cursor first, in lines that may be gone. Said in vain, it would take away what is
        # selected elsewhere on the screen.
        if (there := self._validate_selection(self.selection)) != self.selection:
            self.selection = there
        super()._refresh_size()


async def acted(field: Widget, event: events.Key) -> bool:
    """Whether the key is one of ``field``'s own, which has then acted.

    Textual lets a binding act when its key has bubbled up to the app. Letters that already wait in the queue of the
    field overtake it: with several keys in one read (a busy screen, a slow line) backspace took the wrong letter.
    """
    bindings = field._bindings.copy()
    bindings.apply_keymap(field.app._keymap)
    for binding in bindings.key_to_bindings.get(event.key, ()):
        if not binding.priority and await field.app.run_action(binding.action, field):
            event.stop()
            event.prevent_default()
            return True
    event.character = character_of(event)
    return False


def character_of(event: events.Key) -> str | None:
    """What the key writes. With alt nothing, though most terminals send its letter along."""
    return event.character if event.is_printable and not event.key.startswith("alt+") else None


def passed_on(event: events.Key, field: Widget | None) -> bool:
    """Whether the key was typed behind the one that opened ``field``, which has now been given it.

    Only what a field takes in any case: of other keys it would not be known whether they come back from it.
    """
    if field is None or not (character_of(event) or event.key in ("enter", "backspace")):
        return False
    event.stop()
    event.prevent_default()
    field.post_message(events.Key(event.key, event.character))
    return True
