"""Batches of whole conversations, several to a row so that little is padding."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
from tokenizers import Tokenizer

from codemode_tui.bundled.recipe.copying import IGNORED, Batch, copy_batch
from codemode_tui.bundled.recipe.rows import row
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.wire import encode

LENGTHS = (512, 1024)
"""Few, because the network is compiled once for each."""
TOKENS = 8192
COPY_EVERY = 10
CHUNK = 768
SEPARATOR = 0
"""``<|endoftext|>`` stands between conversations of one row; attention never crosses it."""

Encoded = tuple[list[int], list[bool]]
"""The ids of a conversation, and which of them are the assistant's own."""


class Batches:
    """``batches(rng, step)``: ids and targets, each ``[rows, length]`` with about ``TOKENS`` tokens."""

    def __init__(self, tokenizer: Tokenizer, seed: int, *, chunk: int = CHUNK) -> None:
        self.tokenizer = tokenizer
        self.seed = seed
        self.chunk = chunk
        self._stream: Iterator[Batch] | None = None

    def __call__(self, rng: np.random.Generator, step: int) -> Batch:
        if step % COPY_EVERY == 0:
            return copy_batch(rng, TOKENS // LENGTHS[0], LENGTHS[0], self.tokenizer.get_vocab_size())
        if self._stream is None:
            # Keyed by the first step, so that a resumed run sees fresh conversations.
            self._stream = self._endless(f"{self.seed}/{step}")
        return next(self._stream)

    def _endless(self, key: str) -> Iterator[Batch]:
        waiting: dict[int, list[list[Encoded]]] = {length: [] for length in LENGTHS}
        number = 0
        while True:
            found = [
                encode(self.tokenizer, row(Source(f"{key}/{at}"), held=False))
                for at in range(number, number + self.chunk)
            ]
            number += self.chunk
            for length, rows in packed(found).items():
                waiting[length] += rows
            ready: list[Batch] = []
            for length, rows in waiting.items():
                size = TOKENS // length
                random.Random(number).shuffle(rows)
                while len(rows) >= size:
                    ready.append(joined(rows[:size], length))
                    del rows[:size]
            random.Random(number).shuffle(ready)
            yield from ready


def packed(rows: list[Encoded]) -> dict[int, list[list[Encoded]]]:
    """Rows put together so that each group fits into one of ``LENGTHS``, longest first. Longer ones are left out."""
    groups: dict[int, list[list[Encoded]]] = {length: [] for length in LENGTHS}
    room: dict[int, list[int]] = {length: [] for length in LENGTHS}
    for one in sorted(rows, key=lambda encoded: -len(encoded[0])):
        need = len(one[0]) + 1
        for length in reversed(LENGTHS):  # the long groups exist for the long rows, but their rest is used, too
            at = next((i for i, left in enumerate(room[length]) if left >= need), None)
            if at is not None:
                groups[length][at].append(one)
                room[length][at] -= need
                break
        else:
            length = next((size for size in LENGTHS if need <= size + 1), 0)
            if length:
                groups[length].append([one])
                room[length].append(length + 1 - need)
    return groups


def joined(groups: list[list[Encoded]], length: int) -> Batch:
    """Ids and targets ``[groups, length]``: each row is one group, its conversations separated."""
    rows = []
    for group in groups:
        ids: list[int] = []
        own: list[bool] = []
        for at, (more, mine) in enumerate(group):
            ids += [SEPARATOR, *more] if at else more
            own += [False, *mine] if at else mine
        rows.append((ids, own))
    return padded(rows, length)


def padded(rows: list[Encoded], length: int) -> Batch:
    """Ids and targets ``[rows, length]``; a target is ``IGNORED`` unless it is the assistant's own.

    Raises:
        ValueError: a row is longer than ``length``. Cut off, it could be left without any target,
            and a mean over no targets is NaN.
    """
    if any(len(tokens) > length for tokens, _ in rows):
        raise ValueError(f"a row of {max(len(tokens) for tokens, _ in rows)} ids does not fit into {length}")
    ids = np.zeros((len(rows), length), dtype=np.int64)
    targets = np.full((len(rows), length), IGNORED, dtype=np.int64)
    for i, (tokens, own) in enumerate(rows):
        ids[i, : len(tokens)] = tokens
        for at in range(1, len(tokens)):
            if own[at]:
                targets[i, at - 1] = tokens[at]
    return ids, targets
