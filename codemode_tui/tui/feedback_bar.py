"""What is said about a turn: one line of choices under it, and what follows from each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from codemode_tui.front.acting import UNFINISHED
from codemode_tui.front.corrections import (
    FORCED,
    STRIP,
    Draft,
    cannot,
    likeliest,
    placed,
    rated,
    rating_in_words,
    reason_body,
    recorded,
    with_reason,
)
from codemode_tui.front.keys import first_key
from codemode_tui.front.ports import Chat
from codemode_tui.front.questions import Choice
from codemode_tui.store.records import Standing
from codemode_tui.tui.candidate_card import CandidateCard
from codemode_tui.tui.correcting import Correcting
from codemode_tui.tui.driver import Driver
from codemode_tui.tui.editing import WritingPanel
from codemode_tui.tui.key_strip import KeyStrip
from codemode_tui.tui.open_questions import Desk, OpenQuestions
from codemode_tui.tui.turn_card import TurnCard


class FeedbackBar(Vertical):
    """The line of choices, and in its place what is written. One turn is spoken about at a time."""

    DEFAULT_CSS = """
    FeedbackBar { height: auto; }
    FeedbackBar > KeyStrip { display: none; margin: 0 1; }
    FeedbackBar.-open > KeyStrip { display: block; }
    FeedbackBar.-writing > KeyStrip { display: none; }
    """

    class Said(Message):
        """What is said about a turn has changed, on disk too."""

        def __init__(self, card: TurnCard) -> None:
            super().__init__()
            self.card = card

    def __init__(
        self,
        desk: Desk,
        chat: Chat,
        driver: Driver,
        questions: OpenQuestions,
        choices: Sequence[Choice] = STRIP,
        other: Callable[[str], None] | None = None,
    ) -> None:
        """``other``: gets characters that are no choice (``KeyStrip``)."""
        super().__init__()
        self.desk = desk
        self.chat = chat
        self.questions = questions
        self.other = other
        self.card: TurnCard | None = None
        """The turn that is spoken about."""
        self._written_about: TurnCard | None = None
        """The turn that the editor is about: the key for a thumbs-down may mean another one meanwhile."""
        self._sure_of: TurnCard | None = None
        """The turn whose thumbs-down is taken back by the next press, with the correction that was accepted."""
        self.correcting = Correcting(self, chat, driver, questions)
        away = first_key("prompt.complete", desk.keymap) if other else ""
        self.strip = KeyStrip(choices, desk.keymap, other=other, away=away, second="strip.edit")

    def compose(self) -> ComposeResult:
        yield self.strip

    # -- the rating ----------------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        return self.has_class("-open")

    async def rate(self, card: TurnCard, value: Literal[-1, 1]) -> None:
        """On disk first, then the mark and the toast. Said again it is taken back."""
        if value < 0 and card.rating < 0 and not (self.open and self.card is card):
            self.speak_of(card)
            return
        if self._written_about is card and any(panel.changed for panel in self.query(WritingPanel)):
            self.desk.say(UNFINISHED, "warning")
            self.take_keyboard()
            return
        new: Literal[-1, 0, 1] = 0 if card.rating == value else value
        before = card.standing
        if new == 0 and value < 0 and before.chosen and self._sure_of is not card:
            self._sure_of = card
            self.desk.say("the correction would be lost with it: once more takes both back", "warning")
            return
        if card.turn is None or (now := await rated(self.chat, card.turn, new, self.desk.say)) is None:
            return
        self.stands(card, now)
        name = "thumbs-down" if value < 0 else "thumbs-up"
        self.desk.say(rating_in_words(name, before, now, f"{first_key(name, self.desk.keymap)} undoes"))
        if new < 0:
            self.speak_of(card)
        else:
            await self._silence(card)

    def speak_of(self, card: TurnCard) -> None:
        """Open the line for a turn. It takes the keyboard only where nobody writes and nothing is asked."""
        self.card, self._sure_of = card, None
        self.add_class("-open")
        self._mark()
        if not self.desk.drafting and self.questions.current is None:
            self.take_keyboard()

    def close(self) -> None:
        """Nothing more is said."""
        had_focus = self.has_focus_within
        self.remove_class("-open")
        if had_focus:
            self.desk.keyboard_back()

    def quieten(self) -> None:
        """Close the line; the keyboard stays where it is."""
        self.remove_class("-open")

    async def back(self) -> bool:
        """The innermost thing that is open goes. False when nothing was."""
        if self.query(WritingPanel):
            await self._put_away()
        elif self.open:
            self.close()
        else:
            return False
        return True

    def take_keyboard(self) -> bool:
        """Lead the keyboard to what waits here. False when nothing does."""
        if panel := next(iter(self.query(WritingPanel)), None):
            panel.write()
        elif self.open:
            self.strip.focus()
        elif self.correcting.shown is not None:
            self.correcting.shown.strip.focus()
        else:
            return False
        return True

    async def _silence(self, card: TurnCard) -> None:
        """Nothing is to be said against a turn now. A correction that stands again is seen again."""
        had_focus = self.has_focus_within
        for candidate in card.query(CandidateCard):
            if candidate.generation:
                candidate.display = candidate.generation in card.standing.chosen.values()
            else:
                await self.correcting.remove(candidate)
        if self._written_about is card:
            await self.stop_writing()
        if self.card is card:
            self.quieten()
        if had_focus and not self.take_keyboard():
            self.desk.keyboard_back()

    # -- the choices ---------------------------------------------------------------------------------

    @on(KeyStrip.Chosen)
    async def _chosen(self, event: KeyStrip.Chosen) -> None:
        event.stop()
        await self.choose(event.action)
        self.hear_on(event.strip)

    def hear_on(self, strip: KeyStrip) -> None:
        """After a choice; what was typed behind one that has opened a field is for that."""
        if not self.query(WritingPanel):
            strip.nothing_opened()

    async def choose(self, action: str) -> None:
        """What a key of the line says about the turn."""
        card = self.card
        if card is None or card.turn is None:
            return
        match action:
            case "should_run" | "should_answer":
                if why := cannot(action, card.decided()):
                    self.desk.say(why, "warning")
                elif await self._reason(card, action):
                    self.correcting.start(card, FORCED[action])
            case "edit":
                await self.write(card, card.drafts())
            case "retry":
                self.correcting.start(card, "retry")
            case "comment":
                await self._comment(card)
            case "undo":
                await self.rate(card, -1)
            case "later":
                self.close()
            case _:
                await self._reason(card, action)

    async def _reason(self, card: TurnCard, code: str) -> bool:
        """Say why, or take that back. A wish for the other decision is said once and stays."""
        reasons = with_reason(card.standing.reasons, code)
        if reasons != card.standing.reasons:
            if not await recorded(
                self.chat.add_feedback(card.turn or "", "reason", reason_body(reasons)), self.desk.say
            ):
                return False
            self.stands(card, replace(card.standing, reasons=reasons))
        self._mark()
        return True

    def _mark(self) -> None:
        if self.card is not None:
            self.strip.mark(frozenset(self.card.standing.reasons))

    # -- writing -------------------------------------------------------------------------------------

    async def write(self, card: TurnCard, drafts: list[Draft]) -> None:
        """Open the editor on what is most likely meant."""
        if not self.correcting.free:
            return
        if not drafts:
            self.desk.say("the model said nothing that could be changed", "warning")
            return
        at = likeliest(drafts, card.standing.reasons)
        await self._open(card, WritingPanel(drafts, at))

    async def _comment(self, card: TurnCard) -> None:
        await self._open(card, WritingPanel(comment=card.standing.comment))

    async def _open(self, card: TurnCard, panel: WritingPanel) -> None:
        if self.query(WritingPanel):
            self.desk.say(UNFINISHED, "warning")
            self.take_keyboard()
            return
        self._written_about = card
        await self.mount(panel)
        panel.write()
        self.add_class("-writing")  # the line goes only now: had it the keyboard still, anybody would get that

    async def _put_away(self) -> None:
        """Close the editor; the line is there again."""
        await self.stop_writing()
        if not self.take_keyboard():
            self.desk.keyboard_back()

    async def stop_writing(self) -> None:
        await self.query(WritingPanel).remove()
        self.remove_class("-writing")
        self._written_about = None

    @on(WritingPanel.Left)
    async def _left(self, event: WritingPanel.Left) -> None:
        event.stop()
        await self._put_away()

    @on(WritingPanel.Written)
    async def _written(self, event: WritingPanel.Written) -> None:
        event.stop()
        card, draft = self._written_about, event.draft
        if card is None or card.turn is None:
            return
        if draft is None:
            if await recorded(self.chat.add_feedback(card.turn, "comment", {"text": event.text}), self.desk.say):
                self.stands(card, replace(card.standing, comment=event.text))
                await self._put_away()
        elif any(event.text == one.text and one[:2] == draft[:2] for one in card.drafts()):
            self.desk.say("nothing has been changed yet", "warning")
        elif self.correcting.free:  # else it stays in the editor
            self.correcting.start(card, "edit", placed(draft._replace(text=event.text), card.standing))
            await self.stop_writing()

    # -- helpers -------------------------------------------------------------------------------------

    def stands(self, card: TurnCard, standing: Standing) -> None:
        card.stands(standing)
        self.post_message(self.Said(card))
