"""Carries questions to the conversation and its events to the screen. One turn runs, one question waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemode_tui.front import driver
from codemode_tui.front.driver import Question
from codemode_tui.front.keys import first_key
from codemode_tui.front.ports import Chat

if TYPE_CHECKING:
    from codemode_tui.tui.chat_screen import ChatScreen


class Driver(driver.Driver):
    def __init__(self, chat: Chat, view: ChatScreen) -> None:
        super().__init__(chat, view.status)
        self.view = view
        self.queued: Question | None = None

    async def failed(self, kind: str, message: str, hint: str) -> None:
        await self.view.failed(kind, message, hint)

    def idle(self) -> None:
        self.view.idle()

    @property
    def waits(self) -> bool:
        """A question waits for the model, and is meant for what is on the screen now. Then that is said."""
        if self.queued is not None:
            stop = first_key("stop", self.view.keymap)
            self.view.say(f"a question waits for the model; {stop} takes it back", "warning")
        return self.queued is not None

    def accept(self, question: Question) -> bool:
        """Take a question to be asked now or next. False when one is waiting already."""
        if self.queued is not None:
            return False
        self.queued = question
        self._waits(question)
        return True

    def take_back(self) -> Question | None:
        """The waiting question, which then waits no more."""
        question, self.queued = self.queued, None
        self._waits(None)
        return question

    def _waits(self, question: Question | None) -> None:
        """The first press of the key takes it back."""
        stop = first_key("stop", self.view.keymap)
        self.view.status.stop_key = stop if question is None else f"{stop} {stop}"
        self.view.waiting.show(question)

    async def run(self, question: Question) -> None:
        """One turn, from its question to its end."""
        self.running = True
        card = await self.view.open_turn(question.text, question.force)
        text, force, again, go_on, _ = question
        if again is not None:
            card.replaces = next((one for one in self.view.transcript.cards if one.turn == again), None)
        await self.follow(self.chat.ask(text, force=force, again=again, go_on=go_on), card, self.view.questions)
