"""A store that holds what it is given: for the review, without a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from codemode_tui.sandbox.types import ExceptionInfo, Outcome
from codemode_tui.store.external import ExternalEvent, ExternalRow
from codemode_tui.store.records import FeedbackNow, Standing, StoredGeneration, StoredRun, StoredTurn


class Archive:
    """A ``ports.Records``."""

    def __init__(self, *turns: tuple[StoredTurn, Standing], rows: Sequence[ExternalRow] = ()) -> None:
        self.turns = {turn.id: turn for turn, _ in turns}
        self.standings = {turn.id: standing for turn, standing in turns}
        self.rows = list(rows)
        self.done: list[tuple[int, str, dict[str, Any]]] = []

    async def turn(self, turn: str) -> StoredTurn:
        return self.turns[turn]

    async def standing(self, turn: str) -> Standing:
        return self.standings.get(turn, Standing())

    async def feedback_now(self, workspace=None, rating=None, limit=50, state=None) -> list[FeedbackNow]:
        return [
            FeedbackNow(
                id_, "session", "", self.turns[id_].query, one.rating, one.reasons, one.comment, 1, one.state,
            )
            for id_, one in self.standings.items()
            if one.rating == rating and one.state == state
        ][:limit]  # fmt: skip

    def external_rows(self, source: str | None = None) -> Iterator[ExternalRow]:
        return (row for row in self.rows if row.source == source)

    async def external_event(self, row: int, kind: str, body: dict[str, Any], actor: str = "user") -> ExternalEvent:
        self.done.append((row, kind, body))
        event = ExternalEvent(f"event-{len(self.done)}", len(self.done), "", actor, kind, body)
        self.rows = [replace(one, events=(*one.events, event)) if one.seq == row else one for one in self.rows]
        return event


def turn(
    id_: str, query: str, *, text: str = "", code: str | None = None, probability: float | None = 0.5, error: str = ""
) -> StoredTurn:
    """A turn that answered with ``text``, or ran ``code``; ``error`` is the type of what that raised."""
    outcome = Outcome("error", exception=ExceptionInfo(error, "no", 1, "")) if error else Outcome("ok", 0, "7\n")
    run = StoredRun(f"run-{id_}", code or "", None, "user", "fake", outcome, "")
    generation = StoredGeneration(
        id=f"gen-{id_}", step=0, origin="model", finish_reason="stop", raw=text or code or "", token_ids=(),
        decision="tool" if code else "direct", probability=probability, forced=False, dialect=None, text=text,
        code=code, warnings=(), usage={}, provenance="", runs=(run,) if code else (),
    )  # fmt: skip
    return StoredTurn(
        id=id_, session="session", index=1, at="", query=query, state="done", answer=text or None, error="",
        rating=-1, generations=(generation,),
    )  # fmt: skip


def row(seq: int, line: bytes, source: str = "phase22", query: str = "") -> ExternalRow:
    return ExternalRow(seq, source, f"{seq:064x}", "train", query, line, 0)
