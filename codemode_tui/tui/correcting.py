"""From a wish to what stands in a message's place: candidates are made, shown, taken or dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from codemode_tui.chat.correction import How
from codemode_tui.errors import CodemodeError
from codemode_tui.front.corrections import PICKS, Draft, candidates
from codemode_tui.front.keys import first_key
from codemode_tui.front.ports import Chat
from codemode_tui.tui.candidate_card import CandidateCard
from codemode_tui.tui.driver import Driver
from codemode_tui.tui.key_strip import KeyStrip
from codemode_tui.tui.open_questions import OpenQuestions
from codemode_tui.tui.turn_card import TurnCard

if TYPE_CHECKING:
    from codemode_tui.tui.feedback_bar import FeedbackBar


class Correcting:
    """One correction at a time."""

    def __init__(self, speaker: FeedbackBar, chat: Chat, driver: Driver, questions: OpenQuestions) -> None:
        self.speaker = speaker
        self.desk = speaker.desk
        self.chat = chat
        self.driver = driver
        self.questions = questions
        self._shown: CandidateCard | None = None
        self.left = False
        """Something else was asked meanwhile: the next key is not meant for what is shown."""

    @property
    def shown(self) -> CandidateCard | None:
        """What waits for a yes or a no, or is being made."""
        return self._shown if self._shown is not None and self._shown.is_attached else None

    @property
    def free(self) -> bool:
        """Whether something can be corrected now; if not, that is said."""
        if self.driver.running:
            stop = first_key("stop", self.desk.keymap)
            self.desk.say(f"noted; it can be corrected once the turn is over ({stop} stops it)", "warning")
        return not self.driver.running

    def start(self, card: TurnCard, how: How, draft: Draft | None = None) -> None:
        if not self.free:
            return
        self.driver.running = True  # from this key on
        self.left = False
        mine = self.speaker.has_focus_within or (self.shown is not None and self.shown.has_focus_within)
        keyboard = mine or not self.desk.drafting
        card.run_worker(self._candidates(card, how, draft, keyboard), group="turn")

    async def remove(self, shown: CandidateCard) -> None:
        had_focus = shown.has_focus_within
        if shown is self._shown:
            self._shown = None
            if not shown.over:
                await self.chat.stop()
        await shown.remove()
        if had_focus:
            self.desk.keyboard_back()

    async def decided(self, event: KeyStrip.Chosen) -> None:
        """A key of the candidate's own line."""
        shown = self.shown
        if shown is None or not shown.over:
            return
        match event.action:
            case "drop":
                await self.remove(shown)
                self.speaker.speak_of(shown.card)
            case "again":
                self.start(shown.card, "retry" if shown.how == "edit" else shown.how)
            case "edit":
                await self.speaker.write(shown.card, shown.drafts())
                self.speaker.hear_on(event.strip)
            case pick:
                await self._accept(shown, PICKS[pick])

    async def _candidates(self, card: TurnCard, how: How, draft: Draft | None, keyboard: bool) -> None:
        if self.shown is not None:
            await self.remove(self.shown)
        shown = self._shown = CandidateCard(card, how, self.desk.keymap, self.speaker.other, draft)
        stop = first_key("stop", self.desk.keymap)
        shown.strip.offer((), note=Content.styled(f"{stop} stops", "$muted"))
        await card.mount(shown)
        if keyboard:
            shown.strip.focus(scroll_visible=False)  # it has no place yet, and would be looked for at the top
        self.speaker.quieten()
        shown.call_after_refresh(shown.scroll_visible, animate=False)  # it has no place yet
        await self.driver.follow(candidates(self.chat, card.turn or "", how, draft), shown, self.questions)
        if not shown.is_attached:
            return
        if draft is not None and draft.kind == "answer" and shown.ready:
            await self._accept(shown, 0)  # whoever wrote it means it
            return
        await shown.finish(self.questions.guard)
        if not self.desk.drafting and self.questions.current is None:
            shown.strip.focus(scroll_visible=False)
        # Of what is higher than the screen the choices are seen: the rest scrolls.
        shown.call_after_refresh(shown.call_after_refresh, self._reveal, shown)

    def _reveal(self, shown: CandidateCard) -> None:
        """Its choices, if it still has them: what is gone would be looked for at the top of everything."""
        if shown is self._shown and shown.strip.is_attached:
            shown.strip.scroll_visible(animate=False)

    async def _accept(self, shown: CandidateCard, at: int) -> None:
        card = shown.card
        if card.turn is None or at >= len(shown.ready):
            return
        chosen = shown.ready[at]
        try:
            standing = await self.chat.accept(card.turn, chosen.generation)
        except CodemodeError as error:
            self.desk.say(f"not accepted: {error.line()}", "error")
            return
        had_focus = shown.has_focus_within
        self._shown = None
        for earlier in card.query(CandidateCard):
            if earlier is not shown and earlier.step >= chosen.step:
                await earlier.remove()  # something else stands in its place
        await shown.taken(chosen, standing)
        self.speaker.stands(card, standing)
        self.desk.say("corrected · verified" if standing.verified else "corrected")
        if chosen.code is not None and chosen.verified and not self.driver.running:
            self.start(card, "continue")  # what would it have said after that run?
        elif had_focus:
            self.desk.keyboard_back()
