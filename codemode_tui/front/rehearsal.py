"""Code that belongs to no turn, run as a turn's code is run: asked about, in the sandbox, with the tools."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from codemode_tui.chat import events as ev
from codemode_tui.chat.gate import Gate, Grant, Reply
from codemode_tui.chat.services import Services
from codemode_tui.engine.api import Usage
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.types import Outcome


class Rehearsal:
    """Nothing of it is recorded; the caller says what came of it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._gate, self._session = Gate(services), services.session
        self._stop = asyncio.Event()

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What was allowed for this session."""
        self._forget_other_sessions()
        return self._gate.grants

    def revoke(self, grant: Grant) -> None:
        """Ask about it again."""
        self._gate.revoke(grant)

    async def run(self, code: str, step: int) -> AsyncGenerator[ev.Event, None]:
        """``ApprovalWanted``, ``RunStarted``, ``RunOutput``…, ``RunFinished``, as in a turn.

        Raises:
            SandboxError: there is no sandbox here; nothing may run.
        """
        events: asyncio.Queue[ev.Event | None] = asyncio.Queue()
        self._forget_other_sessions()
        self._stop = asyncio.Event()
        work = asyncio.create_task(self._run(code, step, events))
        work.add_done_callback(lambda _: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            work.result()
        finally:
            if not work.done():
                await self.stop()
                with suppress(asyncio.CancelledError):
                    await work

    def reply(self, request: str, answer: Reply) -> None:
        self._gate.reply(request, answer)

    async def stop(self) -> None:
        self._stop.set()
        self._gate.abandon()

    def _forget_other_sessions(self) -> None:
        """As in a turn: nothing that was allowed in the session before holds in a new one, or in a fork."""
        if self._session != self._services.session:
            self._gate, self._session = Gate(self._services), self._services.session

    async def _run(self, code: str, step: int, events: asyncio.Queue[ev.Event | None]) -> None:
        emit = events.put_nowait
        verdict = await self._gate.confirm("", _parsed(code, step), None, emit)
        outcome = verdict.refused or Outcome("denied")
        if verdict.refused is None and verdict.sandbox is not None and not self._stop.is_set():
            emit(ev.RunStarted("", step, "", verdict.code, verdict.sandbox.name))
            outcome = await verdict.sandbox.run(
                verdict.code,
                self._gate.tools("", step, emit, verdict),
                self._services.settings.limits,
                on_output=lambda stream, text: emit(ev.RunOutput("", step, stream, text)),
                stop=self._stop,
            )
        emit(ev.RunFinished("", step, "", outcome))


def _parsed(code: str, step: int) -> ev.StepParsed:
    return ev.StepParsed(
        "", step, decision=Decision.TOOL, probability=None, forced=False, dialect=None, raw=code, text="", code=code,
        warnings=(), finish_reason="stop", usage=Usage(), generation="",
    )  # fmt: skip
