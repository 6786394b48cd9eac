"""Being told to end, by whomever, is an interrupt like ctrl+c."""

from __future__ import annotations

import signal


def endings() -> list[signal.Signals]:
    """What tells a program to end, the terminal's own end too; not what is ignored (``nohup``)."""
    return [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) != signal.SIG_IGN]


def interrupt_when_told_to_end() -> None:
    """Those raise ``KeyboardInterrupt``: what runs is put away as after ctrl+c, and so are child processes."""
    for one in endings():
        signal.signal(one, signal.default_int_handler)
