"""What a turn needs from outside: a recorder. Engine, sandbox and tools bring their own interfaces."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from codemode_tui.engine.api import FinishReason, Usage
from codemode_tui.errors import UsageError
from codemode_tui.protocol.types import Message, Parsed
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.records import FeedbackKind, Standing, StoredSession, StoredTurn

TurnState = Literal["done", "failed", "cancelled"]


class Recorder(Protocol):
    """Stores every step as it happens. What a method has returned from is on disk.

    Every method raises ``StoreError`` when it cannot be stored.
    """

    async def new_session(self, cwd: Path, title: str = "") -> str: ...

    async def begin_turn(self, session: str, query: str, context: Sequence[Message]) -> str: ...

    async def begin_generation(
        self, turn: str, step: int, origin: str, prompt_text: str, provenance: dict[str, Any]
    ) -> str: ...

    async def append_chunk(self, generation: str, text: str) -> None: ...

    async def end_generation(
        self,
        generation: str,
        *,
        raw_text: str,
        token_ids: Sequence[int],
        finish_reason: FinishReason,
        usage: Usage,
        probability: float | None,
        forced: bool,
        parsed: Parsed,
    ) -> None: ...

    async def begin_run(
        self, generation: str, code: str, *, edited_from: str | None, confirmed_by: str, backend: str
    ) -> str: ...

    async def end_run(self, run: str, outcome: Outcome, response: str) -> None: ...

    async def end_turn(self, turn: str, state: TurnState, answer: str | None, error: str = "") -> None: ...

    async def rate(self, target: str, value: Literal[-1, 0, 1]) -> object: ...

    async def add_feedback(self, target: str, kind: FeedbackKind, body: dict[str, Any], actor: str = "user") -> object:
        """Say something about a turn or one of its messages (``store.records``)."""
        ...

    async def turn(self, turn: str) -> StoredTurn: ...

    async def context(self, turn: str) -> tuple[Message, ...]:
        """The messages before a turn, as they were when it began."""
        ...

    async def prompt(self, generation: str) -> tuple[str, dict[str, Any]]:
        """The rendered prompt of a message, and its provenance."""
        ...

    async def standing(self, turn: str) -> Standing:
        """What was said about a turn comes to."""
        ...

    async def session(self, session: str) -> StoredSession: ...

    async def abandon_corrections(self) -> None:
        """Give every correction that this program has begun its end."""
        ...

    def close(self) -> None:
        """End what is open. Never raises."""
        ...


class NullRecorder:
    """Keeps nothing (``--no-store``); ids are still unique."""

    async def new_session(self, cwd: Path, title: str = "") -> str:
        return uuid.uuid4().hex

    async def begin_turn(self, session: str, query: str, context: Sequence[Message]) -> str:
        return uuid.uuid4().hex

    async def begin_generation(
        self, turn: str, step: int, origin: str, prompt_text: str, provenance: dict[str, Any]
    ) -> str:
        return uuid.uuid4().hex

    async def append_chunk(self, generation: str, text: str) -> None:
        return None

    async def end_generation(self, generation: str, **_: object) -> None:
        return None

    async def begin_run(
        self, generation: str, code: str, *, edited_from: str | None, confirmed_by: str, backend: str
    ) -> str:
        return uuid.uuid4().hex

    async def end_run(self, run: str, outcome: Outcome, response: str) -> None:
        return None

    async def end_turn(self, turn: str, state: TurnState, answer: str | None, error: str = "") -> None:
        return None

    async def rate(self, target: str, value: Literal[-1, 0, 1]) -> None:
        return None

    async def add_feedback(self, target: str, kind: FeedbackKind, body: dict[str, Any], actor: str = "user") -> None:
        return None

    async def turn(self, turn: str) -> StoredTurn:
        raise _nothing()

    async def context(self, turn: str) -> tuple[Message, ...]:
        raise _nothing()

    async def prompt(self, generation: str) -> tuple[str, dict[str, Any]]:
        raise _nothing()

    async def standing(self, turn: str) -> Standing:
        raise _nothing()

    async def session(self, session: str) -> StoredSession:
        raise _nothing()

    async def abandon_corrections(self) -> None:
        return None

    def close(self) -> None:
        return None


def _nothing() -> UsageError:
    return UsageError("this conversation is not stored, so nothing of it can be corrected", hint="leave out --no-store")
