"""Standard streams that are safe to use, whoever started the program and however."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Unheard(io.FileIO):
    """A note that nobody can read, or that finds no room, changes neither what a command does nor its exit code."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def prepare() -> None:
    """Give closed streams a place to go, and let no character end the program.

    A closed descriptor would be taken by the next file that is opened, the store for one, and a closed
    standard error makes ``print`` write to standard output instead. In place of a closed standard output
    nothing can be written, so that a result that nobody gets is an error.
    """
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest free number: this one
    # Standard input stays None: a command that wants to read it says that it is closed.
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the end
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the end
    if sys.__stderr__ is not None and sys.stderr is sys.__stderr__:
        heard = io.BufferedWriter(_Unheard(2, "w", closefd=False))
        sys.stderr = io.TextIOWrapper(heard, encoding=sys.__stderr__.encoding, line_buffering=True)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a terminal that is no UTF-8


def dumb() -> bool:
    """Whether the terminal cannot move its cursor, as far as it is known by name."""
    return os.environ.get("TERM", "") in ("", "dumb", "unknown")


def discard_output() -> None:
    """Nobody can read standard output any more: what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
