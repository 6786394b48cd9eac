"""Events in batches: text is shown five to twenty times a second, as drawing allows, everything else at once."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress

import msgspec

from codemode_tui.chat import events as ev

SHORTEST, LONGEST = 1 / 20, 1 / 5
"""Seconds between two batches of text. Nobody reads faster than the one; slower than the other is a slide show."""
Delta = ev.RawDelta | ev.TextDelta | ev.CodeDelta | ev.RunOutput


def share_of(processors: int) -> float:
    """Of one processor, what showing text may take: where a model decodes on few, it needs them all just now."""
    return min(0.25, 0.03 * processors)


async def paced(
    source: AsyncIterator[ev.Event],
    used: Callable[[], float] = time.thread_time,
    share: float = share_of(os.cpu_count() or 1),
) -> AsyncIterator[list[ev.Event]]:
    """Batches of ``source``, neighbouring pieces of one text joined. Closing this closes ``source``.

    The model is never held up by the screen: events are taken as they come and wait here. ``used`` tells the seconds
    of a processor that this thread has had; what it had since the last batch is what showing that has cost. ``share``
    is how much of a processor that may be.
    """
    interval, before = SHORTEST, used()
    pending: list[ev.Event] = []
    woken = asyncio.Event()

    async def take() -> None:
        try:
            async for event in source:
                pending.append(event)
                woken.set()
        finally:
            woken.set()

    task = asyncio.create_task(take())
    try:
        while pending or not task.done():
            await woken.wait()
            woken.clear()
            if all(isinstance(event, Delta) for event in pending):
                await asyncio.wait({task}, timeout=interval)
            batch, pending[:] = merged(pending), []
            if batch:
                cost, before = used() - before, used()
                interval = min(max(SHORTEST, (interval + cost / share) / 2), LONGEST)
                yield batch
        task.result()  # a bug in the conversation is raised here, not swallowed
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


def merged(events: Iterable[ev.Event]) -> list[ev.Event]:
    """Join pieces of the same text. Raw text runs beside prose and code, so it does not part them."""
    result: list[ev.Event] = []
    open_: dict[type[ev.Event], int] = {}
    for event in events:
        if not isinstance(event, Delta):
            open_.clear()
            result.append(event)
            continue
        at = open_.get(type(event))
        last = result[at] if at is not None else None
        if isinstance(last, Delta) and at is not None and _same(last, event):
            result[at] = msgspec.structs.replace(last, text=last.text + event.text)
        else:
            if not isinstance(event, ev.RawDelta):
                open_ = {kind: index for kind, index in open_.items() if kind is ev.RawDelta}
            open_[type(event)] = len(result)
            result.append(event)
    return result


def _same(one: Delta, other: Delta) -> bool:
    if isinstance(one, ev.RunOutput) and isinstance(other, ev.RunOutput) and one.stream != other.stream:
        return False
    return one.step == other.step
