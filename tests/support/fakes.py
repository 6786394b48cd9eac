"""Stand-ins that behave: an engine that says given messages, a sandbox that answers with given outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from codemode_tui.chat.context import Context
from codemode_tui.chat.conversation import Conversation
from codemode_tui.chat.ports import NullRecorder, Recorder
from codemode_tui.chat.services import ApproveWrite, Services
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.engine.api import (
    EngineEvent,
    Finished,
    FinishReason,
    GenerateRequest,
    ModelInfo,
    OnProgress,
    Progress,
    Token,
    ToolLikelihood,
    Usage,
)
from codemode_tui.errors import EngineError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render_text
from codemode_tui.sandbox.types import Limits, OnOutput, Outcome, ToolHost

INFO = ModelInfo(
    "fake", "/models/fake", 1_000_000, {"bits": 5, "group_size": 64}, "0" * 64, "bundled", context_limit=2048
)


class Said(msgspec.Struct, frozen=True):
    """One message of the model."""

    text: str
    probability: float = 0.5
    finish_reason: FinishReason = "stop"
    dies: bool = False
    """The worker dies after this text."""
    waits: bool = False
    """The message never ends by itself: it must be cancelled."""
    rate: float = 100
    """Tokens per second."""


def call(code: str, prose: str = "") -> str:
    """A message that calls, in the bundled profile's dialect."""
    block = f"<function=execute_code>\n<parameter=code>\n{code}\n</parameter>\n</function>"
    return f"{prose}<tool_call>\n{block}\n</tool_call>"


class FakeEngine:
    """Says its messages in order, three characters at a time. ``prompts`` is what it was asked."""

    def __init__(self, *messages: Said | str) -> None:
        self._messages = [Said(m) if isinstance(m, str) else m for m in messages]
        self.prompts: list[str] = []
        self.requests: list[GenerateRequest] = []
        self.starts = 0
        self.closed = False
        self._info: ModelInfo | None = None
        self._running = False
        self._cancelled = asyncio.Event()

    @property
    def info(self) -> ModelInfo | None:
        return self._info

    @property
    def running(self) -> bool:
        return self._running

    async def start(self, on_progress: OnProgress | None = None) -> ModelInfo:
        if not self._running:
            self.starts += 1
            if on_progress:
                on_progress(Progress("load", 1, 2))
        self._running, self._info = True, INFO
        return INFO

    async def generate(self, request: GenerateRequest) -> AsyncIterator[EngineEvent]:
        self.requests.append(request)
        self.prompts.append(render_text(request.prompt))
        self._cancelled.clear()
        said = self._messages.pop(0)
        yield ToolLikelihood(said.probability)
        for at in range(0, len(said.text), 3):
            yield Token(said.text[at : at + 3], (at,))
            await asyncio.sleep(0)
        if said.dies:
            self._running = False
            raise EngineError("the engine was killed by SIGKILL", hint="ask again to restart it")
        if said.waits:
            await self._cancelled.wait()
        reason = "cancel" if self._cancelled.is_set() else said.finish_reason
        usage = Usage(
            prompt_tokens=10,
            generated_tokens=len(said.text) // 3,
            context_limit=2048,
            decode_tps=said.rate,
            total_ms=20,
        )
        yield Finished(reason, said.text, tuple(range(0, len(said.text), 3)), usage)

    async def cancel(self) -> None:
        self._cancelled.set()

    async def close(self) -> None:
        self.closed, self._running = True, False


class FakeSandbox:
    """Answers with the given outcomes; ``ran`` is the code that it was given."""

    name = "fake"

    def __init__(self, *outcomes: Outcome | Callable[[ToolHost], Any]) -> None:
        self._outcomes = list(outcomes)
        self.ran: list[str] = []
        self.prepared = False
        """A child waits that nobody has asked for code yet."""

    async def run(
        self,
        code: str,
        tools: ToolHost,
        limits: Limits,
        *,
        on_output: OnOutput | None = None,
        stop: asyncio.Event | None = None,
    ) -> Outcome:
        self.ran.append(code)
        self.prepared = False
        outcome = self._outcomes.pop(0) if self._outcomes else Outcome("ok", 0)
        if not isinstance(outcome, Outcome):
            outcome = await outcome(tools)
        if on_output and outcome.stdout:
            on_output("stdout", outcome.stdout)
        if outcome.status == "killed" and stop is not None:
            await stop.wait()
        return outcome

    def prepare(self, limits: Limits) -> None:
        self.prepared = True

    async def release(self) -> None:
        self.prepared = False


def conversation(
    engine: FakeEngine,
    workspace: Path,
    *,
    sandbox: FakeSandbox | Exception | None = None,
    recorder: Recorder | None = None,
    settings: ChatSettings | None = None,
    turns: Sequence[Any] = (),
) -> Conversation:
    """A conversation over stand-ins and the real workspace tools."""
    from codemode_tui.tools.host import WorkspaceTools

    async def choose() -> Any:
        if isinstance(sandbox, Exception):
            raise sandbox
        return sandbox or FakeSandbox()

    def tools(approve: ApproveWrite, commands_write: bool) -> ToolHost:
        return WorkspaceTools(workspace, approve=approve)

    return Conversation(
        Services(
            engine=engine,
            profile=load_profile("bundled"),
            recorder=recorder or NullRecorder(),
            settings=settings or ChatSettings(),
            workspace=workspace,
            sandbox=choose,
            tools=tools,
            session="session",
            context=Context(turns),
        )
    )
