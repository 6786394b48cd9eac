"""What the store gives back."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import msgspec

from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import Outcome

TurnState = Literal["running", "done", "failed", "cancelled", "interrupted"]
TurnEnd = Literal["done", "failed", "cancelled"]
FeedbackKind = Literal["rate", "reason", "comment", "correct", "verify", "review", "retract", "implicit"]
Rating = Literal[-1, 0, 1]
FeedbackState = Literal["none", "open", "corrected", "verified", "approved", "skipped", "dropped"]
"""``open``: rated down, nothing better yet · ``corrected``: something better was chosen · ``verified``:
and all of it ran well or was signed · ``approved``: rated up, or the reviewer's yes · ``skipped``, ``dropped``:
the reviewer's word · ``none``: nothing that is in force."""
Review = Literal["skipped", "dropped", "approved"]
Proof = Literal["run", "human"]
KeptSplit = Literal["train", "valid", "test", "none"]
"""``none``: its examples resembled those of two splits, and are in neither."""
CORRECTION = "fix_"
"""Begins the origin of a generation that corrects a turn instead of being part of it."""

BEGIN, END = "\x02", "\x03"
"""Of the words that a search was for: brackets, say, are part of code."""

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

    def is_about(self, folder: Path) -> bool:
        """Whether ``folder`` is its workspace, if under another name: it was moved, and a link left."""
        from codemode_tui.store.blobs import plain  # not needed for the first paint

        if self.workspace == plain(str(folder)):
            return True
        with suppress(OSError):  # it is gone
            return os.path.samefile(self.workspace, folder)
        return False


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
    """What was noticed while it was written, and what is odd about it."""
    usage: dict[str, Any]
    provenance: str
    tokenizer: str = ""
    """Sha256 of the tokenizer that ``token_ids`` belong to; empty when it is not known."""
    runs: tuple[StoredRun, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether it became part of the conversation."""
        return self.finish_reason in ("stop", "length")

    @property
    def responses(self) -> list[str]:
        """What the model was told of its runs."""
        return [run.response for run in self.runs if run.response is not None]

    @property
    def succeeded(self) -> bool:
        """Its code ran well."""
        outcome = self.runs[-1].outcome if self.runs else None
        return outcome is not None and outcome.status == "ok"

    @property
    def failed(self) -> bool:
        """Its code was to run, and did not run well, or not to its end."""
        outcome = self.runs[-1].outcome if self.runs else None
        return bool(self.runs) and (outcome is None or outcome.failed)


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
    """The turn's own messages."""
    corrections: tuple[StoredGeneration, ...] = ()
    """Others that were made later to stand in their place; ``step`` says in which. No part of the conversation."""

    def messages(self, tokenizer: str) -> tuple[Message, ...]:
        """The turn as it stood in the conversation: what a continued conversation replays verbatim.

        Token ids go along only where ``tokenizer`` (its sha256) made them; to another model they mean
        something else, and the text alone is replayed.
        """
        found = [Message("user", self.query)]
        for generation in self.generations:
            if not generation.finished:
                continue
            ids = (generation.token_ids or None) if generation.tokenizer == tokenizer else None
            found.append(Message("assistant", generation.raw, ids))
            found += [Message("tool", response) for response in generation.responses[-1:]]
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


class Standing(msgspec.Struct, frozen=True):
    """What the events about one turn come to: the one fold that lists, review and export share."""

    rating: Rating = 0
    message: str | None = None
    """The one generation that the rating names; None: the turn as a whole."""
    reasons: tuple[str, ...] = ()
    comment: str = ""
    chosen: dict[int, str] = {}
    """Step → the generation that was accepted in its place. A new choice for a step takes back those of
    later steps: they followed on something else."""
    proofs: dict[str, Proof] = {}
    """Chosen generation → how it was verified. A call's code counts only with ``run``."""
    review: Review | None = None

    @property
    def verified(self) -> bool:
        """Something was chosen, and all of it is verified."""
        return bool(self.chosen) and self.proofs.keys() >= set(self.chosen.values())

    @property
    def state(self) -> FeedbackState:
        if self.review is not None:
            return self.review
        if self.chosen:
            return "verified" if self.verified else "corrected"
        return "open" if self.rating < 0 else "approved" if self.rating > 0 else "none"


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
    state: FeedbackState = "none"
    corrected: bool = False
    verified: bool = False


class FeedbackRecord(msgspec.Struct, frozen=True):
    """One turn with feedback, and all that an export needs of it."""

    turn: StoredTurn
    context: tuple[Message, ...]
    """What came before the turn, exactly as the model saw it."""
    prompts: dict[str, str]
    """Generation → its rendered prompt, byte for byte; corrections included."""
    provenance: dict[str, dict[str, Any]]
    """Generation → model, hashes, sampling."""
    events: tuple[FeedbackEvent, ...]
    first: int
    """``seq`` of the first event by a human. Records come in this order, which nothing later changes."""
    session_query: str
    """The first question of the turn's session."""
    standing: Standing
    """What the events come to."""
    kept: KeptSplit | None = None
    """The split of its session, where that followed from examples that were purged since."""
    workspace: str = ""
    """The folder that it was asked in."""


class SearchHit(msgspec.Struct, frozen=True):
    turn: str
    session: str
    at: str
    query: str
    snippet: str
    """The place that matches, the words between ``BEGIN`` and ``END``."""

    @property
    def bracketed(self) -> str:
        """``snippet``, the words between ``[`` and ``]``: to be read."""
        return self.snippet.replace(BEGIN, "[").replace(END, "]")
