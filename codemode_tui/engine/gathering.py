"""Tokens that follow each other closely go to the client together: a wake-up for each costs as much as decoding."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from codemode_tui.engine.api import EngineEvent, Token

SECONDS = 1 / 40
"""At most so long after the last message a token waits for the next one: nobody sees that."""


class Gathered:
    """Takes the events of one request and passes them on, neighbouring tokens joined.

    The first token of a message goes at once, and so does what comes later than ``seconds`` after the last; whatever
    is no token takes those that wait along. Nothing waits for a timer: it goes with the next event, or with ``flush``.
    """

    def __init__(
        self,
        send: Callable[[EngineEvent], None],
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._seconds = seconds
        self._clock = clock
        self._waiting: list[Token] = []
        self._sent = float("-inf")

    def __call__(self, event: EngineEvent) -> None:
        if not isinstance(event, Token):
            self.flush()
            self._sent = float("-inf")
            self._send(event)
            return
        if self._waiting and _kind(self._waiting[-1]) != _kind(event):
            self.flush()
        self._waiting.append(event)
        if self._clock() - self._sent >= self._seconds:
            self.flush()

    def flush(self) -> None:
        """Pass on what waits."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        text = "".join(one.text for one in waiting)
        ids = tuple(number for one in waiting for number in one.ids)
        self._sent = self._clock()
        self._send(msgspec.structs.replace(waiting[0], text=text, ids=ids))


def _kind(token: Token) -> tuple[int, bool]:
    return token.candidate, token.prefilled
