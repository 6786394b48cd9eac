"""What the screen needs of a conversation and of the store; tests have scripted ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from codemode_tui.chat.conversation import Conversation
    from codemode_tui.chat.events import Event
    from codemode_tui.feedback.choosing import Wanted
    from codemode_tui.front.rehearsal import Rehearsal
    from codemode_tui.settings import Settings
    from codemode_tui.store.external import ExternalRow
    from codemode_tui.store.store import Store

Chat: TypeAlias = "Conversation"


class Records(ABC):
    """What the lists and the review need of a store; the rows of a set come as they are wanted."""

    def __init__(self, store: Store, wanted: Wanted | None) -> None:
        self._store, self._wanted = store, wanted
        self.turn, self.standing, self.feedback_now = store.turn, store.standing, store.feedback_now
        self.external_event = store.external_event
        self.sessions, self.session, self.turns, self.search = store.sessions, store.session, store.turns, store.search
        self.asked, self.questions, self.rename_session = store.asked, store.questions, store.rename_session
        self.prompt = store.prompt

    @abstractmethod
    async def delete(self, session: str) -> str:
        """Delete it for good; returns what to say."""

    @abstractmethod
    async def exported(self, session: str, form: str) -> str:
        """As ``md`` or ``json``."""

    def external_rows(self, source: str | None = None) -> Iterator[ExternalRow]:
        from codemode_tui.feedback.choosing import Wanted, chosen

        return chosen(self._store.external_rows(source), self._wanted or Wanted())


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
