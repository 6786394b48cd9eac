"""The confirmation gate: what was shown is what runs, and nothing runs that was not confirmed."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec

from codemode_tui.chat import events as ev
from codemode_tui.chat.precheck import Precheck, precheck
from codemode_tui.chat.services import Services
from codemode_tui.errors import UsageError
from codemode_tui.sandbox.checks import CodeRejected, normalise
from codemode_tui.sandbox.types import ExceptionInfo, Outcome, Sandbox, ToolHost
from codemode_tui.tools.types import CallRequest, WriteRequest

Emit = Callable[[ev.Event], None]
Reply = ev.Approval | ev.WriteReply
R = TypeVar("R", ev.Approval, ev.WriteReply)
FREE = frozenset((
    "read_file", "write_file", "move_file", "delete_file", "file_info", "list_directory", "glob_files", "search_files",
))  # fmt: skip
"""Ordinary file code reaches these without naming them (``open``, ``pathlib``); each change still asks by itself."""


class Grant(msgspec.Struct, frozen=True):
    """Something that was allowed for the session."""

    kind: Literal["run", "write", "write_all", "call"]
    what: tuple[str, ...]
    """The tools of the code, the path, or server and tool."""

    @property
    def words(self) -> str:
        if self.kind == "run":
            return f"run code that calls {', '.join(self.what) or 'no tool'}"
        if self.kind == "call":
            return f"call {'.'.join(self.what)}"
        return f"write {self.what[0]}" if self.kind == "write" else "write every file"


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
    tools: tuple[str, ...] | None = None
    """Tools that it was confirmed with; None leaves it all of them."""
    commands_write: bool = False
    warnings: tuple[str, ...] = ()
    """What a look at the code has found."""


class Gate:
    """Asks, waits for the reply, remembers what was allowed for the session."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiting: dict[str, tuple[asyncio.Future[Any], Reply]] = {}
        self._grants: set[Grant] = set()
        self._prepared: Sandbox | None = None
        self.reason = ""
        """Why the user denied the last code, in the user's words."""

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What was allowed for the session."""
        return tuple(sorted(self._grants, key=lambda one: (one.kind, one.what)))

    def revoke(self, grant: Grant) -> None:
        """Ask about it again."""
        self._grants.discard(grant)

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

    async def close(self) -> None:
        """End the child that waits for code that will not come."""
        if self._prepared is not None:
            await self._prepared.release()

    async def confirm(
        self, turn: str, step: ev.StepParsed, said: str | None, emit: Emit, question: str = ""
    ) -> Verdict:
        """Decide whether the code of ``step`` runs, asking the user where the settings say so.

        ``said`` is the conversation so far (None: not known), ``question`` what this is the first answer to.

        Raises:
            SandboxError: there is no sandbox here; nothing may run.
        """
        self.reason = ""
        assert step.code is not None
        mode = self._services.settings.run
        try:
            code, hidden = normalise(step.code)
        except CodeRejected as error:
            return not_run(step.code) if mode == "never" else Verdict(step.code, "declined", refused=_rejected(error))
        servers = self._services.servers
        if servers is not None:
            await servers.ready()
        found = self._look(code, said, question)
        warnings = (*hidden, *found.warnings)
        if servers is not None and any(warning.endswith(" is not defined") for warning in warnings):
            warnings += servers.failures  # their tools may be what is missing
        granted = self._services.commands_write
        sandbox = await self._services.sandbox() if mode != "never" else None
        if sandbox is None or mode == "auto" or _running(found.tools) in self._grants:
            can = self._capabilities(found.tools, writing=granted) if sandbox else ()
            emit(ev.Checked(turn, step.step, found.tools, found.paths, warnings, can))
            if sandbox is None:
                return msgspec.structs.replace(not_run(code), warnings=warnings)
            named = None if mode == "auto" else found.tools
            return Verdict(code, "policy", sandbox=sandbox, tools=named, commands_write=granted, warnings=warnings)
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
                warnings=warnings,
                sandbox=sandbox.name,
                capabilities=self._capabilities(found.tools, writing=granted),
                commands_may_write="run_command" in found.tools and not granted,
            )
        )
        self._prepared = sandbox
        sandbox.prepare(self._services.settings.limits)  # it has started before the code has been read
        answer = await self._ask(request, ev.Approval("deny"))
        if answer.action == "deny":
            await self.close()
            self.reason = answer.reason.strip()
            return Verdict(code, "declined", refused=Outcome("denied"))
        final = code
        if answer.code is not None:
            try:
                final, _ = normalise(answer.code)
            except CodeRejected as error:
                return Verdict(answer.code, "declined", refused=_rejected(error))
        named = self._look(final, said).tools
        if answer.action == "always":
            self._grants.add(_running(named))
        writing = granted or answer.commands_write
        return Verdict(
            final, "user", edited=final != code, sandbox=sandbox, tools=named, commands_write=writing, warnings=warnings
        )

    def tools(self, turn: str, step: int, emit: Emit, verdict: Verdict) -> ToolHost:
        """The tools for one run of what was confirmed; a write asks through ``WriteWanted``."""

        async def approve(request: WriteRequest | CallRequest) -> bool:
            if isinstance(request, CallRequest):
                return await self._may_call(turn, step, emit, request)
            one = Grant("write", (request.path,))
            granted = _ALL in self._grants or (request.tool == "write_file" and one in self._grants)
            if granted and not request.sensitive:
                return True
            fields = msgspec.structs.asdict(request)
            emit(wanted := ev.WriteWanted(turn, step, request=uuid.uuid4().hex, **fields))
            answer = await self._ask(wanted.request, ev.WriteReply("deny"))
            if answer.action != "once" and answer.action != "deny":
                self._grants.add(one if answer.action == "path" else _ALL)
            return answer.action != "deny"

        host = self._services.tools(approve, verdict.commands_write)
        if verdict.tools is not None:  # what the panel did not name, the code cannot use
            host.allowed = FREE.union(verdict.tools)
        return host

    async def _may_call(self, turn: str, step: int, emit: Emit, request: CallRequest) -> bool:
        grant = Grant("call", (request.server, request.tool))
        if grant in self._grants:
            return True
        fields = msgspec.structs.asdict(request)
        emit(wanted := ev.CallWanted(turn, step, request=uuid.uuid4().hex, **fields))
        answer = await self._ask(wanted.request, ev.WriteReply("deny"))
        if answer.action == "session":
            self._grants.add(grant)
        return answer.action != "deny"

    async def _ask(self, request: str, denial: R) -> R:
        """Wait for the reply; ``denial`` is what counts when the turn is stopped instead."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[request] = future, denial
        try:
            reply: R = await future
            return reply
        finally:
            del self._waiting[request]

    def _look(self, code: str, said: str | None, question: str = "") -> Precheck:
        names = self._services.tools(_nobody, False).names
        return precheck(code, tools=names, exists=self._exists, conversation=said, question=question)

    def _capabilities(self, tools: tuple[str, ...], *, writing: bool) -> tuple[str, ...]:
        servers = self._services.servers
        return (*_of_commands(tools, writing=writing), *(servers.capabilities(tools) if servers else ()))

    def _exists(self, path: str) -> bool:
        try:
            return (self._services.workspace / path).exists()
        except (OSError, ValueError):
            return False


_ALL = Grant("write_all", ())


def _running(tools: tuple[str, ...]) -> Grant:
    return Grant("run", tuple(sorted(set(tools))))


def not_run(code: str, reason: str = "") -> Verdict:
    """Nobody is asked: the code is kept, and not run."""
    return Verdict(code, "declined", refused=Outcome("not_run", reason=reason))


def _of_commands(tools: tuple[str, ...], *, writing: bool) -> tuple[str, ...]:
    if "run_command" not in tools:
        return ()
    if writing:
        return ("commands may write the workspace: what they write cannot be undone",)
    return ("commands may read the workspace, nothing else",)


async def _nobody(_: object) -> bool:
    return False


def _rejected(error: CodeRejected) -> Outcome:
    return Outcome("error", exception=ExceptionInfo("SyntaxError", error.why, error.line, ""))
