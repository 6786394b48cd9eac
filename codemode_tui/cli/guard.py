"""A terminal that is given back whatever happens: a small process waits for the one that draws.

Raw mode and the alternate screen outlive a program that is killed. So the interface runs in a child;
its parent, which draws nothing, restores the terminal if the child dies of a signal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import time
from collections.abc import Callable
from types import FrameType

_LEAVE_SCREEN = "\x1b[?1049l"
"""Only for who has entered it: it takes the cursor back to where it was then."""
_RESET = (
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # mouse
    "\x1b[?2004l\x1b[?1004l\x1b[?2031l\x1b[?2048l"  # bracketed paste, focus, colour scheme, in-band resize
    "\x1b[<u\x1b[?25h\x1b[0m\r\n"  # keyboard protocol, cursor, colours
)

POLLS = 20
"""How often, 10 ms apart, the child is looked at before it is taken for one that nobody continued."""


def guarded(work: Callable[[], int], *, screen: bool = True) -> int:
    """Run ``work`` in a child process and return its exit code (128 + number for a signal).

    ``screen``: it draws on the alternate screen.
    """
    stdin = sys.stdin.fileno()
    before = termios.tcgetattr(stdin)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _die_with_parent()
        return work()  # the caller's own error handling goes on in the child
    _forward(child)
    code = _wait(child)
    if code < 0:
        with contextlib.suppress(OSError):
            termios.tcsetattr(stdin, termios.TCSADRAIN, before)
            reset = _LEAVE_SCREEN + _RESET if screen else "\x1b[?2026l\x1b[J" + _RESET
            os.write(sys.stdout.fileno(), reset.encode())
            os.write(sys.stderr.fileno(), _obituary(-code, "codemode" if screen else "codemode repl").encode())
        code = 128 - code
    # Whatever the interpreter would do at its end is the child's: leave without it.
    os._exit(code)


def _wait(child: int) -> int:
    """The child's exit code, negative for a signal. A child that suspends itself suspends us with it."""
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            os.kill(os.getpid(), signal.SIGSTOP)
            if (ended := _continue(child)) is None:
                continue
            status = ended
        return os.waitstatus_to_exitcode(status)


def _continue(child: int) -> int | None:
    """Let the stopped child go on; its status if it has ended meanwhile.

    A shell continues the whole group. To continue the child once more would be taken for a second return: it would
    read the terminal twice over, and one reader would wait for ever for keys that the other had got.
    """
    for _ in range(POLLS):
        found, status = os.waitpid(child, os.WCONTINUED | os.WNOHANG)
        if found:
            return None if os.WIFCONTINUED(status) else status
        time.sleep(0.01)
    os.kill(child, signal.SIGCONT)  # only we were continued
    return None


def _forward(child: int) -> None:
    def forward(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # in raw mode ctrl+c is a key


def _die_with_parent() -> None:
    """Linux: end properly when the guard is killed. Elsewhere the terminal's hang-up does it."""
    if sys.platform != "linux":
        return
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM, 0, 0, 0)


def _obituary(number: int, program: str) -> str:
    name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
    return f"codemode: the interface was killed ({name}); finished turns are stored: {program} --continue\r\n"
