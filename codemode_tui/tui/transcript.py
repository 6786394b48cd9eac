"""The turns, newest last. Stays at the end until somebody scrolls up; bounded, whatever was asked."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from codemode_tui.tui.turn_card import TurnCard

KEPT = 60
"""Turns with widgets; older ones are in the store."""


class Transcript(VerticalScroll, can_focus=False):
    DEFAULT_CSS = """
    Transcript { height: 1fr; padding: 1 1 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    Transcript > .dropped { color: $faint; margin-bottom: 1; padding: 0 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._dropped = 0

    def on_mount(self) -> None:
        self.anchor()

    @property
    def cards(self) -> list[TurnCard]:
        return [child for child in self.children if isinstance(child, TurnCard)]

    @property
    def focused_card(self) -> TurnCard | None:
        """The card with the focus, or in which something has it."""
        node = self.screen.focused
        while node is not None and not isinstance(node, TurnCard):
            node = node.parent if isinstance(node.parent, Widget) else None
        return node

    @property
    def chosen(self) -> TurnCard | None:
        """The turn that a command means: the focused one, else the last."""
        cards = self.cards
        return self.focused_card or (cards[-1] if cards else None)

    async def add(self, card: Widget) -> None:
        """Show ``card`` at the end, and let go of what is long past."""
        await self.mount(card)
        old = self.cards[:-KEPT]
        if old:
            self._dropped += len(old)
            for card_ in old:
                await card_.remove()
            await self.query(".dropped").remove()
            note = Static(Content(f"⋯ {self._dropped} earlier turns are in this session's record"), classes="dropped")
            await self.mount(note, before=0)
        self.anchor()

    async def empty(self) -> None:
        self._dropped = 0
        await self.remove_children()

    def step_focus(self, by: int) -> TurnCard | None:
        """The card above (-1) or below (1) the focused one; None below the last."""
        cards = self.cards
        if not cards:
            return None
        focused = self.focused_card
        at = cards.index(focused) + by if focused in cards else len(cards) - 1 if by < 0 else len(cards)
        return cards[max(0, at)] if at < len(cards) else None
