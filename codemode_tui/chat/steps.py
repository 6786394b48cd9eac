"""One step of a turn, or of a correction of it: a message is generated, its code confirmed and run, all recorded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

import msgspec

from codemode_tui import __version__
from codemode_tui.chat import events as ev
from codemode_tui.chat.gate import Gate, Verdict
from codemode_tui.chat.ports import NullRecorder
from codemode_tui.chat.room import Room, full
from codemode_tui.chat.services import Services
from codemode_tui.engine.api import (
    Finished,
    Force,
    GenerateRequest,
    Progress,
    Sampling,
    Token,
    ToolLikelihood,
    Usage,
)
from codemode_tui.engine.kv_files import key_of
from codemode_tui.errors import CodemodeError, ContextError, EngineError, ModelError, SandboxError, StoreError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.render import render, render_text, response_text
from codemode_tui.protocol.stream import StreamParser
from codemode_tui.protocol.types import Message, Parsed, Segment
from codemode_tui.sandbox.types import Outcome

FLUSH_SECONDS = 0.25
"""How much streamed text a crash may lose: chunks are stored this often."""
THINK = "<think>"
THINKING = "the model thinks aloud, as none of this profile does: is it the right model? /model shows it"

T = TypeVar("T")


class Stopped(Exception):
    """The user stopped it."""


class Begun(NamedTuple):
    """The beginning of a message that was cut off; the model says the rest."""

    raw: str
    token_ids: tuple[int, ...]
    probability: float | None


class Steps:
    """The steps of one stored turn. Every method raises ``Stopped`` once ``stop`` was called."""

    def __init__(self, services: Services, gate: Gate, emit: Callable[[ev.Event], None], turn: str = "") -> None:
        self.services = services
        self.gate = gate
        self.emit = emit
        self.turn = turn
        self.said: ev.StepParsed | None = None
        """The message that is not told yet, as far as it came, where stopping, storing or the engine ended it."""
        self.outcome: Outcome | None = None
        """Of the run that was begun last, as soon as it is known: storing it may fail."""
        self._stop = asyncio.Event()

    async def stop(self) -> None:
        self._stop.set()
        self.gate.abandon()
        await self.services.engine.cancel()

    async def start_engine(self) -> None:
        engine = self.services.engine
        if engine.info is None or not engine.running:
            await self._or_stop(engine.start(self._progress))

    async def generate(
        self,
        number: int,
        messages: Sequence[Message],
        *,
        origin: str,
        force: Force | None,
        sampling: Sampling | None = None,
        begun: Begun | None = None,
        room: Room | None = None,
    ) -> tuple[ev.StepParsed, Message]:
        """Let the model say what comes after ``messages``: as understood, and as it stands in a conversation.

        Raises:
            ContextError: they do not fit, and nothing was stored; EngineError, StoreError.
        """
        self.said = None
        self.check()  # the engine, which was told to stop, has not begun
        services, recorder = self.services, self.services.recorder
        profile, sampling = services.profile, sampling or services.settings.sampling
        prompt = render(profile, messages)
        # Of what is not stored nothing is shared either: an evaluation must not depend on what came before a case.
        keep = not isinstance(recorder, NullRecorder)
        request = GenerateRequest(
            prompt=prompt if begun is None else (*prompt, Segment(begun.raw, token_ids=begun.token_ids)),
            sampling=sampling,
            stop=profile.stop,
            openings=profile.openings,
            force=force,
            guide=profile.wrapper if services.settings.guided else None,
            conversation=services.session,
            reserve=room.reserve if room else 1,
            cache_key=key_of(services.engine.info, profile.sha256) if keep or services.past else "",
            keep=keep,
        )
        provenance = provenance_of(services) | {"model": services.engine.info, "sampling": sampling}
        stream = StreamParser(profile)
        probability = begun.probability if begun else None
        finished: Finished | None = None
        notices: list[str] = []
        generation = beginning = ""
        raw, stored, flushed = begun.raw if begun else "", 0, time.monotonic()
        try:
            async for event in services.engine.generate(request):
                if isinstance(event, Progress):
                    self._progress(event)
                    if event.phase != "prefill":  # it may still be found not to fit
                        continue
                if not generation:
                    generation = await recorder.begin_generation(
                        self.turn, number, origin, render_text(prompt), provenance
                    )
                    if room is not None and room.notice:
                        room.drop()
                        notices.append(self._notice(number, "dropped", room.notice))
                    if begun is not None:
                        self._show(stream, number, begun.raw)
                if isinstance(event, ToolLikelihood) and begun is None:
                    probability = event.probability
                    self.emit(ev.Likelihood(self.turn, number, probability))
                elif isinstance(event, Token) and event.text:
                    if begun is None and len(beginning) < len(THINK):
                        beginning = (beginning + event.text).lstrip()[: len(THINK)]
                        if beginning == THINK:
                            notices.append(self._notice(number, "thinking", THINKING))
                    self._show(stream, number, event.text, len(event.ids))
                    raw += event.text
                    if time.monotonic() - flushed > FLUSH_SECONDS:
                        await recorder.append_chunk(generation, raw[stored:])
                        stored, flushed = len(raw), time.monotonic()
                elif isinstance(event, Finished):
                    finished = event
        except (ContextError, EngineError, StoreError) as error:
            if generation and raw:  # what was said before it failed
                parsed = parse(raw, profile, truncated=True)
                broken = Finished("error", raw, (), Usage())
                self.said = self._step(number, generation, broken, parsed, probability, force is not None, notices)
                if raw[stored:] and not isinstance(error, StoreError):
                    with suppress(StoreError):  # the first error is what is told
                        await recorder.append_chunk(generation, raw[stored:])
            if generation and isinstance(error, ContextError):  # with less before it, it would be said once more
                raise EngineError(error.message, hint=error.hint) from error
            raise
        if finished is None:
            raise EngineError("the engine ended without finishing its message", hint="ask again")
        if begun is not None:  # one message: as if it had never been cut off
            ids = (*begun.token_ids, *finished.token_ids) if finished.token_ids else ()
            finished = msgspec.structs.replace(finished, text=begun.raw + finished.text, token_ids=ids)
        # Parsed once more as a whole: what is stored and executed never depends on how it streamed.
        parsed = parse(finished.text, profile, truncated=finished.finish_reason != "stop")
        if finished.rebuilt:
            parsed = _rebuilt(parsed)
        notices += [self._notice(number, "engine", text) for text in finished.notes]
        if finished.finish_reason == "length" and not finished.notes and (text := full(finished.usage)):
            notices.append(self._notice(number, "full", text))
        step = self._step(number, generation, finished, parsed, probability, force is not None, notices)
        return await self._parsed(step, finished, parsed)

    async def written(
        self, number: int, messages: Sequence[Message], *, origin: str, raw: str, parsed: Parsed
    ) -> tuple[ev.StepParsed, Message]:
        """Record what a person wrote in the model's place, after the same ``messages``."""
        prompt = render_text(render(self.services.profile, messages))
        provenance = provenance_of(self.services) | {"by": "human"}
        generation = await self.services.recorder.begin_generation(self.turn, number, origin, prompt, provenance)
        finished = Finished("stop", raw, (), Usage())
        step = self._step(number, generation, finished, parsed, probability=None, forced=False)
        return await self._parsed(step, finished, parsed)

    async def confirm(self, step: ev.StepParsed, context: Sequence[Message], turn: Sequence[Message]) -> Verdict:
        """Ask the gate about the code of ``step``. What the model said in this turn is no mention of a path."""
        said = "\n".join(
            [*(message.content for message in context), *(one.content for one in turn if one.role != "assistant")]
        )
        question = next((one.content for one in turn if one.role == "user"), "") if step.step == 0 else ""
        return await self._or_stop(self.gate.confirm(self.turn, step, said, self.emit, question))

    async def run(self, step: ev.StepParsed, verdict: Verdict) -> tuple[str, Outcome, str]:
        """Run what was confirmed. Returns the run, what it did, and what the model is told of it."""
        recorder = self.services.recorder
        self.outcome = None
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
            self.emit(ev.RunStarted(self.turn, step.step, run, verdict.code, backend))
            outcome = await verdict.sandbox.run(
                verdict.code,
                self.gate.tools(self.turn, step.step, self.emit, verdict),
                self.services.settings.limits,
                on_output=lambda stream, text: self.emit(ev.RunOutput(self.turn, step.step, stream, text)),
                stop=self._stop,
            )
        self.outcome = outcome
        response = self._response(outcome)
        await recorder.end_run(run, outcome, response)
        self.emit(ev.RunFinished(self.turn, step.step, run, outcome))
        return run, outcome, response

    def check(self) -> None:
        """Raises ``Stopped`` once it is."""
        if self._stop.is_set():
            raise Stopped

    # -- helpers -------------------------------------------------------------------------------------

    def _show(self, stream: StreamParser, number: int, text: str, tokens: int = 0) -> None:
        self.emit(ev.RawDelta(self.turn, number, text, tokens or 1))
        for delta in stream.feed(text):
            kind = ev.CodeDelta if delta.kind == "code" else ev.TextDelta
            self.emit(kind(self.turn, number, delta.text))

    async def _parsed(self, step: ev.StepParsed, finished: Finished, parsed: Parsed) -> tuple[ev.StepParsed, Message]:
        self.said = step if finished.text else None
        await self.services.recorder.end_generation(
            step.generation,
            raw_text=finished.text,
            token_ids=finished.token_ids,
            finish_reason=finished.finish_reason,
            usage=finished.usage,
            probability=step.probability,
            forced=step.forced,
            parsed=msgspec.structs.replace(parsed, warnings=(*step.notices, *parsed.warnings)),
        )
        if self._stop.is_set() or finished.finish_reason == "cancel":
            raise Stopped
        self.said = None
        self.emit(step)
        # No ids (of a text that was cut at a stop word, or that a person wrote): it is tokenised again.
        return step, Message("assistant", finished.text, finished.token_ids or None)

    def _step(
        self,
        number: int,
        generation: str,
        finished: Finished,
        parsed: Parsed,
        probability: float | None,
        forced: bool,
        notices: Sequence[str] = (),
    ) -> ev.StepParsed:
        return ev.StepParsed(
            self.turn,
            number,
            decision=parsed.decision,
            probability=probability,
            forced=forced,
            dialect=parsed.dialect,
            raw=finished.text,
            text=parsed.text,
            code=parsed.code,
            warnings=parsed.warnings,
            finish_reason=finished.finish_reason,
            usage=finished.usage,
            generation=generation,
            notices=tuple(notices),
        )

    def _notice(self, number: int, kind: ev.NoticeKind, text: str) -> str:
        self.emit(ev.Noticed(self.turn, number, kind, text))
        return text

    def _progress(self, progress: Progress) -> None:
        self.emit(ev.Waiting(self.turn, progress.phase, progress.done, progress.total))

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

    async def _or_stop(self, work: Awaitable[T]) -> T:
        """Wait for ``work``, or raise ``Stopped`` as soon as the user stops."""
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            self.check()
            return task.result()
        finally:
            stopped.cancel()
            if not task.done():
                task.cancel()


def _rebuilt(parsed: Parsed) -> Parsed:
    """Marked as what no model wrote to the letter, so that nobody takes it for training data of its dialect."""
    dialect = parsed.dialect and f"{parsed.dialect}-rebuilt"
    warning = "the server took the message apart; its text is put together again"
    return msgspec.structs.replace(parsed, dialect=dialect, warnings=(*parsed.warnings, warning))


def provenance_of(services: Services) -> dict[str, Any]:
    """What is known of every message, whoever writes it."""
    return {"app": __version__, "profile": services.profile.name, "profile_sha256": services.profile.sha256}


def failure_kind(error: CodemodeError) -> ev.FailureKind:
    """In which of the rooms below it went wrong."""
    kinds: dict[type[CodemodeError], ev.FailureKind] = {
        SandboxError: "sandbox", EngineError: "engine", ModelError: "model", StoreError: "store",
    }  # fmt: skip
    return next((kind for room, kind in kinds.items() if isinstance(error, room)), "error")
