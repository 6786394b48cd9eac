"""What the screen needs of a conversation (``chat.Conversation``) and of the store; tests have scripted ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from codemode_tui.chat.correction import How
from codemode_tui.chat.events import Approval, Event, WriteReply
from codemode_tui.chat.gate import Grant
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.engine.api import Force, ModelInfo, OnProgress, Sampling
from codemode_tui.protocol.profiles import Profile
from codemode_tui.sandbox.types import FileChange
from codemode_tui.store.external import ExternalEvent, ExternalKind, ExternalRow
from codemode_tui.store.records import (
    FeedbackKind,
    FeedbackNow,
    FeedbackState,
    Rating,
    SearchHit,
    Standing,
    StoredSession,
    StoredTurn,
)

if TYPE_CHECKING:
    from codemode_tui.front.rehearsal import Rehearsal
    from codemode_tui.settings import Settings
    from codemode_tui.tools.registry import ToolSpec


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
        count: int | None = None,
    ) -> AsyncIterator[Event]: ...

    async def accept(self, turn: str, generation: str) -> Standing: ...

    async def undo(self) -> list[FileChange]: ...

    async def copied(self, turn: str, what: str) -> None: ...

    async def new_session(self) -> str: ...

    @property
    def session(self) -> str: ...

    @property
    def profile(self) -> Profile: ...

    @property
    def settings(self) -> ChatSettings: ...

    def sample(self, sampling: Sampling) -> None: ...

    @property
    def grants(self) -> tuple[Grant, ...]: ...

    def revoke(self, grant: Grant) -> None: ...

    def tools(self) -> tuple[ToolSpec, ...]: ...

    async def files(self) -> list[str]: ...

    async def close(self) -> None: ...


class Records(Protocol):
    """What the lists and the review need of the store; ``delete`` and ``exported`` are the command line's."""

    async def sessions(self, workspace: Path | None = None, limit: int = 50) -> list[StoredSession]: ...

    async def session(self, session: str) -> StoredSession: ...

    async def search(self, text: str, limit: int = 50) -> list[SearchHit]: ...

    async def turns(self, session: str) -> list[StoredTurn]: ...

    async def asked(self, session: str, limit: int) -> list[str]:
        """The newest questions of a session, oldest first."""
        ...

    async def questions(self, workspace: Path, limit: int = 500) -> list[str]:
        """What was asked in a workspace, the newest first, each once."""
        ...

    async def rename_session(self, session: str, title: str) -> None: ...

    async def delete(self, session: str) -> str:
        """Delete it for good; returns what to say."""
        ...

    async def exported(self, session: str, form: str) -> str:
        """As ``md`` or ``json``."""
        ...

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


class Opened(NamedTuple):
    """A conversation and what goes with it."""

    chat: Chat
    past: Iterable[list[Event]]
    records: Records | None
    rehearsal: Rehearsal | None
    settings: Settings


class Reopen(Protocol):
    """Open a conversation with other options: ``model``, ``profile``, ``workspace``, ``session`` (None: the standard,
    a new session), ``folder`` (where no workspace is named). Nothing heavy is started.

    Raises:
        CodemodeError: it cannot be; the one before goes on.
    """

    async def __call__(self, **changes: Any) -> Opened: ...  # noqa: ANN401 - each has a type of its own
