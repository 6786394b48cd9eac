"""Carries questions to the conversation and its events to the screen. One turn runs, one question waits."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from codemode_tui.chat import events as ev
from codemode_tui.engine.api import Force, Progress
from codemode_tui.errors import CodemodeError
from codemode_tui.front.pacing import paced
from codemode_tui.front.ports import Chat
from codemode_tui.tui.status import StatusLine
from codemode_tui.tui.turn_card import TurnCard

ENDS = ev.RunFinished | ev.TurnDone | ev.TurnFailed | ev.CandidateReady | ev.CorrectionFailed
"""After these no question is open."""


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

    async def wanted(self, event: ev.ApprovalWanted | ev.WriteWanted | ev.CallWanted) -> None: ...

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
        self._tokens = 0
        self._since = 0.0

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
        status = self.view.status
        status.state = "reading" if progress.phase == "prefill" else "loading"
        status.progress = progress.done / progress.total if progress.total else None

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
            async for batch in paced(self._counted(source)):
                for event in batch:
                    self._tell(event)
                    await shown.apply(event)
                    if isinstance(event, ev.ApprovalWanted | ev.WriteWanted | ev.CallWanted):
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

    def _tell(self, event: ev.Event) -> None:
        """Keep the status line true."""
        status = self.view.status
        if status.state == "stopping" and not isinstance(event, ev.StepParsed):
            return
        match event:
            case ev.Waiting():
                self._progress(Progress(event.phase, event.done, event.total))
            case ev.Likelihood() | ev.TextDelta() | ev.CodeDelta():
                status.state, status.progress = "writing", None
                status.rate = self._rate() or status.rate
            case ev.StepParsed():
                usage = event.usage
                status.state = "thinking"
                status.rate = usage.decode_tps or status.rate
                status.used = usage.prompt_tokens + usage.generated_tokens
                status.limit = usage.context_limit or status.limit
            case ev.ApprovalWanted() | ev.WriteWanted() | ev.CallWanted():
                status.state = "asking"
            case ev.RunStarted():
                status.state = "running"
            case ev.RunFinished():
                status.state = "thinking"
                status.attempt += event.outcome.status not in ("ok", "denied", "not_run")

    async def _counted(self, source: AsyncIterator[ev.Event]) -> AsyncIterator[ev.Event]:
        """``source``, with its tokens counted as they arrive: the live rate."""
        async for event in source:
            if isinstance(event, ev.Likelihood):
                self._tokens, self._since = 0, time.monotonic()
            elif isinstance(event, ev.RawDelta):
                self._tokens += 1
            yield event

    def _rate(self) -> float:
        passed = time.monotonic() - self._since
        return self._tokens / passed if self._tokens >= 8 and passed > 0.2 else 0.0
