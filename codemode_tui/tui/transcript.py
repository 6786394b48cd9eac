"""The turns, newest last. Stays at the end until somebody scrolls up; bounded, whatever was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Offset, Region
from textual.widget import Widget
from textual.widgets import Static

from codemode_tui.tui.gone import let_go
from codemode_tui.tui.turn_card import TurnCard

KEPT = 20
"""Turns with widgets; older ones are in the store. Whatever grows lays all of them out anew, which three times as many
make three times as slow."""
PAGE = 10
"""Turns that are brought back at a time."""
MOST = 100
"""And at once, when one of them is looked for."""
EDGE = 3
"""Lines of padding and margin that may come after the last thing of the last turn."""
Load = Callable[[str], Awaitable[tuple[TurnCard, Callable[[], Awaitable[None]]] | None]]
"""A stored turn: its card, and what fills that once it is on the screen."""


class Transcript(VerticalScroll, can_focus=False):
    DEFAULT_CSS = """
    Transcript { height: 1fr; padding: 1 1 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    Transcript > .dropped { color: $muted; margin-bottom: 1; padding: 0 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.older: list[str] = []
        """Stored turns of this session that come before those on the screen, oldest first."""
        self.load: Load | None = None
        self._reading = asyncio.Lock()
        """Held while some of them are brought back: two at once would bring the same."""
        self.follows = True
        """Nobody has scrolled away from the end."""

    def on_mount(self) -> None:
        self.anchor()

    def on_resize(self) -> None:
        """Textual keeps to an end that it works out from the height of before."""
        if self.follows:
            self.anchor()

    @property
    def cards(self) -> list[TurnCard]:
        return [child for child in self.children if isinstance(child, TurnCard)]

    @property
    def focused_card(self) -> TurnCard | None:
        """The card with the focus, in which something has it, or that the line of keys with the focus is about."""
        node = self.screen.focused
        while node is not None and not isinstance(node, TurnCard):
            about = getattr(node, "card", None)
            node = about or (node.parent if isinstance(node.parent, Widget) else None)
        return node

    @property
    def chosen(self) -> TurnCard | None:
        """The turn that a command means: the focused one, else the last."""
        cards = self.cards
        return self.focused_card or (cards[-1] if cards else None)

    async def add(self, card: Widget) -> None:
        """Show ``card`` at the end, and let go of what is long past. Who reads further up goes on reading."""
        await self.mount(card)
        for old in self.cards[:-KEPT] if self.follows else ():
            if old.turn is not None:
                self.older.append(old.turn)
            parts = old.walk_children(Widget, with_self=True)
            await old.remove()
            let_go(parts)
        await self._tell()

    async def cut(self, card: TurnCard, *, before: bool) -> None:
        """Take what comes after ``card`` off the screen; ``before``: and the card."""
        at = self.children.index(card) + (not before)
        await self.remove_children(self.children[at:])

    async def empty(self) -> None:
        self.older = []
        await self.remove_children()

    # -- what is further up ----------------------------------------------------------------------------

    def anchor(self, anchor: bool = True) -> None:
        super().anchor(anchor)
        self.follows = anchor

    def release_anchor(self) -> None:
        super().release_anchor()
        self.follows = False

    def scroll_to_region(self, region: Region, **how: Any) -> Offset:  # noqa: ANN401 - as Textual has it
        """What is seen at the end is gone to by following it: what grows would push it out of sight again."""
        height = self.virtual_size.height
        ends = region.y >= height - self.scrollable_content_region.height or region.bottom >= height - EDGE
        if self.follows and ends and not (how.get("top") or how.get("center")):
            before = self.scroll_offset
            self.anchor()
            return self.scroll_offset - before
        return super().scroll_to_region(region, **how)

    def scroll_to(self, x: float | None = None, y: float | None = None, **how: Any) -> None:  # noqa: ANN401 - as Textual
        """Who goes to the end follows it. Textual notices only what moves, and at the end nothing does."""
        if y is not None and y >= self.max_scroll_y:
            self.anchor()
        else:
            super().scroll_to(x, y, **how)

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        self.follows = self.follows or new >= self.max_scroll_y
        if new <= 0 < old and self.older:
            self.page_back()

    def page_back(self) -> None:
        """Bring back some of the turns that came before."""
        if self.older and self.load is not None and not self._reading.locked():
            self.run_worker(self._page_back(self.load), group="older")

    async def _page_back(self, load: Load) -> None:
        async with self._reading:
            await self._brought_back(load)

    async def _brought_back(self, load: Load, count: int = PAGE) -> None:
        first, ids = next(iter(self.cards), None), self.older[-count:]
        cards = [found for id_ in ids if (found := await load(id_)) is not None]
        if first is None or first.parent is not self:  # emptied while they were read
            return
        self.older = [one for one in self.older if one not in ids]
        if not cards:
            return
        below = self.virtual_size.height - self.scroll_offset.y
        self.release_anchor()
        with self.app.batch_update():
            await self.mount(*(card for card, _ in cards), before=first)
            for _, fill in cards:
                await fill()
            await self._tell()
        # What was read stays where it was.
        self.call_after_refresh(lambda: self.scroll_to(y=self.virtual_size.height - below, animate=False))

    async def reach(self, turn: str) -> TurnCard | None:
        """The card of a stored turn of this session, brought back where it is not long past."""
        async with self._reading:
            if turn in self.older[-MOST:] and self.load is not None:
                await self._brought_back(self.load, len(self.older) - self.older.index(turn))
        return next((card for card in self.cards if card.turn == turn), None)

    async def _tell(self) -> None:
        await self.query(".dropped").remove()
        if self.older:
            text = f"⋯ {len(self.older):,} earlier turns: scroll up"
            await self.mount(Static(Content(text), classes="dropped"), before=0)

    def step_focus(self, by: int) -> TurnCard | None:
        """The card above (-1) or below (1) the focused one; None below the last."""
        cards = self.cards
        if not cards:
            return None
        focused = self.focused_card
        if by < 0 and focused is cards[0]:
            self.page_back()
        at = cards.index(focused) + by if focused in cards else len(cards) - 1 if by < 0 else len(cards)
        return cards[max(0, at)] if at < len(cards) else None
