"""Batches made by several generators in turn: in this process, or each in one of its own so that a GPU never waits."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.queues import Queue

import numpy as np

from codemode_tui.bundled.recipe.copying import Batch

STREAMS = 15
"""Always so many, also in one process: then the order of batches does not depend on the machine."""
AHEAD = 4
"""Batches that each process makes in advance."""

Make = Callable[[str], Iterator[Batch]]
"""Given a key, an endless stream; for processes it must be picklable (a ``functools.partial`` of a function)."""


@contextlib.contextmanager
def together(make: Make, key: str, *, processes: bool) -> Iterator[Iterator[Batch]]:
    """One stream out of ``STREAMS``, which are asked in turn. The processes end with the block.

    Raises:
        RuntimeError: one of the processes failed, when its turn comes.
    """
    keys = [f"{key}/{number}" for number in range(STREAMS)]
    if not processes:
        yield _in_turn([make(one) for one in keys])
        return
    context = multiprocessing.get_context("spawn")
    queues: list[Queue[Batch | str]] = [context.Queue(AHEAD) for _ in keys]
    workers = [
        context.Process(target=_fill, args=(make, one, queue), daemon=True)
        for one, queue in zip(keys, queues, strict=True)
    ]
    for worker in workers:
        worker.start()
    try:
        yield _in_turn([_taken(queue) for queue in queues])
    finally:
        for worker in workers:
            worker.kill()


def _fill(make: Make, key: str, queue: Queue[Batch | str]) -> None:
    try:
        for ids, targets in make(key):
            queue.put((ids.astype(np.int16), targets.astype(np.int16)))
    except Exception as error:
        queue.put(f"stream {key}: {type(error).__name__}: {error}")  # else training would wait for ever


def _taken(queue: Queue[Batch | str]) -> Iterator[Batch]:
    while True:
        found = queue.get()
        if isinstance(found, str):
            raise RuntimeError(found)
        yield found


def _in_turn(streams: list[Iterator[Batch]]) -> Iterator[Batch]:
    while True:
        for stream in streams:
            yield next(stream)
