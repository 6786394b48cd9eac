"""Rows to arrays: ids, which of them carry loss, and which rows a step holds. Knows no mlx."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from codemode_tui.engine.tuning.job import Piece
from codemode_tui.protocol.render import render_text
from codemode_tui.protocol.types import Segment

IGNORED = -100
"""Target of an id that carries no loss."""
LENGTHS = (64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096)
"""Lengths of batches: few, because the graph is compiled once for each; the longest row decides the last one."""
WINDOW = 16
"""Batches whose rows are drawn together and sorted by length, so that little is padding."""

Encoded = tuple[list[int], list[bool]]
"""The ids of a conversation, and which of them are to be learnt."""
Batch = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def encode(
    prompt: Callable[[Sequence[Segment]], list[int]], written: Callable[[str], list[int]], pieces: Sequence[Piece]
) -> Encoded:
    """Ids of each piece by itself: what is to be learnt begins at an id, as it does when a model writes it.

    Args:
        prompt: as the engine encodes a prompt (``Encoder.encode``): what others wrote holds no control token.
        written: of what is to be learnt (``Encoder.trusted``): its tags are the tokens that a model writes.
        pieces: of one conversation.
    """
    ids: list[int] = []
    own: list[bool] = []
    for segments, mine in pieces:
        found = written(render_text(segments)) if mine else prompt(segments)
        ids += found
        own += [mine] * len(found)
    return ids, own


def draw(lengths: Sequence[Sequence[int]], shares: Sequence[float], tokens: int, seed: int) -> Iterator[list[int]]:
    """The rows of each step, without end: the same arguments give the same steps, so that a run can go on.

    Args:
        lengths: of the rows of each set, counted through all sets.
        shares: how much of the rows comes from each set.
        tokens: most ids of a batch, padding included; a longer row is a batch of its own.
    """
    chance = random.Random(seed)
    first = [sum(map(len, lengths[:at])) for at in range(len(lengths))]
    of = [length for one in lengths for length in one]
    longest = max(of)
    endless = [_cycle(range(at, at + len(one)), chance) for at, one in zip(first, lengths, strict=True)]
    typical = max(1, tokens // padded_length(sorted(of)[len(of) // 2], longest))
    while True:
        sets = chance.choices(endless, shares, k=WINDOW * typical)
        rows = sorted((next(one) for one in sets), key=lambda row: of[row])
        batches: list[list[int]] = []
        while rows:
            size = max(1, tokens // padded_length(of[rows[-1]], longest))
            batches.append(rows[-size:])
            del rows[-size:]
        chance.shuffle(batches)
        yield from batches


def in_order(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Every row once, those of like length together."""
    waiting = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    while waiting:
        size = max(1, tokens // padded_length(lengths[waiting[0]], max(lengths)))
        yield waiting[:size]
        del waiting[:size]


def padded_length(length: int, longest: int) -> int:
    """The length that a batch with a row of ``length`` ids gets."""
    return next((size for size in LENGTHS if length <= size), longest)


def padded(rows: Sequence[Encoded], length: int) -> Batch:
    """Ids and targets ``[rows, length]``; a target is ``IGNORED`` unless it is to be learnt.

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


def _cycle(rows: range, chance: random.Random) -> Iterator[int]:
    """Every row before any of them comes again."""
    while True:
        yield from chance.sample(rows, len(rows))
