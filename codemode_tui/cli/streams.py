"""Standard streams that are safe to use, whoever started the program and however."""

from __future__ import annotations

import os
import sys


def prepare() -> None:
    """Give closed streams a place to go, and let no character end the program.

    A closed descriptor would be taken by the next file that is opened, the store for one, and a closed
    standard error makes ``print`` write to standard output instead.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    # Standard input stays None: a command that wants to read it says that it is closed.
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the end
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the end
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a terminal that is no UTF-8


def discard_output() -> None:
    """Nobody can read standard output any more: what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
