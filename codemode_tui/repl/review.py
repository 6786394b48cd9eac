"""`/review` in a line: what was rated down, one turn after another, each with the choices that it has on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from codemode_tui.errors import CodemodeError
from codemode_tui.front.corrections import STRIP, rated, recorded
from codemode_tui.front.ports import Records
from codemode_tui.front.questions import Choice
from codemode_tui.front.replay import accepted_of, events_of
from codemode_tui.front.review_queue import Waiting, read_queue
from codemode_tui.repl.correcting import Trials
from codemode_tui.repl.scribe import Scribe

if TYPE_CHECKING:
    from codemode_tui.repl.repl import Repl

CHOICES = (
    *STRIP[:-1],
    Choice("review.next", "next"),
    Choice("review.previous", "the one before"),
    Choice("review.skip", "skip"),
    Choice("review.drop", "drop"),
    Choice("review.leave", "leave"),
)
_STATES = {"skip": "skipped", "drop": "dropped"}
_WAITS = frozenset({"open", "skipped"})
"""States in which something is still to be done: what is corrected is not gone through again."""


async def review(repl: Repl, records: Records) -> None:
    """Go through what waits; without anybody to ask, say what does."""
    waiting = [one for one in await read_queue(records, repl.chat.workspace) if one.state in _WAITS]
    if not waiting:
        repl.say("nothing to review: turns that you rate down wait here until they are corrected")
    elif repl.in_order:
        repl.show(
            f"{len(waiting)} to review",
            [(one.query, " · ".join(filter(None, (one.state, one.why)))) for one in waiting],
        )
    else:
        repl.correcting.begin(_walk(repl, records, waiting))


async def _walk(repl: Repl, records: Records, waiting: list[Waiting]) -> None:
    at = done = 0
    while at < len(waiting):
        try:
            turn = await _shown(repl, records, waiting[at], f"{at + 1} of {len(waiting)}")
        except CodemodeError as error:  # it was deleted meanwhile, or cannot be read
            repl.say(error.line(), "error")
            at += 1
            continue
        before = turn.standing
        action = await repl.correcting.ask_about(turn, CHOICES, "review.next")
        if action in _STATES:
            state = _STATES[action]
            if not await recorded(repl.chat.add_feedback(turn.turn, "review", {"state": state}), repl.say):
                continue
            turn.standing = replace(turn.standing, review=state)
        elif action == "undo":
            if (now := await rated(repl.chat, turn.turn, 0, repl.say)) is None:
                continue
            turn.standing = now
        done += turn.standing != before
        _follow(repl, turn)
        if action in (None, "leave"):
            break
        at = max(0, at - 1) if action == "previous" else at + 1
    repl.say(f"the review is over: {done} of {len(waiting)} done")


async def _shown(repl: Repl, records: Records, one: Waiting, place: str) -> Scribe:
    """Print a stored turn, what was said about it, and what stands in the place of its messages."""
    look, print_ = repl.look, repl.console.print
    stored, standing = await records.turn(one.turn), await records.standing(one.turn)
    title = " · ".join(filter(None, (place, one.why)))
    print_([[], look.rule(title, "accent"), *look.question(stored.query)])
    turn = Scribe(repl.console, look, stored.query)
    for event in events_of(stored):
        turn.apply(event)
    turn.standing = standing
    for how, events in accepted_of(stored, standing):
        trials = Trials(repl.console, look, how)
        for event in events:
            trials.apply(event)
    print_([*look.standing(standing), []])
    return turn


def _follow(repl: Repl, turn: Scribe) -> None:
    """The same turn in the conversation above, if it is there."""
    for other in repl.turns:
        if other.turn == turn.turn:
            other.standing = turn.standing
