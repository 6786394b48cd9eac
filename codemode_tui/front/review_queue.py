"""What waits to be reviewed, in the order in which five minutes teach most: least certain and most frequent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from codemode_tui.front.ports import Records
from codemode_tui.front.wording import percent
from codemode_tui.store.records import FeedbackNow, FeedbackState, StoredTurn

LIMIT = 200
"""Turns of each state that are looked at, the newest."""
STATES: tuple[FeedbackState, ...] = ("open", "skipped", "corrected", "verified")
"""In this order. Dropped turns are done with."""


class Waiting(msgspec.Struct, frozen=True):
    """A turn that was rated down."""

    turn: str
    query: str
    state: FeedbackState
    probability: float | None
    """P(tool) at its first decision."""
    failure: str
    """What kind of failure: its first reason, else its exception, else an odd decision; empty if none is known."""
    alike: int = 1
    """How many failures of that kind wait, this one included."""

    @property
    def weight(self) -> float:
        """How much there is to learn: 0–1 for doubt (1 at P(tool) = 0.5), and 0–1 for company."""
        doubt = 0.0 if self.probability is None else 1 - 2 * abs(self.probability - 0.5)
        return doubt + (1 - 1 / self.alike)

    @property
    def why(self) -> str:
        """What kind of failure, how often, and how certain its decision was: what the order depends on."""
        kind = f"{self.failure} ×{self.alike}" if self.alike > 1 else self.failure
        doubt = percent(self.probability)
        return " · ".join(part for part in (kind, doubt and f"P {doubt}") if part)


async def read_queue(records: Records, workspace: Path) -> list[Waiting]:
    """All thumbs-downs of a workspace that are not dropped, in order."""
    found: list[Waiting] = []
    for state in STATES:
        for now in await records.feedback_now(workspace, rating=-1, limit=LIMIT, state=state):
            found.append(_waiting(now, await records.turn(now.turn)))
    return ordered(found)


def ordered(found: Iterable[Waiting]) -> list[Waiting]:
    """Uncorrected first; of those with the same state the weightiest."""
    rows = list(found)
    sizes = Counter(one.failure for one in rows if one.failure and one.state == "open")
    rows = [msgspec.structs.replace(one, alike=max(1, sizes[one.failure])) for one in rows]
    return sorted(rows, key=lambda one: (STATES.index(one.state), -one.weight, one.turn))


def _waiting(now: FeedbackNow, turn: StoredTurn) -> Waiting:
    first = turn.generations[0] if turn.generations else None
    runs = [run.outcome for generation in turn.generations for run in generation.runs if run.outcome is not None]
    raised = [outcome.exception.type for outcome in runs if outcome.exception is not None]
    odd = first.decision if first is not None and first.decision not in ("tool", "direct") else None
    failure = now.reasons[0].replace("_", " ") if now.reasons else raised[-1] if raised else odd or ""
    return Waiting(turn.id, turn.query, now.state, first.probability if first else None, failure)
