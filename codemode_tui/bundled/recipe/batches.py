"""Batches of whole conversations, padded to a few lengths so that little is wasted."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
from tokenizers import Tokenizer

from codemode_tui.bundled.recipe.copying import IGNORED, Batch, copy_batch
from codemode_tui.bundled.recipe.rows import row
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.wire import encode

LENGTHS = (192, 320, 512, 1024)
"""Few, because the network is compiled once for each."""
TOKENS = 8192
COPY_EVERY = 10
CHUNK = 768


class Batches:
    """``batches(rng, step)``: ids and targets, each ``[rows, length]`` with about ``TOKENS`` tokens."""

    def __init__(self, tokenizer: Tokenizer, seed: int, *, chunk: int = CHUNK) -> None:
        self.tokenizer = tokenizer
        self.seed = seed
        self.chunk = chunk
        self._stream: Iterator[Batch] | None = None

    def __call__(self, rng: np.random.Generator, step: int) -> Batch:
        if step % COPY_EVERY == 0:
            return copy_batch(rng, TOKENS // 320, 320, self.tokenizer.get_vocab_size())
        if self._stream is None:
            # Keyed by the first step, so that a resumed run sees fresh conversations.
            self._stream = self._endless(f"{self.seed}/{step}")
        return next(self._stream)

    def _endless(self, key: str) -> Iterator[Batch]:
        waiting: dict[int, list[tuple[list[int], list[bool]]]] = {length: [] for length in LENGTHS}
        number = 0
        while True:
            ready: list[Batch] = []
            for _ in range(self.chunk):
                ids, own = encode(self.tokenizer, row(Source(f"{key}/{number}"), held=False))
                number += 1
                length = next((size for size in LENGTHS if len(ids) <= size), None)
                if length is None:
                    continue
                waiting[length].append((ids, own))
                if len(waiting[length]) * length >= TOKENS:
                    ready.append(padded(waiting[length], length))
                    waiting[length] = []
            random.Random(number).shuffle(ready)
            yield from ready


def padded(rows: list[tuple[list[int], list[bool]]], length: int) -> Batch:
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
