"""Choices in a line, each with its key. Keys act in the order of typing; what is no choice is let through."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content
from textual.message import Message

from codemode_tui.commands import at, command
from codemode_tui.front.keys import keys_of
from codemode_tui.front.questions import Choice
from codemode_tui.tui.editing import writes
from codemode_tui.tui.flow import Flow, flowed
from codemode_tui.tui.in_order import character_of, passed_on

OPENS = frozenset({"strip.edit", "strip.comment", "candidate.edit", "row.edit"})
"""Choices that open a field."""
NARROW = 100
"""Below this many columns the short labels are shown."""


class KeyStrip(Flow, can_focus=True):
    DEFAULT_CSS = """
    KeyStrip { padding: 0 1; background: $surface; border-left: outer $faint; }
    KeyStrip:focus { border-left: outer $secondary; }
    """

    class Chosen(Message):
        def __init__(self, strip: KeyStrip, action: str, key: str) -> None:
            super().__init__()
            self.strip = strip
            self.action = action
            self.key = key

    def __init__(
        self,
        choices: Sequence[Choice],
        keymap: dict[str, str],
        *,
        other: Callable[[str], None] | None = None,
        away: str = "",
        second: str = "",
        classes: str | None = None,
    ) -> None:
        """``other``: gets the characters that are no choice; None lets them go on to the screen.
        ``away``: the key that leads here while something else has the keyboard: it is named before the choices.
        ``second``: choice that begins the second line."""
        super().__init__(classes=classes)
        self.keymap = keymap
        self.other = other
        self.away = away
        self.second = second
        self.armed = True
        """Whether the choices act."""
        self._leaving = False
        self._behind: list[events.Key] | None = None
        """Typed behind a key that opens a field: for that, once it has the keyboard."""
        self._marked: frozenset[str] = frozenset()
        self._note = Content("")
        self._choices: tuple[Choice, ...] = ()
        self._by_key: dict[str, Choice] = {}
        self._unoffered: set[str] = set()
        """Keys of the same place that are no choice now: whoever presses one does not mean to write."""
        self._take(choices)

    def offer(self, choices: Sequence[Choice], *, note: Content | None = None) -> None:
        """Other choices from now on; ``note`` stands before them."""
        self._note = Content("") if note is None else note
        self._take(choices)
        self._draw()

    def mark(self, ids: frozenset[str]) -> None:
        """Show these as chosen."""
        self._marked = ids
        self._draw()

    def arm_after(self, seconds: float) -> None:
        """Ignore the choices for so long: nothing that has not been read is answered."""
        self.armed = seconds <= 0
        if seconds > 0:
            self.set_timer(seconds, lambda: setattr(self, "armed", True))

    async def _on_key(self, event: events.Key) -> None:
        """As in the prompt: a binding would overtake letters that still wait in the queue."""
        choice = None if self._leaving else self._by_key.get(event.key)
        if self._behind is not None:
            event.stop()
            event.prevent_default()
            self._behind.append(event)
        elif choice is not None:
            event.stop()
            event.prevent_default()
            if self.armed:
                self._behind = [] if choice.id in OPENS else None
                self.post_message(self.Chosen(self, choice.action, event.key))
        elif self._choices and not self._leaving and event.key in self._unoffered:
            event.stop()
            event.prevent_default()
        elif self.other is not None and (character := character_of(event)):
            event.stop()
            event.prevent_default()
            self._leaving = True  # what was typed right behind it belongs to it
            self.other(character)
        else:
            await super()._on_key(event)

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self._leaving = False
        if not value and writes(field := self.screen.focused):
            for key in self._behind or ():
                passed_on(key, field)
        self._behind = None
        self._draw()

    def nothing_opened(self) -> None:
        """The choice that would have opened a field has not: the keys are choices again."""
        self._behind = None

    def on_mount(self) -> None:
        self._draw()

    def _take(self, choices: Sequence[Choice]) -> None:
        self._choices = tuple(choices)
        self._by_key = {
            key: choice
            for choice in choices
            if command(choice.id).where != "review"  # keys of the screen: shown, not taken
            for key in self._keys(choice.id)
        }
        places = {command(choice.id).where for choice in choices} - {"review"}
        self._unoffered = {key for place in places for one in at(place) for key in self._keys(one.id)}

    def _keys(self, name: str) -> list[str]:
        return [key.strip() for key in self.keymap.get(name, command(name).keys).split(",")]

    def _draw(self) -> None:
        if self.is_mounted:
            self.flow(self._lines)

    def _lines(self, width: int) -> Content:
        """On one line if it fits, else on two: not a line and a rest, but what belongs together."""
        narrow = self.app.size.width < NARROW
        before = [self._note.append(" ")] if self._note else []
        if self.away and self._choices and not self.has_focus:
            before.append(Content.assemble(" ", (self.away, "bold $foreground"), (", then ", "$muted")))
        parts = [*before, *(self._drawn(choice, narrow) for choice in self._choices)]
        half = next((n for n, choice in enumerate(self._choices, len(before)) if choice.id == self.second), 0)
        first = sum(part.cell_length for part in parts[:half])
        if half and first <= width < sum(part.cell_length for part in parts):
            return Content("\n").join([flowed(parts[:half], width), flowed(parts[half:], width)])
        return flowed(parts, width)

    def _drawn(self, choice: Choice, narrow: bool) -> Content:
        key = keys_of(command(choice.id), self.keymap)
        label = choice.short if narrow and choice.short else choice.label
        if choice.action in self._marked:
            return Content.styled(f" {key} {label} ", "bold $on-color on $secondary")
        look = ("bold $secondary", "$foreground") if self.has_focus else ("bold $muted", "$muted")
        return Content.assemble(" ", (key, look[0]), (f" {label} ", look[1]))
