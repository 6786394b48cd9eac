"""A conversation: questions in, one stream of events out. Every front end consumes the same stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import replace

from codemode_tui.chat import events as ev
from codemode_tui.chat.context import Context
from codemode_tui.chat.correction import Correction, How, Wish, accept
from codemode_tui.chat.gate import Gate, Grant, Reply
from codemode_tui.chat.services import Services
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.chat.signals import Signals
from codemode_tui.chat.steps import Begun
from codemode_tui.chat.turn import Turn
from codemode_tui.engine.api import Force, ModelInfo, OnProgress, Sampling
from codemode_tui.errors import CodemodeError, EngineError, UsageError
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import FileChange
from codemode_tui.store.records import FeedbackKind, Standing

if TYPE_CHECKING:
    from codemode_tui.tools.registry import ToolSpec

CLOSE_SECONDS = 2.0
"""How long the end waits for a turn that is being stopped."""


class Conversation:
    """Turns, one after another, in one workspace with one model.

    All failures of a turn arrive as ``TurnFailed``; only misuse raises.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self._gate = Gate(services)
        self._signals = Signals(
            services.recorder, ((turn.id, turn.messages[0].content) for turn in services.past if turn.messages)
        )
        self._job: Turn | Correction | None = None
        self._loading: asyncio.Future[ModelInfo] | None = None
        self._work: asyncio.Task[None] | None = None
        self._last = ""
        """The turn that began last."""
        self._unsettled: list[Turn] = []
        """Turns whose ends the store could not take."""
        self._answered = bool(services.past)
        """Whether a turn of its session has been done: the store then knows what came before the next one."""
        self._sandbox_name = ""
        self.closed = False

    @property
    def info(self) -> ModelInfo | None:
        """The model that answers; None while it has not been loaded."""
        return self.services.engine.info

    @property
    def workspace(self) -> Path:
        return self.services.workspace

    @property
    def session(self) -> str:
        return self.services.session

    @property
    def sandbox_name(self) -> str:
        """The backend in words; empty until ``probe_sandbox`` has looked."""
        return self._sandbox_name

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def engine_running(self) -> bool:
        """False when the engine was never started, has died or was closed."""
        return self.services.engine.running

    async def start_engine(self, on_progress: OnProgress | None = None) -> ModelInfo:
        """Load the model now instead of at the first question; also the restart after a death."""
        loading = self._loading = asyncio.ensure_future(self.services.engine.start(on_progress))
        try:
            return await loading
        except asyncio.CancelledError:
            if self._loading is loading:  # not stopped: whoever waited is gone
                raise
            raise EngineError("the model is not loaded: you stopped it", hint="a question loads it") from None
        finally:
            if self._loading is loading:
                self._loading = None

    async def probe_sandbox(self) -> str:
        """Find out which backend will run code. Raises ``SandboxError`` when there is none."""
        self._sandbox_name = (await self.services.sandbox()).name
        return self._sandbox_name

    async def ask(
        self, query: str, *, force: Force | None = None, again: str | None = None, go_on: bool = False
    ) -> AsyncGenerator[ev.Event, None]:
        """Stream one turn. Closing the iterator stops it.

        Args:
            query: the question.
            force: the decision that its first message must make.
            again: a stored turn in whose place it stands: what came before that one comes before it.
            go_on: begin with what the model said in ``again`` when it was cut off, and let it say the rest.

        Raises:
            UsageError: the question is empty, another turn is running, or there is nothing to go on with.
        """
        if not query.strip():
            raise UsageError("the question is empty", hint="type one")
        self._check_idle()
        begun = await self._cut_off(again) if again and go_on else None
        context = await self._up_to(again, before=True) if again else self.services.context
        await self._settle()
        self._check_idle()  # another question may have been faster
        before, self.services.context, done = self.services.context, context, not again
        events: asyncio.Queue[ev.Event] = asyncio.Queue()
        turn = Turn(self.services, self._gate, query, force, events.put_nowait, self._signals, begun)
        try:
            async with aclosing(self._stream(turn, events)) as stream:
                async for event in stream:
                    self._last = turn.id or self._last
                    ended = isinstance(event, ev.TurnDone)
                    done, self._answered = done or ended, self._answered or ended
                    yield event
        finally:
            if not turn.settled:
                self._unsettled.append(turn)
            if not done:  # what it was to replace still stands
                self.services.context = before

    async def correct(
        self,
        turn: str,
        how: How,
        *,
        step: int | None = None,
        code: str | None = None,
        answer: str | None = None,
        count: int | None = None,
    ) -> AsyncGenerator[ev.Event, None]:
        """Stream candidates for a stored turn (``correction.Wish``). Closing the iterator stops it.

        Raises:
            UsageError: a turn is running.
        """
        await self._settle()
        self._check_idle()
        events: asyncio.Queue[ev.Event] = asyncio.Queue()
        wish = Wish(turn, how, step, code, answer, self.settings.other_tries if count is None else count)
        correction = Correction(self.services, self._gate, events.put_nowait, wish)
        async with aclosing(self._stream(correction, events)) as stream:
            async for event in stream:
                yield event

    async def accept(self, turn: str, generation: str) -> Standing:
        """Take a candidate: it stands in its message's place, and the turn counts as rated down.

        Raises:
            UsageError: it is neither a whole call nor an answer.
        """
        return await accept(self.services.recorder, turn, generation)

    def reply(self, request: str, answer: Reply) -> None:
        """Answer ``ApprovalWanted`` or ``WriteWanted``."""
        self._gate.reply(request, answer)

    async def stop(self) -> None:
        """Stop the running turn or correction, or the loading of the model, if any."""
        if self._job is not None:
            await self._job.stop()
        elif self._loading is not None:
            loading, self._loading = self._loading, None
            loading.cancel()

    async def undo(self, name: Literal["last", "undone"] = "last") -> tuple[str, list[FileChange]]:
        """Put back what the last run that changed files here has changed, commands aside; or (``undone``) what the last
        undo has. Returns what that is called, and what became of each file.

        Raises:
            UsageError, WorkspaceError: there is none, or it cannot be put back; nothing was touched.
        """
        from codemode_tui.tools.runs import undo_run

        self._check_idle()
        return await asyncio.to_thread(undo_run, name, self.services.workspace)

    async def rate(self, turn: str | None, value: Literal[-1, 0, 1]) -> str | None:
        """Rate a turn (None: the last one); 0 takes the rating in force back. On disk when this returns.

        Returns:
            The id of the rated turn, None when there is no turn yet.
        """
        past = self.services.past
        target = turn or self._last or (past[-1].id if past else "")
        if not target:
            return None
        await self._settle()
        await self.services.recorder.rate(target, value)
        return target

    async def standing(self, turn: str) -> Standing:
        """What is in force of all that was said about a turn."""
        return await self.services.recorder.standing(turn)

    async def add_feedback(self, turn: str, kind: FeedbackKind, body: dict[str, Any]) -> None:
        """A reason, a comment, a review (``store.records``). On disk when this returns."""
        await self.services.recorder.add_feedback(turn, kind, body)

    async def copied(self, turn: str, what: str) -> None:
        """Something of a turn was copied: for whoever wonders later whether it was of use."""
        await self._signals.tell(turn, "copied", what=what)

    async def new_session(self) -> str:
        """Begin an empty session: no earlier message, nothing that was allowed in the one before.

        Raises:
            UsageError: a turn is running.
        """
        self._check_idle()
        session = await self.services.recorder.new_session(self.services.workspace)
        self._check_idle()  # a question may have been faster: its turn stays in the session where it began
        self.services.session = session
        self.services.context, self.services.past = Context(), ()
        self._gate = Gate(self.services)
        self._signals = Signals(self.services.recorder)
        self._last, self._answered = "", False
        return self.services.session

    async def fork(self, turn: str, *, before: bool = False) -> str:
        """Begin a session that knows what was said up to a stored turn; ``before``: without that one.

        Raises:
            UsageError: a turn is running, or this one is not stored.
        """
        self._check_idle()
        context = await self._up_to(turn, before=before)
        session = await self.new_session()
        self.services.context = context
        return session

    def begin_as(self, other: Conversation) -> None:
        """Know what ``other`` does, where both are of one session that began with more than it stores: a fork in which
        nothing has been answered yet."""
        if other.session == self.session and not (other._answered or self._answered):
            said = other.services.context.messages()  # without ids: this model may have another tokenizer
            self.services.context = Context.of([Message(one.role, one.content) for one in said])

    async def _up_to(self, turn: str, *, before: bool) -> Context:
        """What was said until a turn; with token ids only where this model's tokenizer made them."""
        recorder = self.services.recorder
        stored = await recorder.turn(turn)
        tokenizer = self._tokenizer
        made_by = next((one.tokenizer for one in stored.generations), "")
        messages = list(await recorder.context(turn))
        if not tokenizer or made_by != tokenizer:
            messages = [Message(one.role, one.content) for one in messages]
        if not before and stored.state == "done":
            messages += stored.messages(tokenizer)
        return Context.of(messages)

    async def _cut_off(self, turn: str) -> Begun:
        """The one message of a turn, which has no end yet."""
        stored = await self.services.recorder.turn(turn)
        said = stored.generations
        known = len(said) == 1 and said[0].finish_reason == "length" and said[0].tokenizer == self._tokenizer
        if not known or said[0].raw.endswith("\ufffd"):  # half a character, whose rest nobody could put behind it
            raise UsageError("this message cannot go on where it ended", hint="ask again, or ask for the rest")
        return Begun(said[0].raw, said[0].token_ids, said[0].probability)

    @property
    def _tokenizer(self) -> str:
        info = self.services.engine.info
        return (info.tokenizer_sha256 if info else "") or ""

    @property
    def profile(self) -> Profile:
        return self.services.profile

    @property
    def settings(self) -> ChatSettings:
        return self.services.settings

    def sample(self, sampling: Sampling) -> None:
        """Draw differently from the next message on. What was allowed stays allowed, and what was read is not read
        again."""
        self.services.settings = replace(self.services.settings, sampling=sampling)

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What was allowed for this session."""
        return self._gate.grants

    def revoke(self, grant: Grant) -> None:
        """Ask about it again."""
        self._gate.revoke(grant)

    def tools(self) -> tuple[ToolSpec, ...]:
        """What code may call, the tools of MCP servers that are ready too."""
        from codemode_tui.tools.registry import TOOLS, installed

        servers = self.services.servers
        more = servers.specs(None).values() if servers is not None else ()
        return (*TOOLS.values(), *installed(self.workspace).values(), *more)

    async def files(self) -> list[str]:
        """The files of the workspace as code finds them: none that is secret, ignored or hidden."""
        from codemode_tui.tools.finder import Finder
        from codemode_tui.tools.paths import Workspace
        from codemode_tui.tools.types import ToolLimits

        with suppress(OSError, RuntimeError, CodemodeError):  # too many, too slow, gone: nothing is offered
            workspace = Workspace(self.workspace)
            return await Finder(workspace, ToolLimits(search_seconds=5.0, search_files=50_000)).glob("**/*")
        return []

    async def close(self) -> None:
        """Stop the running turn, end the engine's lease, close the store."""
        self.closed = True
        await self.stop()
        if self._work is not None and not self._work.done():
            # What it still has to record needs the store; an engine that hangs ends with its lease.
            await asyncio.wait({self._work}, timeout=CLOSE_SECONDS)
        await self._gate.close()
        if self.services.servers is not None:
            await self.services.servers.close()
        await self.services.engine.close()
        await self._settle()
        self.services.recorder.close()

    async def _settle(self) -> None:
        """Store what ends the store could not take before. One that cannot now says so when it is needed."""
        for turn in self._unsettled:
            with suppress(CodemodeError):
                await turn.settle()
        self._unsettled = [turn for turn in self._unsettled if not turn.settled]

    def _check_idle(self) -> None:
        if self._job is not None:
            raise UsageError("a turn is running", hint="stop it or wait for its end")

    async def _stream(self, job: Turn | Correction, events: asyncio.Queue[ev.Event]) -> AsyncGenerator[ev.Event, None]:
        """Run ``job`` to its end, and yield what it emits into ``events``."""
        self._job = job
        task = self._work = asyncio.create_task(job.run())
        getter: asyncio.Task[ev.Event] | None = None
        try:
            while not (task.done() and events.empty()):
                getter = asyncio.create_task(events.get())
                await asyncio.wait({getter, task}, return_when=asyncio.FIRST_COMPLETED)
                if getter.done():
                    yield getter.result()
                else:
                    getter.cancel()
            task.result()  # a bug in the job is raised here, not swallowed
        finally:
            if getter is not None:
                getter.cancel()
            if not task.done():
                await job.stop()
                with suppress(asyncio.CancelledError):
                    await task
            self._job = None
