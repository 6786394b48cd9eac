"""How well a name fits what is being typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import nsmallest
from typing import TypeVar

T = TypeVar("T")


def ranked(query: str, items: Iterable[T], text: Callable[[T], str], limit: int) -> list[T]:
    """The items that fit, the best first, those that fit alike in their own order; all for an empty query."""
    words = query.casefold().split()
    fits = ((fit, at, item) for at, item in enumerate(items) if (fit := _fit(words, text(item).casefold())) is not None)
    return [item for _, _, item in nsmallest(limit, fits, key=lambda one: one[:2])]


def _fit(words: list[str], text: str) -> float | None:
    """The smaller the better; None: one of the words does not occur, not even letter by letter close together."""
    total = 0.0
    for word in words:
        at = text.find(word, text.rfind("/") + 1)
        if at < 0:
            at = text.find(word)
        if at >= 0:
            begins = at == 0 or not text[at - 1].isalnum()
            total += (0 if begins else 1) + (0 if at > text.rfind("/") else 1) + len(text) / 1000
        elif (spread := _spread(word, text)) is not None and spread <= 2 * len(word) + 2:
            total += 10 + spread
        else:
            return None
    return total


def _spread(word: str, text: str) -> int | None:
    """Over how many characters the letters of ``word`` lie in ``text``, in order."""
    at = first = -1
    for letter in word:
        at = text.find(letter, at + 1)
        if at < 0:
            return None
        first = at if first < 0 else first
    return at - first
