"""One turn: prompt, decision, code, confirmation, run, answer — as events, recorded step by step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from codemode_tui.chat import events as ev
from codemode_tui.chat.gate import Gate, not_run
from codemode_tui.chat.room import Room
from codemode_tui.chat.services import Services
from codemode_tui.chat.signals import Signals
from codemode_tui.chat.steps import Begun, Steps, Stopped, failure_kind
from codemode_tui.engine.api import CallsAnywayError, FinishReason, Force, Usage, decode_tps
from codemode_tui.errors import CodemodeError, ContextError, StoreError
from codemode_tui.protocol.types import Decision, Message
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.records import TurnEnd

NO_DECISION = {"value": None, "probability": None, "forced": False, "dialect": None}
"""Of a turn that ended before its model said anything."""


class Turn:
    """Runs one turn to its end. ``run`` emits events and raises only bugs, and when it is cancelled."""

    def __init__(
        self,
        services: Services,
        gate: Gate,
        query: str,
        force: Force | None,
        emit: Callable[[ev.Event], None],
        signals: Signals,
        begun: Begun | None = None,
    ) -> None:
        self.services = services
        self.gate = gate
        self.query = query
        self.force = force
        self.emit = emit
        self.messages: list[Message] = [Message("user", query)]
        self.steps: list[ev.Step] = []
        self._work = Steps(services, gate, emit)
        self._signals = signals
        self._begun = begun
        self._usage: list[Usage] = []
        self._finish_reason: FinishReason = "stop"
        self._retries = 0
        self._unstored: tuple[TurnEnd, str] | None = None
        """How it ended early, until that is stored."""

    @property
    def id(self) -> str:
        """Empty until it is stored."""
        return self._work.turn

    async def run(self) -> None:
        """The whole turn. Its last event is ``TurnDone`` or ``TurnFailed``."""
        recorder = self.services.recorder
        answer: str | None = None
        try:
            context = self.services.context.messages()
            self._work.turn = await recorder.begin_turn(self.services.session, self.query, context)
            self.emit(ev.TurnStarted(self.id, self.services.session, self.query))
            await self._signals.asked(self.id, self.query)
            await self._work.start_engine()
            answer = await self._answer()
            if answer is not None:
                self.emit(ev.AnswerReady(self.id, answer))
            await recorder.end_turn(self.id, "done", answer)
            self.services.context.add(self.messages)
            self.emit(ev.TurnDone(self.id, self._record(answer)))
        except Stopped:
            await self._fail("cancelled", "stopped", "")
        except CodemodeError as error:
            await self._fail(failure_kind(error), error.message, error.hint, answer)
        except Exception as error:  # a bug, raised where it is shown; the store must not say for ever that it runs
            self._unstored = "failed", f"unexpected {type(error).__name__}: {error}"
            with suppress(CodemodeError):
                await self.settle()
            raise

    async def settle(self) -> None:
        """Store how it ended, where the store could not take it then: without an end it counts as running.

        Raises:
            StoreError: it still cannot.
        """
        if self.id and self._unstored is not None:
            state, error = self._unstored
            await self.services.recorder.end_turn(self.id, state, None, error)
        self._unstored = None

    @property
    def settled(self) -> bool:
        return self._unstored is None

    async def stop(self) -> None:
        """Stop whatever the turn is doing. It then ends with ``TurnFailed("cancelled")``."""
        await self._work.stop()

    # -- the steps ---------------------------------------------------------------------------------

    async def _answer(self) -> str | None:
        """Generate and run until the model answers. Returns the answer, None if there is none."""
        settings = self.services.settings
        enough = False
        for number in range(settings.max_steps + 1):
            try:
                step = await self._generate(number, "direct" if enough else self.force if number == 0 else None)
            except CallsAnywayError as error:
                if not enough:
                    raise
                self.emit(ev.Noticed(self.id, number - 1, "engine", f"there is no answer: {error.message}"))
                return None  # how it ended is what the last run says
            if step.decision is not Decision.TOOL or step.code is None:
                self.steps.append(_step(step, None))
                return step.text if step.decision is Decision.DIRECT else None
            outcome, response = await self._execute(step, allowed=not enough)
            self.messages.append(Message("tool", response))
            if outcome.status == "not_run" or (outcome.status == "denied" and not self.gate.reason):
                return None
            if outcome.status != "ok":
                self._retries += 1
            # Enough runs or tries: what is left is to answer.
            enough = self._retries > settings.retries or number + 1 == settings.max_steps
        return None

    async def _generate(self, number: int, force: Force | None) -> ev.StepParsed:
        origin = f"forced_{force}" if force else "model"
        room = self._room()
        while True:
            messages = [*room.messages, *self.messages]
            try:
                step, message = await self._work.generate(
                    number, messages, origin=origin, force=force, begun=self._begun if number == 0 else None, room=room
                )
            except ContextError as error:
                room.make(error)
                continue
            self._usage.append(step.usage)
            self._finish_reason = step.finish_reason
            self.messages.append(message)
            return step

    def _room(self) -> Room:
        services, info = self.services, self.services.engine.info
        answer, drop = services.settings.sampling.max_tokens, services.settings.at_limit == "drop"
        return Room(services.context, info.context_limit if info else 0, answer, drop=drop)

    async def _execute(self, step: ev.StepParsed, *, allowed: bool) -> tuple[Outcome, str]:
        """Confirm and run the code of ``step``. Returns what it did and what the model is told."""
        assert step.code is not None
        if allowed:
            try:
                verdict = await self._work.confirm(step, self.services.context.messages(), self.messages)
            except (CodemodeError, Stopped) as error:  # what the model has said is told all the same
                reason = error.message if isinstance(error, CodemodeError) else "stopped"
                self.steps.append(_step(step, Outcome("not_run", reason=reason)))
                raise
        else:
            verdict = not_run(step.code, "the model was told to answer and called again")
        try:
            run, outcome, response = await self._work.run(step, verdict)
        except CodemodeError as error:
            outcome = self._work.outcome or Outcome("not_run", reason=error.message)
            self.steps.append(_step(step, outcome, verdict.warnings))
            raise
        self.steps.append(_step(step, outcome, verdict.warnings))
        self._work.check()
        await self._signals.ran(self.id, step.generation, run, outcome, edited=verdict.edited)
        return outcome, response

    # -- helpers -----------------------------------------------------------------------------------

    async def _fail(self, kind: ev.FailureKind, message: str, hint: str, answer: str | None = None) -> None:
        """End the turn early. A store that fails now must not hide the first error, nor an ``answer`` that is there."""
        stopped = kind == "cancelled"
        if (said := self._work.said) is not None:  # what was streamed of a message is told; its code never runs
            self._usage += [said.usage] if said.usage != Usage() else []  # of a broken one nothing is known
            self.steps.append(_step(said, None))
            if kind == "store" and said.finish_reason == "stop" and said.decision is Decision.DIRECT:
                answer = said.text
        self._finish_reason = "cancel" if stopped else "error"
        self._unstored = "cancelled" if stopped else "failed", message
        try:
            await self.settle()
        except StoreError as error:
            if error.message != message:
                message = f"{message}; and it could not be stored: {error.message}"
        self.emit(ev.TurnFailed(self.id, kind, message, hint, self._record(answer)))

    def _record(self, answer: str | None) -> ev.TurnRecord:
        first = self.steps[0] if self.steps else None
        called = next((s for s in reversed(self.steps) if s.decision["dialect"] is not None), None)
        tried = [s.run for s in self.steps if s.run is not None and s.run.status != "not_run"]
        return ev.TurnRecord(
            session=self.services.session,
            turn=self.id,
            query=self.query,
            decision=first.decision if first else dict(NO_DECISION),
            raw=first.raw if first else "",
            text=(answer if answer is not None and len(self.steps) == 1 else first.text) if first else "",
            code=called.code if called else None,
            run=called.run if called else None,
            answer=answer,
            attempts=1 + sum(run.status != "ok" for run in tried[:-1]),
            finish_reason=self._finish_reason,
            usage=_total(self._usage),
            steps=tuple(self.steps),
            model=self.services.engine.info,
        )


def _step(parsed: ev.StepParsed, outcome: Outcome | None, found: tuple[str, ...] = ()) -> ev.Step:
    decision = {
        "value": parsed.decision.value,
        "probability": parsed.probability,
        "forced": parsed.forced,
        "dialect": parsed.dialect,
    }
    return ev.Step(decision, parsed.raw, parsed.text, parsed.code, outcome, (*parsed.warnings, *parsed.notices, *found))


def _total(usages: list[Usage]) -> Usage:
    """One usage for the turn: tokens and time summed, the first message's latency."""
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
        decode_tps=decode_tps((u.generated_tokens, u.decode_tps) for u in usages),
        total_ms=sum(u.total_ms for u in usages),
        peak_memory_bytes=max(u.peak_memory_bytes for u in usages),
        guessed_tokens=sum(u.guessed_tokens for u in usages),
    )
