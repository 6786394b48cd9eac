"""A conversation: questions in, one stream of events out. Every front end consumes the same stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from codemode_tui.chat import events as ev
from codemode_tui.chat.context import Context
from codemode_tui.chat.gate import Gate, Reply
from codemode_tui.chat.services import Services
from codemode_tui.chat.turn import Turn
from codemode_tui.engine.api import Force, ModelInfo, OnProgress
from codemode_tui.errors import UsageError

CLOSE_SECONDS = 2.0
"""How long the end waits for a turn that is being stopped."""


class Conversation:
    """Turns, one after another, in one workspace with one model.

    All failures of a turn arrive as ``TurnFailed``; only misuse raises.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self._gate = Gate(services)
        self._turn: Turn | None = None
        self._work: asyncio.Task[None] | None = None
        self._last: Turn | None = None
        self._sandbox_name = ""

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
        return self._turn is not None

    @property
    def engine_running(self) -> bool:
        """False when the engine was never started, has died or was closed."""
        return self.services.engine.running

    async def start_engine(self, on_progress: OnProgress | None = None) -> ModelInfo:
        """Load the model now instead of at the first question; also the restart after a death."""
        return await self.services.engine.start(on_progress)

    async def probe_sandbox(self) -> str:
        """Find out which backend will run code. Raises ``SandboxError`` when there is none."""
        self._sandbox_name = (await self.services.sandbox()).name
        return self._sandbox_name

    async def ask(self, query: str, *, force: Force | None = None) -> AsyncGenerator[ev.Event, None]:
        """Stream one turn. Closing the iterator stops it.

        Raises:
            UsageError: the question is empty, or another turn is running.
        """
        if not query.strip():
            raise UsageError("the question is empty", hint="type one")
        if self._turn is not None:
            raise UsageError("a turn is running", hint="stop it or wait for its end")
        queue: asyncio.Queue[ev.Event] = asyncio.Queue()
        turn = self._turn = self._last = Turn(self.services, self._gate, query, force, queue.put_nowait)
        task = self._work = asyncio.create_task(turn.run())
        getter: asyncio.Task[ev.Event] | None = None
        try:
            while not (task.done() and queue.empty()):
                getter = asyncio.create_task(queue.get())
                await asyncio.wait({getter, task}, return_when=asyncio.FIRST_COMPLETED)
                if getter.done():
                    yield getter.result()
                else:
                    getter.cancel()
            task.result()  # a bug in the turn is raised here, not swallowed
        finally:
            if getter is not None:
                getter.cancel()
            if not task.done():
                await turn.stop()
                with suppress(asyncio.CancelledError):
                    await task
            self._turn = None

    def reply(self, request: str, answer: Reply) -> None:
        """Answer ``ApprovalWanted`` or ``WriteWanted``."""
        self._gate.reply(request, answer)

    async def stop(self) -> None:
        """Stop the running turn, if any."""
        if self._turn is not None:
            await self._turn.stop()

    async def rate(self, turn: str | None, value: Literal[-1, 0, 1]) -> str | None:
        """Rate a turn (None: the last one); 0 takes the rating back. On disk when this returns.

        Returns:
            The id of the rated turn, None when there is no turn yet.
        """
        past = self.services.past
        target = turn or (self._last.id if self._last else past[-1].id if past else "")
        if not target:
            return None
        await self.services.recorder.rate(target, value)
        return target

    async def new_session(self) -> str:
        """Begin an empty session: no earlier message, nothing that was allowed in the one before.

        Raises:
            UsageError: a turn is running.
        """
        if self._turn is not None:
            raise UsageError("a turn is running", hint="stop it or wait for its end")
        self.services.session = await self.services.recorder.new_session(self.services.workspace)
        self.services.context, self.services.past = Context(), ()
        self._gate = Gate(self.services)
        self._last = None
        return self.services.session

    async def close(self) -> None:
        """Stop the running turn, end the engine's lease, close the store."""
        await self.stop()
        if self._work is not None and not self._work.done():
            # What it still has to record needs the store; an engine that hangs ends with its lease.
            await asyncio.wait({self._work}, timeout=CLOSE_SECONDS)
        await self.services.engine.close()
        self.services.recorder.close()
