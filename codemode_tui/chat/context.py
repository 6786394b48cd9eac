"""The messages of a conversation so far, turn by turn, and what is left of them when space runs out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from codemode_tui.protocol.types import Message


class PastTurn(msgspec.Struct, frozen=True):
    """A stored turn of a conversation that goes on."""

    id: str
    messages: tuple[Message, ...]
    rating: int


class Context:
    """Finished turns as messages. A turn stays together: it is kept whole or dropped whole."""

    def __init__(self, turns: Iterable[Sequence[Message]] = ()) -> None:
        self._turns: list[tuple[Message, ...]] = [tuple(turn) for turn in turns]

    def messages(self) -> tuple[Message, ...]:
        """All messages, oldest first."""
        return tuple(message for turn in self._turns for message in turn)

    def add(self, turn: Sequence[Message]) -> None:
        """Add a finished turn."""
        self._turns.append(tuple(turn))

    def drop_oldest(self) -> bool:
        """Forget the oldest turn; False when there is none. The store keeps it."""
        if not self._turns:
            return False
        del self._turns[0]
        return True

    def text(self) -> str:
        """Everything that was said or printed, for looking up whether a name occurred."""
        return "\n".join(message.content for message in self.messages())
