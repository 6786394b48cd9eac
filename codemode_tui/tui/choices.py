"""A question in a panel above the prompt, answered by one key. Never by accident.

The panel ignores keys for half a second after it appears, longer when somebody is typing; the marked
choice is the one that does nothing; and it takes the focus only from an empty prompt.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from codemode_tui.commands import command
from codemode_tui.tui.keys import first_key


class Choice(NamedTuple):
    id: str
    """Of the command, e.g. ``confirm.run``."""
    label: str

    @property
    def action(self) -> str:
        return command(self.id).action


class ChoicePanel(Vertical, can_focus=True):
    """Base: a title, what subclasses show, a row of choices, a hint."""

    DEFAULT_CSS = """
    ChoicePanel {
        height: auto; max-height: 70%; margin: 0 1; padding: 0 1;
        border: round $faint; border-title-color: $muted; border-subtitle-color: $muted;
        background: $surface;
        &:focus, &:focus-within { border: round $secondary; border-title-color: $secondary; }
        Static { background: $surface; }
        .facts { height: auto; }
        .choices { height: auto; margin-top: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", show=False),
        Binding("enter", "take", show=False),
    ]
    SAFE: ClassVar[str] = ""
    """Id of the choice that is marked first: it changes nothing."""
    selected: reactive[int] = reactive(0)
    armed: reactive[bool] = reactive(False)

    class Decided(Message):
        """An answer was given."""

        def __init__(self, panel: ChoicePanel, action: str, text: str | None = None) -> None:
            super().__init__()
            self.panel = panel
            self.action = action
            self.text = text

    def __init__(self, title: str, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self.border_title = Content(title)
        self.choices = choices
        self.set_reactive(ChoicePanel.selected, [c.id for c in choices].index(self.SAFE))

    def compose(self) -> ComposeResult:
        yield Static(self.facts(), classes="facts")
        yield Static("", classes="choices")

    def facts(self) -> Content:
        """What the answer depends on."""
        return Content("")

    def arm_after(self, seconds: float) -> None:
        """Accept keys only after that long."""
        if seconds <= 0:
            self.armed = True
        else:
            self.set_timer(seconds, lambda: setattr(self, "armed", True))

    def on_mount(self) -> None:
        self._draw()

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self._draw()

    def watch_selected(self) -> None:
        self._draw()

    def watch_armed(self) -> None:
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        mine = {"move", "take", *(c.action for c in self.choices)}
        return self.armed if action in mine else True

    def action_move(self, by: int) -> None:
        self.selected = (self.selected + by) % len(self.choices)

    async def action_take(self) -> None:
        await self.run_action(self.choices[self.selected].action)

    def decide(self, action: str, text: str | None = None) -> None:
        """Send the answer, once."""
        self.armed = False
        self.post_message(self.Decided(self, action, text))

    def hint(self) -> str:
        if not self.has_focus:
            return f"{self._key('prompt.complete')} answers this; your draft stays"
        if not self.armed:
            return "one moment …"
        return f"{first_key('stop', self._keymap)} stops the turn"

    @property
    def _keymap(self) -> dict[str, str]:
        keymap: dict[str, str] = getattr(self.app, "keys", {})
        return keymap

    def _key(self, name: str) -> str:
        return first_key(name, self._keymap)

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        if self.has_class("-busy"):
            return  # an editor or a line for words is open, with a hint of its own
        live = self.armed and self.has_focus
        parts: list[tuple[str, str]] = []
        for index, choice in enumerate(self.choices):
            marked = index == self.selected
            key = self._key(choice.id)
            look = "bold $on-color on $secondary" if live and marked else "$muted" if not live else "$foreground"
            parts.append(("›" if marked else " ", "$secondary bold" if live else "$muted"))
            parts.append((f" {key} ", look if live and marked else "bold $secondary" if live else "$muted"))
            parts.append((f"{choice.label} ", look))
            parts.append((" ", ""))
        self.query_one(".choices", Static).update(Content.assemble(*parts))
        self.border_subtitle = Content(self.hint())
