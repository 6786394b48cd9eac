"""Carries the events of a conversation to whoever shows them, and keeps the status true."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import NamedTuple, Protocol

from codemode_tui.chat import events as ev
from codemode_tui.engine.api import Force
from codemode_tui.errors import CodemodeError
from codemode_tui.front.pacing import paced
from codemode_tui.front.ports import Chat
from codemode_tui.front.questions import ENDS, Wanted
from codemode_tui.front.status import Speed, Status, advance, tell


class Question(NamedTuple):
    text: str
    force: Force | None = None
    again: str | None = None
    """The turn in whose place it stands."""
    go_on: bool = False
    """With what that one had said when it was cut off."""
    shown: str = ""
    """As it was written, large pastes folded; empty for the same."""

    @property
    def written(self) -> str:
        """As somebody would write it."""
        return f"/{self.force} {self.text}" if self.force else self.text


class Shown(Protocol):
    """What shows the events of a turn, or of a correction."""

    def apply(self, event: ev.Event) -> Awaitable[None] | None: ...

    def fail(self, kind: str, message: str, hint: str) -> Awaitable[None] | None: ...


class Asking(Protocol):
    """Where questions are put."""

    async def wanted(self, event: Wanted) -> None: ...

    async def settled(self) -> None:
        """No question is open any more."""
        ...


class Driver:
    """Base of what each front end has: one turn runs at a time."""

    def __init__(self, chat: Chat, status: Status) -> None:
        self.chat = chat
        self.status = status
        self.loading = False
        self.running = False
        self.renewing = False
        """A session is about to begin: what is asked from here on is its first question."""
        self._speed = Speed()

    @property
    def busy(self) -> bool:
        return self.loading or self.running or self.renewing

    async def failed(self, kind: str, message: str, hint: str) -> None:
        """Show what went wrong outside a turn."""
        raise NotImplementedError

    def idle(self) -> None:
        """A turn or the loading has ended: the next question may go."""
        raise NotImplementedError

    def changed(self) -> None:
        """The status has changed, for whoever does not see that by itself."""

    async def load(self) -> None:
        """Load the model. A failure is shown; a question or the restart key tries again."""
        chat, status = self.chat, self.status
        self.loading = True
        status.state, status.progress = "loading", None
        wrong: CodemodeError | None = None
        try:
            status.info = await chat.start_engine(lambda progress: advance(status, progress))
            status.limit = status.limit or status.info.context_limit
        except CodemodeError as error:
            wrong = error
        finally:
            if chat is self.chat:
                self.loading, status.progress = False, None
        if chat is not self.chat:
            return  # another conversation has taken its place, and closed it
        if wrong is not None:
            status.state = "failed"
            await self.failed(wrong.title, wrong.message, wrong.hint)
        elif not self.running:
            status.state = "ready"
        self.changed()
        self.idle()

    def look_after_engine(self) -> None:
        """Notice an engine that died while nothing was asked."""
        if not self.busy and self.status.state == "ready" and not self.chat.engine_running:
            self.status.state = "dead"
            self.changed()

    async def follow(self, source: AsyncIterator[ev.Event], shown: Shown, asking: Asking) -> None:
        """Show a turn, or a correction, to its end. What goes wrong in it is shown too."""
        self.running = True
        status = self.status
        status.state, status.progress, status.attempt = "thinking", None, 1
        try:
            async for batch in paced(self._speed.counted(source)):
                for event in batch:
                    tell(status, event, self._speed.rate)
                    await _done(shown.apply(event))
                    if isinstance(event, Wanted):
                        await asking.wanted(event)
                    elif isinstance(event, ENDS):
                        await asking.settled()
                self.changed()
        except CodemodeError as error:
            await _done(shown.fail("error", error.message, error.hint))
        except Exception as error:  # a bug must not take the terminal and the draft with it
            await _done(
                shown.fail("error", f"unexpected {type(error).__name__}: {error}", "run with --debug and report it")
            )
        finally:
            self.running = False
            status.progress = None
            status.info = self.chat.info or status.info
            if not self.loading:
                status.state = "ready" if self.chat.engine_running else "dead" if status.info else "failed"
        await asking.settled()
        self.changed()
        self.idle()


async def _done(work: Awaitable[None] | None) -> None:
    if work is not None:
        await work
