"""A store that holds what it is given: for the review, without a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from codemode_tui.sandbox.types import ExceptionInfo, Outcome
from codemode_tui.store.external import ExternalEvent, ExternalRow
from codemode_tui.store.records import (
    BEGIN,
    END,
    FeedbackNow,
    SearchHit,
    Standing,
    StoredGeneration,
    StoredRun,
    StoredSession,
    StoredTurn,
)


class Archive:
    """A ``ports.Records``."""

    def __init__(
        self,
        *turns: tuple[StoredTurn, Standing],
        rows: Sequence[ExternalRow] = (),
        sessions: Sequence[StoredSession] = (),
    ) -> None:
        self.by_id = {turn.id: turn for turn, _ in turns}
        self.standings = {turn.id: standing for turn, standing in turns}
        self.rows = list(rows)
        self.all = {one.id: one for one in sessions}
        self.done: list[tuple[int, str, dict[str, Any]]] = []

    async def sessions(self, workspace: Path | None = None, limit: int = 50) -> list[StoredSession]:
        return [one for one in self.all.values() if workspace in (None, Path(one.workspace))][:limit]

    async def session(self, session: str) -> StoredSession:
        return self.all[session]

    async def search(self, text: str, limit: int = 50) -> list[SearchHit]:
        found = [one for one in self.by_id.values() if text in f"{one.query} {one.answer}"]
        return [SearchHit(one.id, one.session, one.at, one.query, f"…{BEGIN}{text}{END}…") for one in found]

    async def rename_session(self, session: str, title: str) -> None:
        self.all[session] = replace(self.all[session], title=title)

    async def delete(self, session: str) -> str:
        del self.all[session]
        return "deleted for good"

    async def exported(self, session: str, form: str) -> str:
        return f"{form} of {session}\n"

    async def turns(self, session: str) -> list[StoredTurn]:
        return [one for one in self.by_id.values() if one.session == session]

    async def asked(self, session: str, limit: int) -> list[str]:
        return [one.query for one in self.by_id.values() if one.session == session][-limit:]

    async def questions(self, workspace: Path, limit: int = 500) -> list[str]:
        return [one.query for one in self.by_id.values()][::-1]

    async def prompt(self, generation: str) -> tuple[str, dict[str, Any]]:
        return "<|im_start|>", {}

    async def turn(self, turn: str) -> StoredTurn:
        return self.by_id[turn]

    async def standing(self, turn: str) -> Standing:
        return self.standings.get(turn, Standing())

    async def feedback_now(self, workspace=None, rating=None, limit=50, state=None) -> list[FeedbackNow]:
        return [
            FeedbackNow(
                id_, "session", "", self.by_id[id_].query, one.rating, one.reasons, one.comment, 1, one.state,
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
