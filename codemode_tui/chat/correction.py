"""Correcting a turn: candidates for something better, made from exactly the prompt that the model had."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import msgspec

from codemode_tui.chat import events as ev
from codemode_tui.chat.gate import Gate
from codemode_tui.chat.place import Place, What, find_place
from codemode_tui.chat.ports import Recorder
from codemode_tui.chat.services import Services
from codemode_tui.chat.steps import Steps, Stopped, failure_kind
from codemode_tui.chat.wording import as_answer, as_call
from codemode_tui.engine.api import Force
from codemode_tui.errors import CodemodeError, StoreError, UsageError
from codemode_tui.protocol.render import END, clean
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.records import Standing, StoredGeneration, StoredTurn

How = Literal["tool", "direct", "retry", "edit", "continue"]
"""``tool``, ``direct``: the other decision · ``retry``: other tries at the same · ``edit``: a person writes it ·
``continue``: what the model says after the run of a correction that was accepted."""
WARM, WARMER, WARMEST = 0.8, 0.2, 1.6
"""The least temperature of the first retry, how much is added for each further one, and where that ends: a model
that is sure of itself says the same again otherwise."""
SPARE = 3
"""Further tries, for those that come to nothing whole or to what was said before."""
CHOICE = 3
"""Candidates that are offered at most: so many keys there are to take one."""
FORCED: dict[str, Force] = {"should_run": "tool", "should_answer": "direct"}
"""Reason → the decision that it wants."""


class Wish(msgspec.Struct, frozen=True):
    """What is to be corrected, and how."""

    turn: str
    how: How
    step: int | None = None
    """Which message of the turn; None: the one that is most likely meant."""
    code: str | None = None
    """``edit``: the code of the call, or …"""
    answer: str | None = None
    """… the answer."""
    count: int = 3
    """``retry``: how many to try."""


class Correction:
    """Makes the candidates of one wish. ``run`` emits events and never raises, except when cancelled."""

    def __init__(self, services: Services, gate: Gate, emit: Callable[[ev.Event], None], wish: Wish) -> None:
        self.services = services
        self.wish = wish
        self._emit = emit
        self._work = Steps(services, gate, emit, wish.turn)

    async def run(self) -> None:
        """Its last event is ``CandidateReady`` or ``CorrectionFailed``."""
        try:
            await self._candidates()
        except Stopped:
            await self._fail("cancelled", "stopped", "")
        except CodemodeError as error:
            await self._fail(failure_kind(error), error.message, error.hint)

    async def stop(self) -> None:
        """Stop whatever is being done. It then ends with ``CorrectionFailed("cancelled")``."""
        await self._work.stop()

    async def _candidates(self) -> None:
        wish = self.wish
        if wish.how == "edit" and (wish.code is None) == (wish.answer is None):
            raise UsageError("either code or an answer", hint="correct one after the other")
        turn = await self.services.recorder.turn(wish.turn)
        self._work.turn = turn.id
        what: What = wish.how if wish.how != "edit" else "code" if wish.code is not None else "answer"
        if wish.how == "retry":
            reasons = (await self.services.recorder.standing(turn.id)).reasons
            what = next((FORCED[code] for code in reasons if code in FORCED), "retry")
        place = await find_place(self.services.recorder, self.services.profile, turn, what, wish.step)
        if wish.how == "edit":
            await self._edit(turn, place)
        elif what == "tool" or what == "direct":
            await self._tries(turn, place, what)
        elif what == "retry" and place.replaces is not None:
            await self._tries(turn, place, "direct" if place.replaces.code is None else "tool")
        else:
            await self._tries(turn, place, None)

    # -- the ways ------------------------------------------------------------------------------------

    async def _edit(self, turn: StoredTurn, place: Place) -> None:
        wish = self.wish
        if wish.code is not None:
            instead_of = place.replaces.raw if place.replaces else ""
            raw, parsed = as_call(self.services.profile, wish.code, instead_of)
        else:
            raw, parsed = as_answer(wish.answer or "")
        messages, origin = place.messages(""), self._origin(place)
        step, _ = await self._work.written(place.step, messages, origin=origin, raw=raw, parsed=parsed)
        await self._offer(turn, place, step)

    async def _tries(self, turn: StoredTurn, place: Place, force: Force | None) -> None:
        """Let the model say something whole that it has not said here before: once, or as often as a retry wants.

        Of a retry what does not run well is dropped.
        """
        retry = self.wish.how == "retry"
        wanted = self.wish.count if retry else 1
        since = place.follows.id if place.follows else ""
        earlier = [one for one in turn.corrections if one.step == place.step and one.id > since]
        said = {
            one.raw for one in earlier if one.runs or one.code is None
        }  # what nobody decided about is offered again
        if place.replaces is not None:
            said.add(place.replaces.raw)
        settings = self.services.settings.sampling
        seed = secrets.randbits(31) if settings.seed is None else settings.seed + len(earlier)
        as_set = int(not (retry or earlier))
        await self._work.start_engine()
        info = self.services.engine.info
        messages, origin = place.messages(info.tokenizer_sha256 if info else ""), self._origin(place)
        new = offered = 0
        for number in range(wanted + SPARE):
            warm = min(max(settings.temp, WARM) + WARMER * (number - as_set), WARMEST)
            warmer = msgspec.structs.replace(settings, temp=warm, seed=seed + number)
            sampling = settings if number < as_set else warmer
            step, _ = await self._work.generate(place.step, messages, origin=origin, force=force, sampling=sampling)
            if step.raw in said or not _whole(step.finish_reason, step.decision, step.text, force):
                continue
            said.add(step.raw)
            new += 1
            offered += await self._offer(turn, place, step, failing=not retry)
            if new == wanted or offered == CHOICE:
                break
        if not offered:
            found = f"none of {new} other tries ran well" if new else "the model says nothing else here"
            raise UsageError(found, hint="write it yourself, or say what was wrong and leave it")

    async def _offer(self, turn: StoredTurn, place: Place, step: ev.StepParsed, *, failing: bool = True) -> bool:
        """Run what is a call, and offer it. ``failing``: also when its run does not end well."""
        outcome: Outcome | None = None
        if step.decision is Decision.TOOL:
            step, outcome = await self._run(turn, place, step)
            if not failing and outcome.status != "ok":
                return False
        self._emit(
            ev.CandidateReady(
                turn.id,
                step.step,
                generation=step.generation,
                decision=step.decision,
                code=step.code,
                text=step.text,
                outcome=outcome,
                verified=outcome is not None and outcome.status == "ok",
            )
        )
        return True

    async def _run(self, turn: StoredTurn, place: Place, step: ev.StepParsed) -> tuple[ev.StepParsed, Outcome]:
        """Run it after the gate's yes. Code that is edited there is another candidate, in a person's words."""
        session = await self.services.recorder.session(turn.session)
        if not session.is_about(self.services.workspace):
            raise UsageError(
                f"this turn was asked in {session.workspace}, where its code must run",
                hint="start the program in that folder, or name it with --workspace",
            )
        verdict = await self._work.confirm(step, place.context, place.turn)
        if verdict.edited:
            raw, parsed = as_call(self.services.profile, verdict.code, step.raw)
            origin = place.follows.origin if place.follows else "fix_edit"
            step, _ = await self._work.written(place.step, place.messages(""), origin=origin, raw=raw, parsed=parsed)
            verdict = msgspec.structs.replace(verdict, code=parsed.code or "", edited=False)
        _, outcome, _ = await self._work.run(step, verdict)
        self._work.check()
        return step, outcome

    def _origin(self, place: Place) -> str:
        """What goes on from a correction belongs to it."""
        return place.follows.origin if place.follows else f"fix_{self.wish.how}"

    async def _fail(self, kind: ev.FailureKind, message: str, hint: str) -> None:
        with suppress(StoreError):
            await self.services.recorder.abandon_corrections()
        self._emit(ev.CorrectionFailed(self._work.turn, kind, message, hint))


async def accept(recorder: Recorder, turn: str, generation: str) -> Standing:
    """Put a candidate in the place of a message; the turn counts as rated down. On disk when this returns.

    An answer is verified by that, unless it follows on code that failed; a call by its run, if that went well.

    Raises:
        UsageError: there is no such candidate, or it is neither a call nor an answer.
    """
    found = await recorder.turn(turn)
    candidate = next((one for one in found.corrections if one.id == generation), None)
    if candidate is None:
        raise UsageError(f"no candidate {generation} of this turn", hint="correct the turn first")
    if not _whole(candidate.finish_reason, candidate.decision, candidate.text):
        raise UsageError("this candidate is neither a whole call nor an answer", hint="edit it, or try again")
    run = candidate.runs[-1] if candidate.runs else None
    answered = candidate.decision == "direct"
    before = await recorder.standing(found.id)
    earlier = next((one for one in found.corrections if one.id == before.chosen.get(candidate.step - 1)), None)
    sound = earlier is None or earlier.id in before.proofs or not await _follows(recorder, candidate, earlier)
    ok = sound and (answered or candidate.succeeded)
    if found.rating != -1:
        await recorder.rate(found.id, -1)
    await recorder.add_feedback(found.id, "correct", {"chosen": generation, "step": candidate.step})
    proof = {"generation": generation, "run": run.id if run else None, "ok": ok, "how": "human" if answered else "run"}
    await recorder.add_feedback(found.id, "verify", proof)
    return await recorder.standing(found.id)


async def _follows(recorder: Recorder, candidate: StoredGeneration, other: StoredGeneration) -> bool:
    """Whether ``candidate`` was made behind ``other``, not behind the turn's own message in whose place that stands."""
    (prompt, _), (before, _) = await recorder.prompt(candidate.id), await recorder.prompt(other.id)
    return prompt.startswith(f"{before}{clean(other.raw)}{END}")


def _whole(finish_reason: str | None, decision: str | None, text: str, force: Force | None = None) -> bool:
    """Whether it is a call, or an answer that says something; of two the one that is wanted."""
    usual = decision == "tool" or (decision == "direct" and bool(text.strip()))
    return finish_reason == "stop" and usual and force in (None, decision)
