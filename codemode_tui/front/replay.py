"""Stored turns as the events that they once were: a resumed session looks as it did."""

from __future__ import annotations

from typing import Any

from codemode_tui.chat import events as ev
from codemode_tui.chat.conversation import Conversation
from codemode_tui.chat.correction import How
from codemode_tui.engine.api import Usage, decode_tps
from codemode_tui.protocol.types import Decision
from codemode_tui.store.records import Standing, StoredGeneration, StoredTurn

HOW: dict[str, How] = {"fix_tool": "tool", "fix_direct": "direct", "fix_retry": "retry", "fix_edit": "edit"}


async def past_turns(conversation: Conversation, limit: int) -> list[list[ev.Event]]:
    """The turns of the conversation's session, of all but the last ``limit`` only the first event; empty when nothing
    is stored."""
    turns: Any = getattr(conversation.services.recorder, "turns", None)
    if turns is None:
        return []
    stored: list[StoredTurn] = await turns(conversation.session)
    older: list[list[ev.Event]] = [[ev.TurnStarted(turn.id, turn.session, turn.query)] for turn in stored[:-limit]]
    return [*older, *(events_of(turn) for turn in stored[-limit:])]


def events_of(turn: StoredTurn) -> list[ev.Event]:
    """What a front end needs in order to show ``turn``."""
    events: list[ev.Event] = [ev.TurnStarted(turn.id, turn.session, turn.query)]
    for generation in turn.generations:
        events += _step(turn.id, generation)
    if turn.answer is not None:
        events.append(ev.AnswerReady(turn.id, turn.answer))
    record = _record(turn)
    if turn.state == "done":
        events.append(ev.TurnDone(turn.id, record))
    else:
        kind: ev.FailureKind = "cancelled" if turn.state == "cancelled" else "error"
        events.append(ev.TurnFailed(turn.id, kind, turn.error or turn.state, "", record))
    return events


def accepted_of(turn: StoredTurn, standing: Standing) -> list[tuple[How, list[ev.Event]]]:
    """What stands in the place of messages of ``turn``: how each was made, and its events up to ``CandidateReady``."""
    found = sorted((one for one in turn.corrections if one.id in standing.chosen.values()), key=lambda one: one.step)
    return [
        (HOW[one.origin] if at == 0 or found[at - 1].step + 1 < one.step else "continue",
         [*_step(turn.id, one), _candidate(turn.id, one)])
        for at, one in enumerate(found)
    ]  # fmt: skip


def _step(turn: str, generation: StoredGeneration) -> list[ev.Event]:
    """One message, and what its code did."""
    events: list[ev.Event] = [_parsed(turn, generation)]
    for run in generation.runs:
        if run.confirmed_by != "declined":
            events.append(ev.RunStarted(turn, generation.step, run.id, run.code, run.backend))
        if run.outcome is not None:
            for stream in ("stdout", "stderr"):
                if text := getattr(run.outcome, stream):
                    events.append(ev.RunOutput(turn, generation.step, stream, text))
            events.append(ev.RunFinished(turn, generation.step, run.id, run.outcome))
    return events


def _candidate(turn: str, generation: StoredGeneration) -> ev.CandidateReady:
    outcome = generation.runs[-1].outcome if generation.runs else None
    return ev.CandidateReady(
        turn, generation.step, generation=generation.id, decision=Decision(generation.decision or "truncated"),
        code=generation.code, text=generation.text, outcome=outcome, verified=outcome is not None,
    )  # fmt: skip


def _parsed(turn: str, generation: StoredGeneration) -> ev.StepParsed:
    reason = generation.finish_reason if generation.finish_reason in ("stop", "length", "cancel") else "error"
    return ev.StepParsed(
        turn,
        generation.step,
        decision=Decision(generation.decision or "truncated"),
        probability=generation.probability,
        forced=generation.forced,
        dialect=generation.dialect,
        raw=generation.raw,
        text=generation.text or ("" if generation.code else generation.raw),
        code=generation.code,
        warnings=generation.warnings,
        finish_reason=reason,  # type: ignore[arg-type]  # narrowed above
        usage=_usage(generation.usage),
        generation=generation.id,
    )


def _record(turn: StoredTurn) -> ev.TurnRecord:
    usages = [_usage(generation.usage) for generation in turn.generations]
    usage = Usage(
        generated_tokens=sum(u.generated_tokens for u in usages),
        total_ms=sum(u.total_ms for u in usages),
        decode_tps=decode_tps((u.generated_tokens, u.decode_tps) for u in usages),
    )
    return ev.TurnRecord(
        session=turn.session, turn=turn.id, query=turn.query, decision={}, raw="", text="", code=None, run=None,
        answer=turn.answer, attempts=1, finish_reason="stop", usage=usage, steps=(), model=None,
    )  # fmt: skip


def _usage(stored: dict[str, Any]) -> Usage:
    known = {name: stored[name] for name in Usage.__struct_fields__ if isinstance(stored.get(name), int | float)}
    return Usage(**known)
