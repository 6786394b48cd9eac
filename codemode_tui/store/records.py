"""What the store gives back."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import Outcome

TurnState = Literal["running", "done", "failed", "cancelled", "interrupted"]
FeedbackKind = Literal["rate", "reason", "comment", "correct", "verify", "review", "retract", "implicit"]
Rating = Literal[-1, 0, 1]

REASONS = (
    "should_run", "should_answer", "wrong_code", "wrong_answer", "crashed", "unsafe", "format", "other",
)  # fmt: skip
REASONS_VERSION = 1


class StoredSession(msgspec.Struct, frozen=True):
    id: str
    started: str
    last: str
    """When its newest turn began; ``started`` if it has none."""
    workspace: str
    title: str
    """The given title, else the beginning of the first question."""
    turns: int


class StoredRun(msgspec.Struct, frozen=True):
    """Code that was, or was not, run."""

    id: str
    code: str
    edited_from: str | None
    """The model's code when the user changed it before running."""
    confirmed_by: str
    backend: str
    outcome: Outcome | None
    """None while it runs, or when the program died meanwhile."""
    response: str | None
    """What the model was told."""


class StoredGeneration(msgspec.Struct, frozen=True):
    """One message of the model, as it was generated and as it was understood."""

    id: str
    step: int
    origin: str
    finish_reason: str | None
    """None while it is generated; ``killed`` when the program died meanwhile."""
    raw: str
    """Verbatim; of a killed generation what had arrived."""
    token_ids: tuple[int, ...]
    decision: str | None
    probability: float | None
    forced: bool
    dialect: str | None
    text: str
    code: str | None
    warnings: tuple[str, ...]
    usage: dict[str, Any]
    provenance: str
    tokenizer: str = ""
    """Sha256 of the tokenizer that ``token_ids`` belong to; empty when it is not known."""
    runs: tuple[StoredRun, ...] = ()


class StoredTurn(msgspec.Struct, frozen=True):
    id: str
    session: str
    index: int
    """Counted from 1 within its session."""
    at: str
    query: str
    state: TurnState
    answer: str | None
    error: str
    rating: Rating
    generations: tuple[StoredGeneration, ...] = ()

    def messages(self, tokenizer: str) -> tuple[Message, ...]:
        """The turn as it stood in the conversation: what a continued conversation replays verbatim.

        Token ids go along only where ``tokenizer`` (its sha256) made them; to another model they mean
        something else, and the text alone is replayed.
        """
        found = [Message("user", self.query)]
        for generation in self.generations:
            if generation.finish_reason not in ("stop", "length"):
                continue
            ids = generation.token_ids if generation.tokenizer == tokenizer else None
            found.append(Message("assistant", generation.raw, ids))
            answered = [run.response for run in generation.runs if run.response is not None]
            found += [Message("tool", response) for response in answered[-1:]]
        return tuple(found)


class FeedbackEvent(msgspec.Struct, frozen=True):
    """One thing that somebody said about a turn. Never changed, only followed by others."""

    id: str
    seq: int
    at: str
    turn: str
    generation: str | None
    """The one message that is meant; None: the turn as a whole."""
    actor: str
    kind: FeedbackKind
    body: dict[str, Any]


class FeedbackNow(msgspec.Struct, frozen=True):
    """What all events about one turn come to."""

    turn: str
    session: str
    at: str
    """Of the newest event; empty if there is none."""
    query: str
    rating: Rating
    reasons: tuple[str, ...]
    comment: str
    events: int


class SearchHit(msgspec.Struct, frozen=True):
    turn: str
    session: str
    at: str
    query: str
    snippet: str
    """The place that matches, the words between ``[`` and ``]``."""
