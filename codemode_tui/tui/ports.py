"""What the screen needs of a conversation (``chat.Conversation``) and of the store; tests have scripted ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

from codemode_tui.chat.correction import How
from codemode_tui.chat.events import Approval, Event, WriteReply
from codemode_tui.engine.api import Force, ModelInfo, OnProgress
from codemode_tui.sandbox.types import FileChange
from codemode_tui.store.external import ExternalEvent, ExternalKind, ExternalRow
from codemode_tui.store.records import FeedbackKind, FeedbackNow, FeedbackState, Rating, Standing, StoredTurn


class Chat(Protocol):
    @property
    def info(self) -> ModelInfo | None: ...

    @property
    def workspace(self) -> Path: ...

    @property
    def sandbox_name(self) -> str: ...

    @property
    def engine_running(self) -> bool: ...

    async def start_engine(self, on_progress: OnProgress | None = None) -> ModelInfo: ...

    async def probe_sandbox(self) -> str: ...

    def ask(
        self, query: str, *, force: Force | None = None, again: str | None = None, go_on: bool = False
    ) -> AsyncIterator[Event]: ...

    async def fork(self, turn: str, *, before: bool = False) -> str: ...

    def reply(self, request: str, answer: Approval | WriteReply) -> None: ...

    async def stop(self) -> None: ...

    async def rate(self, turn: str | None, value: Literal[-1, 0, 1]) -> str | None: ...

    async def add_feedback(self, turn: str, kind: FeedbackKind, body: dict[str, Any]) -> None: ...

    def correct(
        self,
        turn: str,
        how: How,
        *,
        step: int | None = None,
        code: str | None = None,
        answer: str | None = None,
        count: int = 3,
    ) -> AsyncIterator[Event]: ...

    async def accept(self, turn: str, generation: str) -> Standing: ...

    async def undo(self) -> list[FileChange]: ...

    async def copied(self, turn: str, what: str) -> None: ...

    async def new_session(self) -> str: ...


class Records(Protocol):
    """What the review needs of the store. ``store.Store`` has it."""

    async def turn(self, turn: str) -> StoredTurn: ...

    async def prompt(self, generation: str) -> tuple[str, dict[str, Any]]: ...

    async def standing(self, turn: str) -> Standing: ...

    async def feedback_now(
        self,
        workspace: Path | None = None,
        rating: Rating | None = None,
        limit: int = 50,
        state: FeedbackState | None = None,
    ) -> list[FeedbackNow]: ...

    def external_rows(self, source: str | None = None) -> Iterator[ExternalRow]: ...

    async def external_event(
        self, row: int, kind: ExternalKind, body: dict[str, Any], actor: str = "user"
    ) -> ExternalEvent: ...
