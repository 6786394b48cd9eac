"""A conversation that follows a script: for the picture in the README, and for tests.

A script is a list of events, pauses and questions. Where it asks for approval it waits for the reply, so
the screen does with it exactly what it does with a model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Literal

from msgspec.structs import replace

from codemode_tui.chat import events as ev
from codemode_tui.chat.gate import Grant
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.engine.api import Force, ModelInfo, OnProgress, Sampling, Usage
from codemode_tui.errors import CodemodeError, EngineError, UsageError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.types import Outcome, ToolCall
from codemode_tui.store.records import FeedbackEvent, FeedbackKind, Standing
from codemode_tui.store.standing import standing
from codemode_tui.tools.registry import TOOLS, ToolSpec

TURN = "turn-{}"
Item = ev.Event | asyncio.Event | Callable[[], "Item"]
"""An event to send; an ``asyncio.Event`` to wait for; or what makes one when its time comes."""

MODEL = ModelInfo(
    name="qwen3-coder-30b-codemode",
    path="~/models/qwen3-coder-30b-codemode-5bit",
    bytes=21_470_000_000,
    quantization={"bits": 5, "group_size": 64},
    weights_sha256="5b1f0c9d" * 8,
    profile="phase22",
    context_limit=32_768,
    tokenizer_sha256="aa07c4e1" * 8,
)


class ScriptedChat:
    """A ``ports.Chat`` whose turns are given beforehand, one script each."""

    def __init__(
        self,
        *scripts: Sequence[Item],
        workspace: Path = Path("/home/ada/projects/notes"),
        load: asyncio.Event | None = None,
        load_error: CodemodeError | None = None,
        sandbox: str | CodemodeError = "bwrap+landlock+seccomp",
        corrections: Sequence[Sequence[Item]] = (),
    ) -> None:
        """``corrections``: what comes of each correction, in the order in which they are wished for."""
        self.scripts = list(scripts)
        self.corrections = list(corrections)
        self.wishes: list[tuple[str, str, dict[str, Any]]] = []
        self.accepted: list[str] = []
        self.said: list[tuple[str, str, dict[str, Any]]] = []
        self.events: list[FeedbackEvent] = []
        self._offered: dict[str, ev.CandidateReady] = {}
        self.workspace = workspace
        self.info: ModelInfo | None = None
        self.sandbox_name = ""
        self.engine_running = False
        self.load_gate = load
        self.load_error = load_error
        self.questions: list[tuple[str, Force | None]] = []
        self.again: list[tuple[str | None, bool]] = []
        """Of each question: the turn in whose place it stands, and whether it goes on from there."""
        self.forks: list[tuple[str, bool]] = []
        self.replies: list[ev.Approval | ev.WriteReply] = []
        self.ratings: list[tuple[str | None, int]] = []
        self.sessions = 1
        self.profile = load_profile("phase22")
        self.settings = ChatSettings()
        self.grants: tuple[Grant, ...] = ()
        self.paths: Sequence[str] = ("README.md", "app/routes.py", "app/settings.py", "docs/my notes.md")
        self.closed = False
        self.starts = 0
        self._sandbox = sandbox
        self._waiting: dict[str, asyncio.Future[ev.Approval | ev.WriteReply]] = {}
        self._stop: asyncio.Event | None = None
        self._resting = True

    @property
    def at_rest(self) -> bool:
        """No turn is running, or it waits for somebody."""
        return self._resting

    async def start_engine(self, on_progress: OnProgress | None = None) -> ModelInfo:
        from codemode_tui.engine.api import Progress

        self.starts += 1
        if on_progress is not None:
            on_progress(Progress("load", 9_000_000_000, 21_470_000_000))
        if self.load_gate is not None:
            self._stop = asyncio.Event()
            waits = [asyncio.ensure_future(one.wait()) for one in (self.load_gate, self._stop)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            waits = [one.cancel() for one in waits]
            if self._stop.is_set():
                raise EngineError("the model is not loaded: you stopped it", hint="a question loads it")
        if self.load_error is not None:
            raise self.load_error
        self.info, self.engine_running = MODEL, True
        return MODEL

    async def probe_sandbox(self) -> str:
        if isinstance(self._sandbox, CodemodeError):
            raise self._sandbox
        self.sandbox_name = self._sandbox
        return self._sandbox

    async def ask(
        self, query: str, *, force: Force | None = None, again: str | None = None, go_on: bool = False
    ) -> AsyncIterator[ev.Event]:
        self.questions.append((query, force))
        self.again.append((again, go_on))
        turn = TURN.format(len(self.questions))
        yield ev.TurnStarted(turn, f"session-{self.sessions}", query)
        script = self.scripts.pop(0) if self.scripts else answer(turn, f"You asked: {query[:60]}")
        stopped = ev.TurnFailed(turn, "cancelled", "stopped", "", record(turn, query, None))
        async for event in self._played(script, stopped):
            yield event

    async def correct(self, turn: str, how: str, **wish: Any) -> AsyncIterator[ev.Event]:
        self.wishes.append((turn, how, wish))
        script = self.corrections.pop(0) if self.corrections else ()
        async for event in self._played(script, ev.CorrectionFailed(turn, "cancelled", "stopped", "")):
            if isinstance(event, ev.CandidateReady):
                self._offered[event.generation] = event
            yield event

    async def accept(self, turn: str, generation: str) -> Standing:
        self.accepted.append(generation)
        one = self._offered[generation]
        how, ok = ("human", True) if one.code is None else ("run", one.verified)
        self._event(turn, "rate", {"v": -1})
        self._event(turn, "correct", {"chosen": generation, "step": one.step})
        self._event(turn, "verify", {"generation": generation, "run": None, "ok": ok, "how": how})
        return await self.standing(turn)

    async def standing(self, turn: str) -> Standing:
        return standing(one for one in self.events if one.turn == turn)

    async def add_feedback(self, turn: str, kind: FeedbackKind, body: dict[str, Any]) -> None:
        self.said.append((turn, kind, body))
        self._event(turn, kind, body)

    def _event(self, turn: str | None, kind: FeedbackKind, body: dict[str, Any]) -> None:
        number = len(self.events) + 1
        self.events.append(FeedbackEvent(f"event-{number}", number, "", turn or "", None, "user", kind, body))

    async def copied(self, turn: str, what: str) -> None:
        self.said.append((turn, "copied", {"what": what}))

    async def _played(self, script: Sequence[Item], stopped: ev.Event) -> AsyncIterator[ev.Event]:
        self._resting = False
        stop = self._stop = asyncio.Event()
        try:
            for item in script:
                event = item() if callable(item) else item
                if isinstance(event, asyncio.Event):
                    await self._rest(event.wait(), stop)
                elif isinstance(event, ev.Event):
                    yield event
                    if isinstance(event, ev.ApprovalWanted | ev.WriteWanted | ev.CallWanted):
                        await self._rest(self._replied(event.request), stop)
                if stop.is_set():
                    yield stopped
                    return
        finally:
            self._stop = None
            self._resting = True

    def reply(self, request: str, answer: ev.Approval | ev.WriteReply) -> None:
        waiting = self._waiting.pop(request, None)
        if waiting is None:
            raise UsageError("this question is no longer open", hint="ask again")
        self.replies.append(answer)
        waiting.set_result(answer)

    async def stop(self) -> None:
        if self._stop is not None:
            self._stop.set()

    async def rate(self, turn: str | None, value: Literal[-1, 0, 1]) -> str | None:
        self.ratings.append((turn, value))
        self._event(turn, *(("rate", {"v": value}) if value else ("retract", {"of": "rating"})))
        return turn

    async def new_session(self) -> str:
        self.sessions += 1
        return self.session

    @property
    def session(self) -> str:
        return f"session-{self.sessions}"

    def sample(self, sampling: Sampling) -> None:
        self.settings = replace(self.settings, sampling=sampling)

    def revoke(self, grant: Grant) -> None:
        self.grants = tuple(one for one in self.grants if one != grant)

    def tools(self) -> tuple[ToolSpec, ...]:
        return tuple(TOOLS.values())

    async def files(self) -> list[str]:
        return list(self.paths)

    async def close(self) -> None:
        self.closed = True

    async def fork(self, turn: str, *, before: bool = False) -> str:
        self.forks.append((turn, before))
        return await self.new_session()

    async def _rest(self, wait: Coroutine[object, object, object], stop: asyncio.Event) -> None:
        self._resting = True
        tasks = {asyncio.ensure_future(wait), asyncio.ensure_future(stop.wait())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._resting = False
            for task in tasks:
                task.cancel()

    async def _replied(self, request: str) -> None:
        self._waiting[request] = asyncio.get_running_loop().create_future()
        await self._waiting[request]


USAGE = Usage(
    prompt_tokens=1_412, generated_tokens=96, context_limit=32_768, ttft_ms=310.0, decode_tps=87.4, total_ms=1_420.0
)  # fmt: skip


def record(turn: str, query: str, answer: str | None) -> ev.TurnRecord:
    return ev.TurnRecord(
        session="session-1", turn=turn, query=query, decision={}, raw="", text="", code=None, run=None,
        answer=answer, attempts=1, finish_reason="stop", usage=USAGE, steps=(), model=MODEL,
    )  # fmt: skip


def answer(turn: str, text: str, *, step: int = 0, probability: float | None = 0.012, end: bool = True) -> list[Item]:
    """A direct answer, word by word, and the end of the turn."""
    words = [word + " " for word in text.split(" ")]
    words[-1] = words[-1].rstrip(" ")
    events: list[Item] = [ev.Likelihood(turn, step, probability)] if probability is not None else []
    for word in words:
        events += [ev.RawDelta(turn, step, word), ev.TextDelta(turn, step, word)]
    if not end:
        return events
    return [
        *events,
        parsed(turn, step, Decision.DIRECT, text, None, probability),
        ev.AnswerReady(turn, text),
        ev.TurnDone(turn, record(turn, "", text)),
    ]


def call(turn: str, code: str, *, step: int = 0, prose: str = "", probability: float = 0.993) -> list[Item]:
    """A message that calls, until it is parsed."""
    events: list[Item] = [ev.Likelihood(turn, step, probability)]
    if prose:
        events += [ev.RawDelta(turn, step, prose), ev.TextDelta(turn, step, prose)]
    for line in code.splitlines(keepends=True):
        events += [ev.RawDelta(turn, step, line), ev.CodeDelta(turn, step, line)]
    return [*events, parsed(turn, step, Decision.TOOL, prose, code, probability)]


def run(turn: str, code: str, stdout: str, *, step: int = 0, tool: str = "read_file") -> list[Item]:
    """A run that goes well."""
    outcome = Outcome(
        "ok", 0, stdout, duration_ms=41.0, backend="bwrap+landlock+seccomp",
        tool_calls=(ToolCall(tool, {}, True, 0.4),),
    )  # fmt: skip
    return [
        ev.RunStarted(turn, step, f"run-{step}", code, "bwrap+landlock+seccomp"),
        ev.RunOutput(turn, step, "stdout", stdout),
        ev.RunFinished(turn, step, f"run-{step}", outcome),
    ]


def candidate(turn: str, *, text: str = "", code: str | None = None, name: str = "fix", step: int = 0) -> ev.Event:
    """What may be accepted: an answer, or a call whose code ran well."""
    return ev.CandidateReady(
        turn, step, generation=name, decision=Decision.DIRECT if code is None else Decision.TOOL, code=code, text=text,
        outcome=None if code is None else Outcome("ok"), verified=code is not None,
    )  # fmt: skip


def approval(
    turn: str, code: str, tools: tuple[str, ...], paths: tuple[str, ...], warnings: tuple[str, ...] = (), step: int = 0
) -> ev.ApprovalWanted:
    return ev.ApprovalWanted(
        turn, step, request=f"request-{step}", code=code, code_sha256="", tools=tools, paths=paths, warnings=warnings,
        sandbox="bwrap+landlock+seccomp",
    )  # fmt: skip


def parsed(
    turn: str, step: int, decision: Decision, text: str, code: str | None, probability: float | None, raw: str = ""
) -> ev.StepParsed:
    return ev.StepParsed(
        turn, step, decision=decision, probability=probability, forced=False,
        dialect="phase22" if code else None, raw=raw or f"{text}\n{code or ''}", text=text, code=code, warnings=(),
        finish_reason="stop", usage=USAGE, generation=f"generation-{step}",
    )  # fmt: skip
