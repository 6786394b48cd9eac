"""Batches of whole conversations: several to a row, or each alone in a row of about its length."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from codemode_tui.bundled.recipe import leaks, wire
from codemode_tui.bundled.recipe.copying import Batch, copy_batch
from codemode_tui.bundled.recipe.rows import Row, first, row
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.engine.tuning.batches import Encoded, padded

LENGTHS = (512, 1024, 2048)
"""Few, because the network is compiled once for each."""
LENGTHS_ALONE = (96, 128, 160, 192, 256, 320, 384, 448, 512, 640, 768, 1024, 1536, 2048)
"""Of rows of one conversation each: close enough that a twelfth of the ids is padding."""
COPIED = 0.1
"""Share of batches that are nothing but repetitions."""
FIRST = 0.65
"""Share of the conversations that end behind their first message: the program that a question asks for is what takes
longest to learn, and is a third of the ids of a conversation."""
SEPARATOR = 0
"""``<|endoftext|>`` stands between conversations of one row; attention never crosses it."""


def talk_batches(
    key: str, *, tokenizer: Path, tokens: int, chunk: int, forbidden: tuple[str, ...] = (), alone: bool = False
) -> Iterator[Batch]:
    """Ids and targets, each ``[rows, length]`` with ``tokens`` ids at most, without end; a tenth of them copying.

    Args:
        key: the same key gives the same batches.
        tokenizer: its ``tokenizer.json``.
        tokens: a multiple of the longest of ``LENGTHS``.
        chunk: conversations that are packed together.
        forbidden: questions that must not occur, see ``leaks.queries``.
        alone: a row is one conversation. A CPU then spends less on attention than packing saves.
    """
    loaded = wire.load(tokenizer)
    talk = _conversations(loaded, key, tokens, chunk, leaks.free_of(forbidden), alone)
    copies = np.random.default_rng(list(key.encode()))
    while True:
        if copies.random() < COPIED:
            yield copy_batch(copies, tokens // LENGTHS[0], LENGTHS[0], loaded.get_vocab_size())
        else:
            yield next(talk)


def copy_batches(key: str, *, tokens: int, vocab: int, easy: int) -> Iterator[Batch]:
    """The same shape with nothing but repetitions, near ones for the first ``easy`` batches."""
    rng = np.random.default_rng(list(key.encode()))
    while True:
        yield copy_batch(rng, tokens // LENGTHS[0], LENGTHS[0], vocab, hardest=0.2 if easy > 0 else 1.0)
        easy -= 1


def _conversations(
    tokenizer: Tokenizer, key: str, tokens: int, chunk: int, wanted: Callable[[Row], bool], alone: bool
) -> Iterator[Batch]:
    waiting: dict[int, list[list[Encoded]]] = {length: [] for length in (LENGTHS_ALONE if alone else LENGTHS)}
    number = 0
    while True:
        made = (_made(f"{key}/{at}") for at in range(number, number + chunk))
        found = [wire.encode(tokenizer, one) for one in made if one and wanted(one)]
        number += chunk
        for length, rows in (by_length(found) if alone else packed(found)).items():
            waiting[length] += rows
        ready: list[Batch] = []
        for length, rows in waiting.items():
            size = tokens // length
            random.Random(number).shuffle(rows)
            while len(rows) >= size:
                ready.append(joined(rows[:size], length))
                del rows[:size]
        random.Random(number).shuffle(ready)
        yield from ready


def _made(key: str) -> Row | None:
    """A conversation; None for the one in a million that a task cannot make, which must not end hours of training."""
    r = Source(key)
    try:
        return first(r) if r.random() < FIRST else row(r, held=False)
    except Exception as error:
        print(f"left out conversation {key}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return None


def by_length(rows: list[Encoded]) -> dict[int, list[list[Encoded]]]:
    """Groups of one, by the shortest of ``LENGTHS_ALONE`` that holds them. Longer ones are left out."""
    groups: dict[int, list[list[Encoded]]] = {length: [] for length in LENGTHS_ALONE}
    for one in rows:
        length = next((size for size in LENGTHS_ALONE if len(one[0]) <= size), 0)
        if length:
            groups[length].append([one])
    return groups


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
