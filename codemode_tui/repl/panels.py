"""Open questions: one at a time has the keyboard, the serious ones first, and none is answered by accident."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from codemode_tui.repl.console import Panel

GUARD = 0.5
"""Seconds for which a question ignores keys."""
TYPING_PAUSE = 1.0
"""Seconds without a key after which somebody is not typing any more."""


class Panels:
    """Which question is on the screen, whether it takes keys, and which choice is marked."""

    def __init__(self, changed: Callable[[], None], guard: float = GUARD) -> None:
        """``changed``: another question is on the screen, or it takes keys now."""
        self._changed = changed
        self._guard = guard
        self._open: list[tuple[Panel, asyncio.Future[str | None]]] = []
        self.marked = 0
        self._armed_at = 0.0
        self._typed = 0.0

    @property
    def current(self) -> Panel | None:
        return self._open[0][0] if self._open else None

    @property
    def armed(self) -> bool:
        """Whether it takes keys."""
        return time.monotonic() >= self._armed_at

    async def ask(self, panel: Panel) -> str | None:
        """The action that was chosen; None when it was left. Cancelling takes it away."""
        future: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        entry = panel, future
        serious = [one for one in self._open if not one[0].casual]
        at = len(self._open) if panel.casual else len(serious)
        self._open.insert(at, entry)
        if at == 0:
            self._appear()
        try:
            return await future
        finally:
            first = self._open[0] is entry
            self._open.remove(entry)
            if first:
                self._appear()

    def answer(self, action: str | None) -> None:
        """Of the question on the screen."""
        if self._open and not self._open[0][1].done():
            self._open[0][1].set_result(action)

    def typed(self, *, over: bool = False) -> None:
        """Somebody is writing; ``over``: has finished."""
        self._typed = 0.0 if over else time.monotonic()

    def too_early(self) -> None:
        """A key came that cannot have been meant: wait until that is over."""
        self._armed_at = time.monotonic() + TYPING_PAUSE * bool(self._guard)
        self._wake()

    def move(self, by: int) -> None:
        if self.current is not None:
            self.marked = (self.marked + by) % len(self.current.choices)

    def _appear(self) -> None:
        now = time.monotonic()
        panel = self.current
        if panel is not None:
            self.marked = next((n for n, one in enumerate(panel.choices) if one.id == panel.safe), 0)
            typing = self._typed + TYPING_PAUSE if self._typed else 0.0
            self._armed_at = max(now + self._guard, typing) if self._guard and panel.guarded else now
            self._wake()
        self._changed()

    def _wake(self) -> None:
        delay = max(0.0, self._armed_at - time.monotonic()) + 0.02
        asyncio.get_running_loop().call_later(delay, self._changed)
