"""Notice that a model goes round in circles: an endless loop would only end with the context."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

EVERY = 32
"""Items between two looks: a look costs about as much as it looks at."""
WINDOWS = ((512, 64), (1024, 256))
"""``(length, longest period)``: so many last items that repeat what is at most that long, to the item.

Lists and tables differ from line to line, and rows of equal numbers or rules end before half a thousand
tokens. What is cut off in error can go on: it is a message that was cut off, like any other.
"""


class Repetition:
    """Watches the items (tokens, characters) of one message."""

    def __init__(self) -> None:
        self._items: list[Hashable] = []

    def add(self, item: Hashable) -> bool:
        """Take the next item; True when the message repeats itself without end."""
        self._items.append(item)
        return len(self._items) % EVERY == 0 and any(
            0 < period(self._items[-length:]) <= longest for length, longest in WINDOWS if len(self._items) >= length
        )


def period(items: Sequence[Hashable]) -> int:
    """The shortest distance at which ``items`` repeat themselves from beginning to end; their length if at none."""
    borders = [0] * len(items)
    for at in range(1, len(items)):
        length = borders[at - 1]
        while length and items[at] != items[length]:
            length = borders[length - 1]
        borders[at] = length + (items[at] == items[length])
    return len(items) - borders[-1] if items else 0
