"""Time that counts: execution, without the waiting for tools; and all of it, without the waiting for people."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Stopwatch:
    """Runs from its creation; pauses may overlap."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._tools = _Pauses()
        self._people = _Pauses()

    @contextmanager
    def call(self, seconds: float) -> Iterator[asyncio.Timeout]:
        """One tool call: no execution time, and at most ``seconds`` of its own (enter what is yielded)."""
        deadline = asyncio.timeout(seconds)
        token = _call.set((self, deadline))
        try:
            with self._tools.one():
                yield deadline
        finally:
            _call.reset(token)

    @contextmanager
    def away(self) -> Iterator[None]:
        """While a person decides, nothing counts."""
        with self._people.one():
            yield

    @property
    def running(self) -> float:
        """Seconds of execution."""
        return time.monotonic() - self._began - self._tools.seconds

    @property
    def total(self) -> float:
        """Seconds since the beginning in which nobody was asked."""
        return time.monotonic() - self._began - self._people.seconds


@contextmanager
def waiting_for_a_person() -> Iterator[None]:
    """Inside a tool call: this time counts against no limit, neither of the call nor of the run."""
    current = _call.get()
    if current is None:
        yield
        return
    watch, deadline = current
    clock = asyncio.get_running_loop().time
    left = (deadline.when() or clock()) - clock()
    deadline.reschedule(None)
    try:
        with watch.away():
            yield
    finally:
        if not deadline.expired():
            deadline.reschedule(clock() + left)


class _Pauses:
    """Time in which at least one of several things goes on."""

    def __init__(self) -> None:
        self._open = 0
        self._since = 0.0
        self._over = 0.0

    @contextmanager
    def one(self) -> Iterator[None]:
        if self._open == 0:
            self._since = time.monotonic()
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            if self._open == 0:
                self._over += time.monotonic() - self._since

    @property
    def seconds(self) -> float:
        return self._over + (time.monotonic() - self._since if self._open else 0.0)


_call: ContextVar[tuple[Stopwatch, asyncio.Timeout] | None] = ContextVar("call", default=None)
"""The clocks of the tool call that this task serves."""
