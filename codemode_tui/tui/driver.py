"""Carries questions to the conversation and its events to the screen. One turn runs, one question waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from codemode_tui.chat import events as ev
from codemode_tui.engine.api import Force, Progress
from codemode_tui.errors import CodemodeError
from codemode_tui.front.pacing import paced
from codemode_tui.front.ports import Chat
from codemode_tui.front.questions import ENDS, Wanted
from codemode_tui.front.status import Speed, advance, tell
from codemode_tui.tui.status import StatusLine
from codemode_tui.tui.turn_card import TurnCard


class Question(NamedTuple):
    text: str
    force: Force | None = None
    again: str | None = None
    """The turn in whose place it stands."""
    go_on: bool = False
    """With what that one had said when it was cut off."""


class Shown(Protocol):
    """What shows the events of a turn, or of a correction."""

    async def apply(self, event: ev.Event) -> None: ...

    async def fail(self, kind: str, message: str, hint: str) -> None: ...


class Asking(Protocol):
    """Where questions are put."""

    async def wanted(self, event: Wanted) -> None: ...

    async def settled(self) -> None:
        """No question is open any more."""
        ...


class View(Protocol):
    """What the driver needs of the screen."""

    @property
    def questions(self) -> Asking: ...

    @property
    def status(self) -> StatusLine: ...

    async def open_turn(self, question: str) -> TurnCard: ...

    async def failed(self, kind: str, message: str, hint: str) -> None: ...

    def waiting(self, question: Question | None) -> None: ...

    def idle(self) -> None:
        """A turn or the loading has ended: the next question may go."""
        ...


class Driver:
    def __init__(self, chat: Chat, view: View) -> None:
        self.chat = chat
        self.view = view
        self.loading = False
        self.running = False
        self.queued: Question | None = None
        self._speed = Speed()

    @property
    def busy(self) -> bool:
        return self.loading or self.running

    # -- the engine --------------------------------------------------------------------------------

    async def load(self) -> None:
        """Load the model. A failure is shown; a question or the restart key tries again."""
        status = self.view.status
        self.loading = True
        status.state, status.progress = "loading", None
        try:
            status.info = await self.chat.start_engine(self._progress)
            status.limit = status.limit or status.info.context_limit
            if not self.running:
                status.state = "ready"
        except CodemodeError as error:
            status.state = "failed"
            await self.view.failed(getattr(error, "title", "engine"), error.message, error.hint)
        finally:
            self.loading = False
            status.progress = None
        self.view.idle()

    def look_after_engine(self) -> None:
        """Notice an engine that died while nothing was asked."""
        if not self.busy and self.view.status.state == "ready" and not self.chat.engine_running:
            self.view.status.state = "dead"

    def _progress(self, progress: Progress) -> None:
        advance(self.view.status, progress)

    # -- turns -------------------------------------------------------------------------------------

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
        text, force, again, go_on = question
        await self.follow(self.chat.ask(text, force=force, again=again, go_on=go_on), card, self.view.questions)

    async def follow(self, source: AsyncIterator[ev.Event], shown: Shown, asking: Asking) -> None:
        """Show a turn, or a correction, to its end. What goes wrong in it is shown too."""
        self.running = True
        status = self.view.status
        status.state, status.progress, status.attempt = "thinking", None, 1
        try:
            async for batch in paced(self._speed.counted(source)):
                for event in batch:
                    tell(status, event, self._speed.rate)
                    await shown.apply(event)
                    if isinstance(event, Wanted):
                        await asking.wanted(event)
                    elif isinstance(event, ENDS):
                        await asking.settled()
        except CodemodeError as error:
            await shown.fail("error", error.message, error.hint)
        except Exception as error:  # a bug must not take the terminal and the draft with it
            await shown.fail("error", f"unexpected {type(error).__name__}: {error}", "run with --debug and report it")
        finally:
            self.running = False
            status.progress = None
            status.info = self.chat.info or status.info
            if not self.loading:
                status.state = "ready" if self.chat.engine_running else "dead" if status.info else "failed"
        await asking.settled()
        self.view.idle()
