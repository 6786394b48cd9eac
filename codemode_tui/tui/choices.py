"""A question in a panel above the prompt, answered by one key. Never by accident.

The panel ignores keys for half a second after it appears, longer while somebody is typing; the marked
choice is the one that does nothing; and it takes the focus only from an empty prompt. The choices are
always on the screen: on a low terminal what they depend on scrolls. Whoever has the keyboard has the room:
what is typed in the prompt, and the line below it, stay on the screen with a panel above them.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from codemode_tui.commands import at
from codemode_tui.front.keys import first_key
from codemode_tui.front.questions import Choice, Fact
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.tui.flow import Flow, flowed

HEIGHTS = [(0, "-low"), (18, "-short"), (32, "-tall")]
"""Rows of the terminal from which on a screen has this class. On a low one a question leaves no room for anything
else."""
_ANSWERS = frozenset(one.action for one in at("confirm", "write"))


class Whole(Vertical):
    """As high as what is in it: the panel scrolls."""

    DEFAULT_CSS = "Whole { height: auto; background: $surface; }"


class ChoicePanel(Vertical, can_focus=True):
    """Base: a title, what subclasses show, a row of choices, a hint."""

    DEFAULT_CSS = """
    ChoicePanel {
        height: auto; max-height: 40vh; margin: 0 1; padding: 0 1;
        border: round $faint; border-title-color: $muted; border-subtitle-color: $muted;
        background: $surface;
        &:focus, &:focus-within { max-height: 70vh; border: round $secondary; border-title-color: $secondary; }
        Static { background: $surface; }
        .body { height: auto; max-height: 100%; background: $surface; scrollbar-size-vertical: 1; }
        .choices { dock: bottom; margin-top: 1; }
    }
    .-low ChoicePanel .choices { margin-top: 0; }
    """
    SCOPED_CSS = False  # the screen says how low it is
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", show=False),
        Binding("enter", "take", show=False),
        Binding("up", "scroll_body(-1)", show=False),
        Binding("down", "scroll_body(1)", show=False),
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

    class Settled(Message):
        """It has taken its room, or another."""

    def __init__(self, title: str, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self.border_title = Content(title)
        self.choices = choices
        self._pause = 0.0
        self._arming: Timer | None = None
        self.set_reactive(ChoicePanel.selected, [c.id for c in choices].index(self.SAFE))

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False, classes="body"):
            yield self.facts()
        yield Flow(classes="choices")

    def facts(self) -> Widget:
        """What the answer depends on."""
        return Static("")

    def arm_after(self, seconds: float, pause: float = 0.0) -> None:
        """Accept keys only after that long, and ``pause`` seconds after the last key that came too early."""
        self._pause = pause
        if seconds <= 0:
            self.armed = True
        else:
            self._arming = self.set_timer(seconds, lambda: setattr(self, "armed", True))

    def on_key(self, event: events.Key) -> None:
        """Somebody types on who has not seen the question yet: wait until that is over."""
        if not self.armed and event.is_printable and self._arming is not None and self._pause:
            self._arming.stop()
            self.arm_after(self._pause, self._pause)

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)  # whether there is something to scroll is known then
        self.post_message(self.Settled())

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self._draw()

    def watch_selected(self) -> None:
        self._draw()

    def watch_armed(self) -> None:
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("move", "take", *(choice.action for choice in self.choices)):
            return self.armed and not self.has_class("-busy")  # what is being written is the answer then
        return action not in _ANSWERS  # what is not offered is no answer either

    def take_keyboard(self) -> None:
        """Lead the keyboard here, or to what is open in here."""
        self.focus()

    def action_move(self, by: int) -> None:
        self.selected = (self.selected + by) % len(self.choices)

    def action_scroll_body(self, by: int) -> None:
        body = self.query_one(".body", VerticalScroll)
        body.scroll_relative(y=min(3, body.size.height) * by, animate=False)  # no line is passed over

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
        scroll = "↑ ↓ scroll · " if self.query_one(".body", VerticalScroll).max_scroll_y else ""
        return f"{scroll}{first_key('stop', self._keymap)} stops it"

    @property
    def _keymap(self) -> dict[str, str]:
        keymap: dict[str, str] = getattr(self.app, "keys", {})
        return keymap

    def _key(self, name: str) -> str:
        return first_key(name, self._keymap)

    def _draw(self) -> None:
        if not self.is_mounted or not self.is_attached:
            return
        if self.has_class("-busy"):
            return  # an editor or a line for words is open, with a hint of its own
        drawn = [self._drawn(choice, marked=index == self.selected) for index, choice in enumerate(self.choices)]
        self.query_one(".choices", Flow).flow(lambda width: flowed(drawn, width))
        self.border_subtitle = Content(self.hint())

    def _drawn(self, choice: Choice, *, marked: bool) -> Content:
        live = self.armed and self.has_focus
        look = "bold $on-color on $secondary" if live and marked else "$foreground" if live else "$muted"
        return Content.assemble(
            ("›" if marked else " ", "$secondary bold" if live else "$muted"),
            (f" {self._key(choice.id)} ", look if live and marked else "bold $secondary" if live else "$muted"),
            (f"{choice.label} ", look),
            " ",
        )


def warning_line(text: str) -> Content:
    return Content.assemble(("▲ ", "$warning bold"), (one_line(text), "$warning"))


def fact_line(fact: Fact) -> Content:
    if not fact.name:
        return warning_line(fact.text)
    return Content.assemble((f"{fact.name:<7}", "$muted"), (fact.text, f"${fact.color}"))
