"""Time that counts: execution, without the waiting for tools and approvals."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Runs from its creation; pauses may overlap."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._paused = 0
        self._paused_since = 0.0
        self._pauses = 0.0

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Whatever happens inside does not count."""
        if self._paused == 0:
            self._paused_since = time.monotonic()
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1
            if self._paused == 0:
                self._pauses += time.monotonic() - self._paused_since

    @property
    def running(self) -> float:
        """Seconds that count."""
        now = time.monotonic()
        current = now - self._paused_since if self._paused else 0.0
        return now - self._began - self._pauses - current

    @property
    def total(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began
