"""Fields whose keys act in the order of typing."""

from __future__ import annotations

from textual import events
from textual.widget import Widget
from textual.widgets import Input


class Line(Input):
    """One line to write."""

    async def _on_key(self, event: events.Key) -> None:
        if not await acted(self, event):
            await super()._on_key(event)


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
    return False
