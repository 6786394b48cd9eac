"""The messages of a conversation so far, turn by turn, and what is left of them when space runs out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.render import render, render_text
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

    @classmethod
    def of(cls, messages: Sequence[Message]) -> Context:
        """The same turns again, from ``messages``."""
        begins = [at for at, message in enumerate(messages) if message.role == "user"]
        return cls(messages[a:b] for a, b in pairwise([*begins, len(messages)]))

    def messages(self, *, without: int = 0) -> tuple[Message, ...]:
        """All messages, oldest first; those of the oldest ``without`` turns left out."""
        return tuple(message for turn in self._turns[without:] for message in turn)

    def add(self, turn: Sequence[Message]) -> None:
        """Add a finished turn."""
        self._turns.append(tuple(turn))

    def drop_oldest(self, count: int) -> None:
        """Forget the oldest turns. The store keeps them."""
        del self._turns[:count]


def as_seen(
    profile: Profile, context: Sequence[Message], turn: Sequence[Message], prompt: str
) -> tuple[Message, ...] | None:
    """What of ``context`` the model saw before ``turn`` when its prompt was ``prompt``, byte for byte.

    Of a long conversation that is only its end: whole turns were dropped at its beginning. None: with this
    profile no end of it makes that prompt.
    """
    begins = [0, *(at for at, message in enumerate(context) if at and message.role == "user"), len(context)]
    for begin in begins:
        seen = tuple(context[begin:])
        if render_text(render(profile, [*seen, *turn])) == prompt:
            return seen
    return None
