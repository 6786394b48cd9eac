"""What people do says something about a turn, also when they say nothing. Kept as ``implicit`` events.

Such an event never changes a rating or a state, and nothing is exported because of one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from codemode_tui.chat.ports import Recorder
from codemode_tui.corpus.near import grams, near
from codemode_tui.errors import CodemodeError
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.bodies import Signal

WITHIN = 2
"""Turns in which a question that is asked again counts as a sign that the answer was of no use."""
COMPARED = 4_000
"""Characters by which two questions resemble each other: pasted megabytes must not hold up the turn."""


class Signals:
    """Notices signals in one conversation."""

    def __init__(self, recorder: Recorder, past: Iterable[tuple[str, str]] = ()) -> None:
        """``past``: turn and question of what the conversation goes on from."""
        self._recorder = recorder
        self._recent = deque(((turn, _squashed(query)) for turn, query in past), WITHIN)

    async def asked(self, turn: str, query: str) -> None:
        """A question; the turns whose question it repeats are told so."""
        text = _squashed(query)
        for earlier, asked in self._recent:
            if asked == text:
                await self.tell(earlier, "regenerated", by=turn)
            elif near(grams(asked[:COMPARED]), grams(text[:COMPARED])):
                await self.tell(earlier, "rephrased", by=turn)
        self._recent.append((turn, text))

    async def ran(self, turn: str, generation: str, run: str, outcome: Outcome, *, edited: bool) -> None:
        """Code was run, or was not."""
        about = {"generation": generation, "run": run}
        if edited:
            await self.tell(turn, "edited", **about)
        if outcome.status == "denied":
            await self.tell(turn, "denied", **about)
        elif outcome.status in ("error", "timeout", "memory"):
            await self.tell(turn, "traceback", status=outcome.status, **about)

    async def tell(self, turn: str, signal: Signal, **more: Any) -> None:  # noqa: ANN401 - any JSON values
        """Record one. A store that cannot, or a turn that was deleted meanwhile, must not be in the way of another."""
        with suppress(CodemodeError):
            await self._recorder.add_feedback(turn, "implicit", {"signal": signal, **more}, "program")


def _squashed(query: str) -> str:
    return " ".join(query.lower().split())
