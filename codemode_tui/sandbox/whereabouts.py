"""Where code stands that does not come to its own end: the child's ``faulthandler`` is asked over a socket of its own.

A byte that is written into the socket raises a signal in the child (``O_ASYNC``), whatever namespace it is in and
whatever it is doing, also in the midst of one long operation of the interpreter. What it writes back is no more to
be believed than its output: only numbers of lines that the code has are taken from it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket

from codemode_tui.sandbox.types import ExceptionInfo

_ASKED_SECONDS = 0.3
"""An answer takes a millisecond, unless the machine is busy."""
_POLL_SECONDS = 0.002
_MOST_BYTES = 65536
_MOST_FRAMES = 50
_FRAME = re.compile(r'  File "<code>", line (\d{1,9}) in (\S{1,200})')


class Whereabouts:
    """The host's end of the socket, and what came from the child."""

    def __init__(self) -> None:
        self._own, self.child_end = socket.socketpair()
        self.number = self.child_end.fileno()
        """Of the child's end, in the child too."""
        self._own.setblocking(False)
        self._said = b""

    async def ask(self) -> None:
        """Have the child say where its code stands; after a moment it need not answer any more."""
        with contextlib.suppress(OSError, TimeoutError):
            self._own.send(b"?")
            async with asyncio.timeout(_ASKED_SECONDS):
                while not self._take() or not self._said.endswith(b"\n"):
                    await asyncio.sleep(_POLL_SECONDS)

    def frames(self) -> list[tuple[int, str]]:
        """Line and function of each frame of the code that was told of last, the innermost last; for a dead child."""
        while self._take():
            pass
        text = self._said.decode("utf-8", "replace").rpartition("(most recent call first)")[2]
        return [(int(line), name) for line, name in _FRAME.findall(text)][:_MOST_FRAMES][::-1]

    def _take(self) -> bool:
        """Whether more has come."""
        try:
            more = self._own.recv(_MOST_BYTES)
        except OSError:
            return False
        self._said = (self._said + more)[-_MOST_BYTES:]
        return bool(more)

    def close(self) -> None:
        self._own.close()
        self.child_end.close()


def stopped_at(frames: list[tuple[int, str]], code: str, kind: str, message: str) -> ExceptionInfo | None:
    """As an exception of type ``kind`` that came over the code there; None where nobody knows where it stood.

    Args:
        frames: see ``Whereabouts.frames``.
        code: what ran.
    """
    lines = code.splitlines()
    known = [(line, name) for line, name in frames if 0 < line <= len(lines)]
    if not known:
        return None
    shown = [f'  File "<code>", line {line}, in {name}\n    {lines[line - 1].strip()}\n' for line, name in known]
    told = "".join(["Traceback (most recent call last):\n", *shown, f"{kind}: {message}\n"])
    return ExceptionInfo(kind, message, known[-1][0], told)
