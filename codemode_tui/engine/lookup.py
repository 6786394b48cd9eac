"""Guess what a model says next from what stood behind the same few tokens before (prompt lookup decoding).

A program repeats the names of the question and the turns of other programs. A pass over several tokens costs a model
that waits for memory, or for the start of its operations, little more than a pass over one: what was guessed right is
read for nothing, and what was not is forgotten. The tokens are those that would have been drawn without.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

SAID = "said.json"
"""Of a model's folder, where it has one: ids of messages that are typical of it."""

LONGEST, SHORTEST = 4, 2
"""Of the tokens that a guess goes by."""
GUESSED = 6
"""Tokens at most of one guess."""
KEPT = 24_576
"""Tokens of what was said that are kept."""
READ = 8_192
"""Tokens of the end of a prompt that are looked at."""
SLOWNESS = 0.9
TRIED = 1.5
"""What a guess is thought to be worth before it is known, in its price."""
RESTS = (64, 8_192)
"""Tokens drawn without guessing once it has not paid, and at most, each rest being twice as long as the one before."""
_BREAK = -1
"""Stands between two texts."""


class Texts:
    """Token ids in which the last place of every few of them is found."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._ids: list[int] = []
        self._behind: dict[tuple[int, ...], int] = {}
        """Where it went on behind these ids, the last time."""

    def add(self, ids: Iterable[int]) -> None:
        """Go on with ``ids``."""
        for token in ids:
            place = len(self._ids)
            for length in range(SHORTEST, min(LONGEST, place) + 1):
                self._behind[tuple(self._ids[-length:])] = place
            self._ids.append(token)
        if len(self._ids) > 2 * self._kept:
            last, self._ids, self._behind = self._ids[-self._kept :], [], {}
            self.add(last)

    def end(self) -> None:
        """What is added next is another text."""
        self.add([_BREAK])

    def after(self, last: Sequence[int], most: int) -> list[int]:
        """What stood behind exactly ``last`` the last time, ``most`` ids of the same text at most."""
        place = self._behind.get(tuple(last))
        found = [] if place is None else self._ids[place : place + most]
        return found[: found.index(_BREAK)] if _BREAK in found else found


def typical(folder: Path, vocabulary: int) -> Texts:
    """What the model in ``folder`` says as its files know it; nothing where they do not.

    Args:
        vocabulary: ids that the model knows; a pass over others would end the process.
    """
    texts = Texts()
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        for message in msgspec.json.decode((folder / SAID).read_bytes(), type=list[list[int]]):
            if all(0 <= token < vocabulary for token in message):
                texts.add(message)
                texts.end()
    return texts


class Worth:
    """Whether guessing pays, for as long as a model is loaded."""

    def __init__(self, price: float) -> None:
        """
        Args:
            price: of a pass over one token and a whole guess, in passes over one token.
        """
        self._price = price
        self._gain = TRIED * price
        self._rest, self._left = RESTS[0], 0

    @property
    def pays(self) -> bool:
        """Whether to guess now."""
        return not self._left

    def learn(self, right: int) -> None:
        """Of a guess so many tokens were right."""
        self._gain = SLOWNESS * self._gain + (1 - SLOWNESS) * (right + 1)
        if self._gain < self._price:
            self._left, self._gain = self._rest, TRIED * self._price
            self._rest = min(2 * self._rest, RESTS[1])
        elif self._gain > TRIED * self._price:
            self._rest = RESTS[0]

    def drawn(self) -> None:
        """A token was drawn without guessing."""
        self._left -= self._left > 0


class Guesses:
    """The guesses for one message: what it has said itself and its prompt go before what other messages said."""

    def __init__(self, prompt: Sequence[int], said: Texts, worth: Worth) -> None:
        """
        Args:
            prompt: its ids.
            said: what was said in other messages.
            worth: of guessing, with this model.
        """
        self._own = Texts()
        self._own.add(prompt[-READ:])
        self._last = list(prompt[-LONGEST:])
        self._said = said
        self.worth = worth
        self.right = 0
        """Tokens that were guessed right."""

    def add(self, token: int) -> None:
        """The message goes on with ``token``."""
        self._own.add([token])
        self._last = [*self._last[1 - LONGEST :], token]

    def next(self, most: int) -> list[int]:
        """The tokens that may come next, ``most`` at most; empty where nothing is known."""
        for length in range(min(LONGEST, len(self._last)), SHORTEST - 1, -1):
            for texts in (self._own, self._said):
                if found := texts.after(self._last[-length:], min(most, GUESSED)):
                    return found
        return []

    def learn(self, right: int) -> None:
        """Of the last guess so many tokens were right."""
        self.right += right
        self.worth.learn(right)
