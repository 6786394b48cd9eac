"""Being told to end, by whomever, is an interrupt like ctrl+c."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from types import FrameType


def endings() -> list[signal.Signals]:
    """What tells a program to end, the terminal's own end too; not what is ignored (``nohup``)."""
    return [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) != signal.SIG_IGN]


def interrupt_when_told_to_end() -> None:
    """Those raise ``KeyboardInterrupt``: what runs is put away as after ctrl+c, and so are child processes.

    A hangup behind another end is no second ctrl+c, which would not wait for that: when a terminal is closed, its
    shell tells of it and so does the kernel; a session that is ended is told SIGTERM before.
    """
    ours = [signal.SIGINT] if signal.getsignal(signal.SIGINT) is signal.default_int_handler else []
    for one in (*ours, *endings()):
        signal.signal(one, _interrupt)


def cancel_when_told_to_end(task: asyncio.Task[Any], *also: signal.Signals) -> None:
    """Those, and ``also``, cancel ``task``, with the same rule for a hangup that comes behind another end."""
    told: list[signal.Signals] = []

    def end(number: signal.Signals) -> None:
        if number != signal.SIGHUP or not told:
            task.cancel()
        told.append(number)

    for one in (*also, *endings()):
        task.get_loop().add_signal_handler(one, end, one)


@contextmanager
def ctrl_c_is_theirs() -> Iterator[None]:
    """While another program has the terminal: killed for its own key, it would leave it as it had set it.

    The signal may not be ignored, as that program would inherit that.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    raise KeyboardInterrupt
