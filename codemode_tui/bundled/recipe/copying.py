"""The copy curriculum: random segments that come again. It makes the copying circuit form, suddenly.

Nothing of this data means anything; that is the point. A network that has learnt to continue a
segment it has seen once copies names, numbers and patterns that no training row contained.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codemode_tui.engine.tuning.batches import IGNORED

FIRST_ORDINARY_ID = 7
"""Ids below are the special tokens, which are never copied."""


Batch = tuple[NDArray[np.int64], NDArray[np.int64]]


def copy_batch(rng: np.random.Generator, rows: int, length: int, vocab: int, *, hardest: float = 1.0) -> Batch:
    """Ids and targets, each ``[rows, length]``; a target is ``IGNORED`` except inside a repetition.

    Args:
        rng: the source of all randomness.
        rows, length: shape of the batch.
        vocab: size of the vocabulary.
        hardest: 0 repeats each segment soon, 1 anywhere later in the row.
    """
    ids = rng.integers(FIRST_ORDINARY_ID, vocab, (rows, length))
    targets = np.full((rows, length), IGNORED, dtype=np.int64)
    for row in range(rows):
        _fill(rng, ids[row], targets[row], vocab, hardest)
    return ids, targets


def _fill(
    rng: np.random.Generator, ids: NDArray[np.int64], targets: NDArray[np.int64], vocab: int, hardest: float
) -> None:
    length = len(ids)
    if rng.random() < 0.3:
        # A small alphabet makes the same token occur twice inside a segment ("banana"): the hard case.
        alphabet = rng.integers(FIRST_ORDINARY_ID, vocab, rng.integers(8, 64))
        ids[:] = rng.choice(alphabet, length)
    end = 0
    while True:
        size = int(rng.integers(4, 29))
        room = length - end - 2 * size
        if room < 2:
            return
        start = end + int(rng.integers(0, min(room, 12)))
        gap = int(rng.integers(0, max(1, int(4 + hardest * min(room, 300)))))
        again = min(start + size + gap, length - size)
        ids[again : again + size] = ids[start : start + size]
        # Predicting position p happens at p-1; the first token of a repetition cannot be known.
        targets[again : again + size - 1] = ids[again + 1 : again + size]
        end = again + size
