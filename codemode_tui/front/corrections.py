"""From a thumbs-down to something better: the choices, what each means, and what a turn offers to be changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Literal, NamedTuple

from codemode_tui.chat import events as ev
from codemode_tui.chat.correction import How
from codemode_tui.errors import CodemodeError
from codemode_tui.front.ports import Chat
from codemode_tui.front.questions import Choice
from codemode_tui.protocol.types import Decision
from codemode_tui.store.records import REASONS, REASONS_VERSION, Standing

STRIP = (
    Choice("strip.should-run", "should run code", "should run"),
    Choice("strip.should-answer", "should answer"),
    Choice("strip.wrong-code", "wrong code"),
    Choice("strip.wrong-answer", "wrong answer"),
    Choice("strip.crashed", "crashed"),
    Choice("strip.unsafe", "unsafe"),
    Choice("strip.format", "format"),
    Choice("strip.edit", "edit"),
    Choice("strip.retry", "retry"),
    Choice("strip.comment", "comment"),
    Choice("strip.undo", "undo"),
    Choice("strip.later", "later"),
)
CORRECT = {"run": "should_run", "answer": "should_answer", "edit": "edit", "retry": "retry"}
"""What may follow ``/correct``, and the choice that it is."""
RATINGS = {"thumbs-down": -1, "thumbs-up": 1}
"""Command → the rating that it gives."""
FORCED: dict[str, How] = {"should_run": "tool", "should_answer": "direct"}
TITLES: dict[How, str] = {
    "tool": "instead: run code",
    "direct": "instead: answer",
    "retry": "instead: a retry",
    "edit": "instead: as you wrote it",
    "continue": "and then",
}
PICKS = {"accept": 0, "first": 0, "second": 1, "third": 2}
"""Action of a choice → which candidate it takes."""
_FIRST = (Choice("candidate.first", "the first"), Choice("candidate.second", "the second"),
          Choice("candidate.third", "the third"))  # fmt: skip
_ONE = (Choice("candidate.accept", "accept"), Choice("candidate.drop", "drop"))
_AFTER = (Choice("candidate.again", "retry"), Choice("candidate.edit", "edit"))
ALL = (*_FIRST, *_ONE, *_AFTER)
"""All that may ever be done with a candidate."""
_OPPOSITE = {"should_run": "should_answer", "should_answer": "should_run"}
_MEANT = {
    "should_run": "code", "should_answer": "answer", "wrong_code": "code", "wrong_answer": "answer",
    "crashed": "code", "format": "answer",
}  # fmt: skip
"""Reason → what is wrong."""


class Draft(NamedTuple):
    """One message of a turn, as it may be written anew."""

    step: int | None
    """Which message; None: the one that is most likely meant."""
    kind: Literal["code", "answer"]
    text: str
    name: str = ""
    """In words, for the title."""
    failed: bool = False
    """Code that did not run well."""


class Message(NamedTuple):
    """One message of a turn, so far as it is known."""

    decision: Decision | None
    code: str | None
    text: str
    failed: bool = False
    """Its code did not run well."""


def drafts(said: dict[int, Message]) -> list[Draft]:
    """What of a turn can be written anew: each code and each answer, or what it should have had of them."""
    found: list[Draft] = []
    codes = sum(one.code is not None for one in said.values())
    for number, one in said.items():
        if one.code is not None:
            name = f"code of step {number + 1}" if codes > 1 else "code"
            found.append(Draft(number, "code", one.code, name, one.failed))
        elif one.decision is Decision.DIRECT:
            found.append(Draft(number, "answer", one.text, "answer"))
    if said and not codes:
        found.append(Draft(max(said), "code", "", "code"))
    if said and all(draft.kind != "answer" for draft in found):
        found.append(Draft(None, "answer", "", "answer"))  # behind its runs, wherever they ended
    return found


def likeliest(found: Sequence[Draft], reasons: Sequence[str]) -> int:
    """Which draft the reasons mean."""
    kinds = [_MEANT[code] for code in reasons if code in _MEANT]
    meant = [at for at, draft in enumerate(found) if draft.kind in kinds[:1]]
    crashed = [at for at in meant if found[at].failed and "crashed" in reasons]
    return next(iter([*crashed, *meant]), 0)


def placed(draft: Draft, standing: Standing) -> Draft:
    """After a corrected run that went well the answer follows on that, and one that was wanted at once comes first:
    wherever the turn's own stood."""
    moved = bool(standing.chosen) or "should_answer" in standing.reasons
    return draft._replace(step=None) if draft.kind == "answer" and moved else draft


def of_candidate(one: ev.CandidateReady) -> Draft:
    kind: Literal["code", "answer"] = "answer" if one.code is None else "code"
    return Draft(one.step, kind, one.text if one.code is None else one.code, kind)


def with_reason(reasons: Sequence[str], code: str) -> tuple[str, ...]:
    """Say why, or take that back. A wish for the other decision is said once and stays."""
    said = set(reasons)
    said = (said | {code}) - {_OPPOSITE[code]} if code in _OPPOSITE else said ^ {code}
    return tuple(one for one in REASONS if one in said)


def reason_body(reasons: tuple[str, ...]) -> dict[str, object]:
    return {"codes": list(reasons), "enum_version": REASONS_VERSION}


async def rated(
    chat: Chat, turn: str, value: Literal[-1, 0, 1], say: Callable[[str, Literal["error"]], None]
) -> Standing | None:
    """Rate a turn (0: take the rating in force back). What stands now; None: it is not on disk, and that was said."""
    return await chat.standing(turn) if await recorded(chat.rate(turn, value), say) else None


def rating_in_words(name: str, before: Standing, now: Standing, undo: str) -> str:
    """What the command ``name`` has done; ``undo``: how that is undone. No correction goes, or comes back, unsaid."""
    lost = bool(before.chosen) and not now.chosen
    if now.rating == RATINGS[name] != before.rating:
        return f"{name} saved{', the correction is dropped;' if lost else ','} {undo}"
    if now.rating:
        earlier = next(one for one, value in RATINGS.items() if value == now.rating)
        return f"{name} undone: {'the correction' if now.chosen else earlier} stands again"
    return f"{name} undone{', and its correction with it' if lost else ''}"


def cannot(action: str, decided: set[Decision]) -> str:
    """Why the other decision need not be forced; empty when it can."""
    if action == "should_answer" and decided == {Decision.DIRECT}:
        return "it did answer: e writes a better one, r tries again"
    if action == "should_run" and decided == {Decision.TOOL}:
        return "it did run code: e changes it, r tries again"
    return ""


def candidates(chat: Chat, turn: str, how: How, draft: Draft | None) -> AsyncIterator[ev.Event]:
    """What the turn could have come to; ``draft``: with what somebody wrote."""
    if draft is None:
        return chat.correct(turn, how)
    if draft.kind == "code":
        return chat.correct(turn, how, step=draft.step, code=draft.text)
    return chat.correct(turn, how, step=draft.step, answer=draft.text)


async def recorded(work: Awaitable[object], say: Callable[[str, Literal["error"]], None]) -> bool:
    """Whether it is on disk; if not, that is said."""
    try:
        await work
    except CodemodeError as error:
        say(f"not recorded: {error.line()}", "error")
        return False
    return True


def offered(ready: Sequence[ev.CandidateReady]) -> tuple[Choice, ...]:
    """What may be done with what came of a correction."""
    if len(ready) > 1:
        return (*_FIRST[: len(ready)], _ONE[1]._replace(label="none"), _AFTER[0])
    if not ready:
        return (_ONE[1]._replace(label="close"), *_AFTER)
    sure = ready[0].verified or ready[0].code is None
    return (*(_ONE if sure else (_ONE[0]._replace(label="accept, not verified"), _ONE[1])), *_AFTER)
