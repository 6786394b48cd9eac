"""The confirmation gate: what was shown is what runs, and nothing runs that was not confirmed."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from codemode_tui.chat import events as ev
from codemode_tui.chat.precheck import Precheck, precheck
from codemode_tui.chat.services import Services
from codemode_tui.errors import UsageError
from codemode_tui.sandbox.checks import CodeRejected, normalise
from codemode_tui.sandbox.types import ExceptionInfo, Outcome, Sandbox, ToolHost

Emit = Callable[[ev.Event], None]
Reply = ev.Approval | ev.WriteReply
R = TypeVar("R", ev.Approval, ev.WriteReply)


class Verdict(msgspec.Struct, frozen=True):
    """What the gate decided about one piece of code."""

    code: str
    """The exact text that may run."""
    confirmed_by: str
    """``user``, ``policy`` or ``declined``."""
    edited: bool = False
    sandbox: Sandbox | None = None
    refused: Outcome | None = None
    """Set when nothing may run: the outcome to record instead."""


class Gate:
    """Asks, waits for the reply, remembers what was allowed for the session."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiting: dict[str, tuple[asyncio.Future[Any], Reply]] = {}
        self._always: set[frozenset[str]] = set()
        self._writable: set[str] = set()
        self.reason = ""
        """Why the user denied the last code, in the user's words."""

    def reply(self, request: str, answer: Reply) -> None:
        """Answer a waiting request. A request that is not waiting (any more) is refused loudly."""
        future, denial = self._waiting.get(request, (None, None))
        if future is None or future.done():
            raise UsageError("this question is no longer open", hint="ask again")
        if type(answer) is not type(denial):
            raise UsageError(f"this question wants {type(denial).__name__}, not {type(answer).__name__}")
        future.set_result(answer)

    def abandon(self) -> None:
        """The turn is being stopped: whatever is open counts as denied."""
        for future, denial in list(self._waiting.values()):
            if not future.done():
                future.set_result(denial)

    async def confirm(self, turn: str, step: ev.StepParsed, said: str, emit: Emit) -> Verdict:
        """Decide whether the code of ``step`` runs, asking the user where the settings say so.

        Raises:
            SandboxError: there is no sandbox here; nothing may run.
        """
        self.reason = ""
        assert step.code is not None
        mode = self._services.settings.run
        try:
            code, hidden = normalise(step.code)
        except CodeRejected as error:
            return (
                not_run(step.code) if mode == "never" else Verdict(step.code, "declined", refused=_rejected(str(error)))
            )
        if mode == "never":
            return not_run(code)
        sandbox = await self._services.sandbox()
        found = self._look(code, said)
        if mode == "auto" or frozenset(found.tools) in self._always:
            return Verdict(code, "policy", sandbox=sandbox)
        request = uuid.uuid4().hex
        emit(
            ev.ApprovalWanted(
                turn,
                step.step,
                request=request,
                code=code,
                code_sha256=hashlib.sha256(code.encode()).hexdigest(),
                tools=found.tools,
                paths=found.paths,
                warnings=(*hidden, *found.warnings),
                sandbox=sandbox.name,
            )
        )
        answer = await self._ask(request, ev.Approval("deny"))
        if answer.action == "deny":
            self.reason = answer.reason.strip()
            return Verdict(code, "declined", refused=Outcome("denied"))
        final = code
        if answer.code is not None:
            try:
                final, _ = normalise(answer.code)
            except CodeRejected as error:
                return Verdict(answer.code, "declined", refused=_rejected(str(error)))
        if answer.action == "always":
            self._always.add(frozenset(self._look(final, said).tools))
        return Verdict(final, "user", edited=final != code, sandbox=sandbox)

    def tools(self, turn: str, step: int, emit: Emit) -> ToolHost:
        """The tools for one run; a write asks through ``WriteWanted``."""

        async def approve(request: Any) -> bool:  # noqa: ANN401 - tools.WriteRequest, known below this room
            if request.path in self._writable:
                return True
            wanted = ev.WriteWanted(
                turn,
                step,
                request=uuid.uuid4().hex,
                tool=request.tool,
                path=request.path,
                change=request.change,
                diff=request.diff,
            )
            emit(wanted)
            answer = await self._ask(wanted.request, ev.WriteReply("deny"))
            if answer.action == "session":
                self._writable.add(request.path)
            return answer.action != "deny"

        return self._services.tools(approve)

    async def _ask(self, request: str, denial: R) -> R:
        """Wait for the reply; ``denial`` is what counts when the turn is stopped instead."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[request] = future, denial
        try:
            reply: R = await future
            return reply
        finally:
            del self._waiting[request]

    def _look(self, code: str, said: str) -> Precheck:
        names = self._services.tools(_nobody).names
        return precheck(code, tools=names, exists=self._exists, conversation=said)

    def _exists(self, path: str) -> bool:
        try:
            return (self._services.workspace / path).exists()
        except (OSError, ValueError):
            return False


def not_run(code: str, reason: str = "") -> Verdict:
    """Nobody is asked: the code is kept, and not run."""
    return Verdict(code, "declined", refused=Outcome("not_run", reason=reason))


async def _nobody(_: object) -> bool:
    return False


def _rejected(message: str) -> Outcome:
    return Outcome("error", exception=ExceptionInfo("SyntaxError", message, None, ""))
