"""One turn: prompt, decision, code, confirmation, run, answer — as events, recorded step by step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from codemode_tui import __version__
from codemode_tui.chat import events as ev
from codemode_tui.chat.gate import Gate, not_run
from codemode_tui.chat.ports import TurnState
from codemode_tui.chat.services import Services
from codemode_tui.engine.api import (
    Finished,
    FinishReason,
    Force,
    GenerateRequest,
    Progress,
    Token,
    ToolLikelihood,
    Usage,
)
from codemode_tui.errors import CodemodeError, ContextError, EngineError, SandboxError, StoreError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.render import render, render_text, response_text
from codemode_tui.protocol.stream import StreamParser
from codemode_tui.protocol.types import Decision, Message
from codemode_tui.sandbox.types import Outcome

FLUSH_SECONDS = 0.25
"""How much streamed text a crash may lose: chunks are stored this often."""

NO_DECISION = {"value": None, "probability": None, "forced": False, "dialect": None}
"""Of a turn that ended before its first message did."""

T = TypeVar("T")


class Stopped(Exception):
    """The user stopped the turn."""


class Turn:
    """Runs one turn to its end. ``run`` emits events and never raises, except when cancelled."""

    def __init__(
        self,
        services: Services,
        gate: Gate,
        query: str,
        force: Force | None,
        emit: Callable[[ev.Event], None],
    ) -> None:
        self.services = services
        self.gate = gate
        self.query = query
        self.force = force
        self.emit = emit
        self.id = ""
        self.messages: list[Message] = [Message("user", query)]
        self.steps: list[ev.Step] = []
        self.last_generation = ""
        self._usage: list[Usage] = []
        self._finish_reason: FinishReason = "stop"
        self._retries = 0
        self._stop = asyncio.Event()
        self._state: ev.TurnDone | ev.TurnFailed | None = None

    async def run(self) -> None:
        """The whole turn. Its last event is ``TurnDone`` or ``TurnFailed``."""
        recorder = self.services.recorder
        try:
            context = self.services.context.messages()
            self.id = await recorder.begin_turn(self.services.session, self.query, context)
            self.emit(ev.TurnStarted(self.id, self.services.session, self.query))
            await self._start_engine()
            answer = await self._steps()
            await recorder.end_turn(self.id, "done", answer)
            self.services.context.add(self.messages)
            if answer is not None:
                self.emit(ev.AnswerReady(self.id, answer))
            self.emit(ev.TurnDone(self.id, self._record(answer)))
        except Stopped:
            await self._fail("cancelled", "stopped", "")
        except SandboxError as error:
            await self._fail("sandbox", error.message, error.hint)
        except EngineError as error:
            await self._fail("engine", error.message, error.hint)
        except StoreError as error:
            await self._fail("store", error.message, error.hint)
        except CodemodeError as error:
            await self._fail("error", error.message, error.hint)

    async def stop(self) -> None:
        """Stop whatever the turn is doing. It then ends with ``TurnFailed("cancelled")``."""
        self._stop.set()
        self.gate.abandon()
        await self.services.engine.cancel()

    # -- the steps ---------------------------------------------------------------------------------

    async def _steps(self) -> str | None:
        """Generate and run until the model answers. Returns the answer, None if there is none."""
        settings = self.services.settings
        enough = False
        for number in range(settings.max_steps + 1):
            step = await self._generate(number, "direct" if enough else self.force if number == 0 else None)
            if step.decision is not Decision.TOOL or step.code is None:
                self.steps.append(_step(step, None))
                return step.text if step.decision is Decision.DIRECT else None
            outcome, response = await self._execute(step, allowed=not enough)
            self.steps.append(_step(step, outcome))
            self.messages.append(Message("tool", response))
            if outcome.status == "not_run" or (outcome.status == "denied" and not self.gate.reason):
                return None
            if outcome.status != "ok":
                self._retries += 1
            # Enough runs or tries: what is left is to answer.
            enough = self._retries > settings.retries or number + 1 == settings.max_steps
        return None

    async def _start_engine(self) -> None:
        engine = self.services.engine
        if engine.info is None or not engine.running:
            start = asyncio.ensure_future(engine.start(self._progress))
            # A stop ends the waiting, not the loading; a failure that nobody waits for is nobody's concern.
            start.add_done_callback(lambda done: done.cancelled() or done.exception())
            await self._or_stop(asyncio.shield(start))

    async def _generate(self, number: int, force: Force | None) -> ev.StepParsed:
        while True:
            try:
                return await self._generate_once(number, force)
            except ContextError:
                if not self.services.context.drop_oldest():
                    raise

    async def _generate_once(self, number: int, force: Force | None) -> ev.StepParsed:
        services, recorder = self.services, self.services.recorder
        profile = services.profile
        prompt = render(profile, [*services.context.messages(), *self.messages])
        request = GenerateRequest(
            prompt=prompt,
            sampling=services.settings.sampling,
            stop=profile.stop,
            openings=profile.openings,
            force=force,
            conversation=services.session,
        )
        origin = f"forced_{force}" if force else "model"
        generation = await recorder.begin_generation(self.id, number, origin, render_text(prompt), self._provenance())
        stream = StreamParser(profile)
        probability: float | None = None
        finished: Finished | None = None
        pending, flushed = "", time.monotonic()
        async for event in services.engine.generate(request):
            if isinstance(event, Progress):
                self._progress(event)
            elif isinstance(event, ToolLikelihood):
                probability = event.probability
                self.emit(ev.Likelihood(self.id, number, probability))
            elif isinstance(event, Token) and event.text:
                self.emit(ev.RawDelta(self.id, number, event.text))
                for delta in stream.feed(event.text):
                    kind = ev.CodeDelta if delta.kind == "code" else ev.TextDelta
                    self.emit(kind(self.id, number, delta.text))
                pending += event.text
                if time.monotonic() - flushed > FLUSH_SECONDS:
                    await recorder.append_chunk(generation, pending)
                    pending, flushed = "", time.monotonic()
            elif isinstance(event, Finished):
                finished = event
        if finished is None:
            raise EngineError("the engine ended without finishing its message", hint="ask again")
        # Parsed once more as a whole: what is stored and executed never depends on how it streamed.
        parsed = parse(finished.text, profile, truncated=finished.finish_reason != "stop")
        await recorder.end_generation(
            generation,
            raw_text=finished.text,
            token_ids=finished.token_ids,
            finish_reason=finished.finish_reason,
            usage=finished.usage,
            probability=probability,
            forced=force is not None,
            parsed=parsed,
        )
        self.last_generation = generation
        self._usage.append(finished.usage)
        self._finish_reason = finished.finish_reason
        if self._stop.is_set() or finished.finish_reason == "cancel":
            raise Stopped
        self.messages.append(Message("assistant", finished.text, finished.token_ids))
        step = ev.StepParsed(
            self.id,
            number,
            decision=parsed.decision,
            probability=probability,
            forced=force is not None,
            dialect=parsed.dialect,
            raw=finished.text,
            text=parsed.text,
            code=parsed.code,
            warnings=parsed.warnings,
            finish_reason=finished.finish_reason,
            usage=finished.usage,
            generation=generation,
        )
        self.emit(step)
        return step

    async def _execute(self, step: ev.StepParsed, *, allowed: bool) -> tuple[Outcome, str]:
        """Confirm and run the code of ``step``. Returns what it did and what the model is told."""
        assert step.code is not None
        if allowed:
            verdict = await self._or_stop(self.gate.confirm(self.id, step, self._said(), self.emit))
        else:
            verdict = not_run(step.code, "the model was told to answer and called again")
        recorder = self.services.recorder
        backend = verdict.sandbox.name if verdict.sandbox else ""
        run = await recorder.begin_run(
            step.generation,
            verdict.code,
            edited_from=step.code if verdict.edited else None,
            confirmed_by=verdict.confirmed_by,
            backend=backend,
        )
        if verdict.refused is not None or verdict.sandbox is None:
            outcome = verdict.refused or Outcome("denied")
        else:
            self.emit(ev.RunStarted(self.id, step.step, run, verdict.code, backend))
            outcome = await verdict.sandbox.run(
                verdict.code,
                self.gate.tools(self.id, step.step, self.emit),
                self.services.settings.limits,
                on_output=lambda stream, text: self.emit(ev.RunOutput(self.id, step.step, stream, text)),
                stop=self._stop,
            )
        response = self._response(outcome)
        await recorder.end_run(run, outcome, response)
        self.emit(ev.RunFinished(self.id, step.step, run, outcome))
        if self._stop.is_set():
            self.steps.append(_step(step, outcome))
            raise Stopped
        return outcome, response

    # -- helpers -----------------------------------------------------------------------------------

    def _progress(self, progress: Progress) -> None:
        self.emit(ev.Waiting(self.id, progress.phase, progress.done, progress.total))

    def _response(self, outcome: Outcome) -> str:
        error = outcome.exception
        return response_text(
            self.services.profile,
            status=outcome.status,
            stdout=outcome.stdout,
            stderr=outcome.stderr,
            exception=(error.type, error.message, error.line) if error else None,
            exit_code=outcome.exit_code,
            reason=self.gate.reason or outcome.reason,
        )

    def _said(self) -> str:
        return "\n".join([self.services.context.text(), *(m.content for m in self.messages if m.role != "assistant")])

    def _provenance(self) -> dict[str, object]:
        info = self.services.engine.info
        return {
            "app": __version__,
            "model": info,
            "profile": self.services.profile.name,
            "profile_sha256": self.services.profile.sha256,
            "sampling": self.services.settings.sampling,
        }

    async def _or_stop(self, work: Awaitable[T]) -> T:
        """Wait for ``work``, or raise ``Stopped`` as soon as the user stops the turn."""
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if self._stop.is_set():
                raise Stopped
            return task.result()
        finally:
            stopped.cancel()
            if not task.done():
                task.cancel()

    async def _fail(self, kind: ev.FailureKind, message: str, hint: str) -> None:
        """End the turn early. A store that fails now must not hide the first error."""
        state: TurnState = "cancelled" if kind == "cancelled" else "failed"
        if self.id:
            try:
                await self.services.recorder.end_turn(self.id, state, None, message)
            except StoreError as error:
                message = f"{message}; and it could not be stored: {error.message}"
        self.emit(ev.TurnFailed(self.id, kind, message, hint, self._record(None)))

    def _record(self, answer: str | None) -> ev.TurnRecord:
        first = self.steps[0] if self.steps else None
        called = next((s for s in reversed(self.steps) if s.run is not None), None)
        codes = [s for s in self.steps if s.code is not None]
        return ev.TurnRecord(
            session=self.services.session,
            turn=self.id,
            query=self.query,
            decision=first.decision if first else dict(NO_DECISION),
            raw=first.raw if first else "",
            text=(answer if answer is not None and len(self.steps) == 1 else first.text) if first else "",
            code=called.code if called else codes[-1].code if codes else None,
            run=called.run if called else None,
            answer=answer,
            attempts=1 + min(self._retries, self.services.settings.retries),
            finish_reason=self._finish_reason,
            usage=_total(self._usage),
            steps=tuple(self.steps),
            model=self.services.engine.info,
        )


def _step(parsed: ev.StepParsed, outcome: Outcome | None) -> ev.Step:
    decision = {
        "value": parsed.decision.value,
        "probability": parsed.probability,
        "forced": parsed.forced,
        "dialect": parsed.dialect,
    }
    return ev.Step(decision, parsed.raw, parsed.text, parsed.code, outcome, parsed.warnings)


def _total(usages: list[Usage]) -> Usage:
    """One usage for the turn: tokens and time summed, the first message's latency, the last one's rates."""
    if not usages:
        return Usage()
    return Usage(
        prompt_tokens=usages[-1].prompt_tokens,
        cached_tokens=usages[-1].cached_tokens,
        generated_tokens=sum(u.generated_tokens for u in usages),
        context_limit=usages[-1].context_limit,
        load_ms=usages[0].load_ms,
        ttft_ms=usages[0].ttft_ms,
        prompt_tps=usages[0].prompt_tps,
        decode_tps=usages[-1].decode_tps,
        total_ms=sum(u.total_ms for u in usages),
        peak_memory_bytes=max(u.peak_memory_bytes for u in usages),
    )
