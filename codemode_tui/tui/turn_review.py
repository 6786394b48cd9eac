"""The review of what was rated down and not corrected yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult

from codemode_tui.front.corrections import STRIP
from codemode_tui.front.ports import Records
from codemode_tui.front.questions import Choice
from codemode_tui.front.replay import events_of
from codemode_tui.front.review_queue import Waiting, read_queue
from codemode_tui.store.records import Review, Standing
from codemode_tui.tui.candidate_card import show_accepted
from codemode_tui.tui.feedback_bar import FeedbackBar
from codemode_tui.tui.key_strip import KeyStrip
from codemode_tui.tui.open_questions import OpenQuestions
from codemode_tui.tui.review_screen import Entry, ReviewScreen
from codemode_tui.tui.turn_card import TurnCard

if TYPE_CHECKING:
    from codemode_tui.tui.app import CodemodeApp

CHOICES = (*STRIP[:-1], Choice("review.skip", "skip"), Choice("review.drop", "drop"))


class TurnReview(ReviewScreen):
    EMPTY = "Turns that you rate down wait here until they are corrected."

    def __init__(self, owner: CodemodeApp, records: Records) -> None:
        super().__init__(owner)
        self.records = records
        self.waiting: list[Waiting] = []
        self._questions = OpenQuestions(self, owner.chat, owner.main.guard)
        self._bar = FeedbackBar(self, owner.chat, owner.main.driver, self._questions, CHOICES)

    @property
    def bar(self) -> FeedbackBar:
        return self._bar

    @property
    def questions(self) -> OpenQuestions:
        return self._questions

    def bars(self) -> ComposeResult:
        yield self._questions
        yield self.bar

    async def load(self) -> list[Entry]:
        self.waiting = await read_queue(self.records, self.owner.chat.workspace)
        return [Entry(one.query, one.state, one.why) for one in self.waiting]

    async def show(self, at: int) -> None:
        turn = self.waiting[at].turn
        self.bar.card = None  # a key that comes while it is filled is not for the one before
        stored = await self.records.turn(turn)
        card = TurnCard(stored.query)
        await self.bar.stop_writing()
        await self.pane.remove_children()
        await self.pane.mount(card)
        for event in events_of(stored):
            await card.apply(event)
        await show_accepted(card, self.records, self.keymap)
        self.pane.scroll_home(animate=False)
        self._speak(card)

    def keyboard_back(self) -> None:
        if self._questions.current is not None:
            self._questions.current.focus()
        elif not self.bar.take_keyboard() and self.chosen is not None:
            self._speak(self.chosen)

    async def action_skip(self) -> None:
        await self._reviewed("skipped")

    async def action_drop(self) -> None:
        await self._reviewed("dropped")

    async def _reviewed(self, state: Review) -> None:
        card, at = self.chosen, self.at
        if card is None or card.turn is None or card.turn != self.waiting[at].turn:
            return
        if self.busy() or self.writing:
            return

        async def on() -> None:
            self.bar.stands(card, replace(card.standing, review=state))
            await self.go(at + 1)

        await self.attempt(self.owner.chat.add_feedback(card.turn, "review", {"state": state}), on)

    async def action_leave(self) -> None:
        if await self._questions.back():
            return
        if self.owner.main.driver.running:
            await self.owner.chat.stop()
        else:
            await super().action_leave()

    @on(FeedbackBar.Said)
    def _said(self, event: FeedbackBar.Said) -> None:
        """The list follows, and the turn in the conversation if it is there."""
        standing: Standing = event.card.standing
        for card in self.owner.main.transcript.cards:
            if card.turn == event.card.turn:
                card.stands(standing)
        at = next((at for at, one in enumerate(self.waiting) if one.turn == event.card.turn), None)
        if at is not None and self.entries[at].state != standing.state:
            self.changed(at, self.entries[at]._replace(state=standing.state))

    @on(KeyStrip.Chosen)
    async def _decided(self, event: KeyStrip.Chosen) -> None:
        await self.bar.correcting.decided(event)

    def _speak(self, card: TurnCard) -> None:
        """The line is there for whatever is rated down."""
        if card.rating < 0:
            self.bar.speak_of(card)
        else:
            self.bar.quieten()
            self.set_focus(None)
