"""What can be done with a turn: a line of keys while one is chosen, the next steps where one came to nothing."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from codemode_tui.front.keys import first_key
from codemode_tui.front.questions import Choice
from codemode_tui.protocol.types import Decision
from codemode_tui.tui.key_strip import KeyStrip
from codemode_tui.tui.turn_card import TurnCard

CHOICES = (
    Choice("turn.go-on", "let it go on", "go on"),
    Choice("turn.again", "ask again"),
    Choice("turn.tool", "make it run code", "run code"),
    Choice("turn.direct", "make it answer", "answer"),
    Choice("turn.edit", "edit the question", "edit"),
    Choice("turn.run", "run the code again", "rerun"),
    Choice("turn.fork", "fork from here", "fork"),
    Choice("turn.copy", "copy"),
    Choice("turn.copy-code", "copy code", "code"),
    Choice("turn.copy-output", "copy output", "output"),
    Choice("turn.open", "open in $EDITOR", "$EDITOR"),
    Choice("turn.raw", "verbatim"),
    Choice("turn.prompt", "prompt"),
)


class TurnMenu(KeyStrip):
    DEFAULT_CSS = """
    TurnMenu { display: none; margin: 0 1; }
    TurnMenu.-shown { display: block; }
    """

    def __init__(self, keymap: dict[str, str], other: Callable[[str], None]) -> None:
        super().__init__((), keymap, other=other, second="turn.copy")
        self.card: TurnCard | None = None

    def speak_of(self, card: TurnCard) -> None:
        """All that can be done with ``card``, which has the focus."""
        self._show(card, can_be_done(card), "enter", Content(""))
        card.add_class("-chosen")

    def suggest(self, card: TurnCard | None) -> None:
        """The next steps after ``card``, the newest turn, if it came to nothing; else the line goes."""
        odd = card is not None and card.over and not card.superseded and card.troubled
        if card is None or not odd:
            self._forget()
            self.remove_class("-shown")
        else:
            key = first_key("prompt.complete", self.keymap)
            self._show(card, _next_steps(card), key, Content.styled(" next:", "bold $warning"))

    @property
    def chooses(self) -> bool:
        """Somebody is about to press one of its keys."""
        return self.has_focus and self.has_class("-shown")

    def take_keyboard(self) -> bool:
        """Lead the keyboard here; False when nothing is shown."""
        if self.has_class("-shown"):
            self.focus()
        return self.has_class("-shown")

    def _forget(self) -> None:
        if self.card is not None:
            self.card.remove_class("-chosen")
        self.card = None

    def _show(self, card: TurnCard, actions: set[str], away: str, note: Content) -> None:
        self._forget()
        self.card, self.away = card, away
        self.offer([choice for choice in CHOICES if choice.action in actions], note=note)
        self.add_class("-shown")


def _next_steps(card: TurnCard) -> set[str]:
    if card.failed:
        return {"again", "edit"}
    broken = card.last_step is not None and card.last_step.badge.decision in (Decision.MALFORMED, Decision.TRUNCATED)
    return {"again", "tool", "raw", *(["go_on"] if card.goes_on else ()), *(["direct"] if broken else ())}


def can_be_done(card: TurnCard) -> set[str]:
    """Actions of the choices that fit."""
    if not card.over:
        return {"copy", "raw"}
    decided = card.decided()
    never = {
        "go_on": not card.goes_on,
        "tool": Decision.TOOL in decided,
        "direct": not decided - {Decision.DIRECT},
        "run": not card.called,
        "copy_code": not card.code,
        "copy_output": not card.printed,
    }
    return {choice.action for choice in CHOICES if not never.get(choice.action)}
