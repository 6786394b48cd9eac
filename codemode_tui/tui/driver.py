"""Carries questions to the conversation and its events to the screen. One turn runs, one question waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemode_tui.front import driver
from codemode_tui.front.driver import Question
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

    def accept(self, question: Question) -> bool:
        """Take a question to be asked now or next. False when one is waiting already."""
        if self.queued is not None:
            return False
        self.queued = question
        self.view.waiting(question)
        return True

    def take_back(self) -> Question | None:
        """The waiting question, which then waits no more."""
        question, self.queued = self.queued, None
        self.view.waiting(None)
        return question

    async def run(self, question: Question) -> None:
        """One turn, from its question to its end."""
        self.running = True
        card = await self.view.open_turn(question.text)
        text, force, again, go_on, _ = question
        for before in self.view.transcript.cards:
            if again is not None and before.turn == again:
                before.supersede()
        await self.follow(self.chat.ask(text, force=force, again=again, go_on=go_on), card, self.view.questions)
