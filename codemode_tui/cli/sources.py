"""Text that a command line names: a file, or standard input."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from pathlib import Path

from codemode_tui.errors import UsageError


def standard_input(hint: str = "name a file") -> Iterator[bytes]:
    """Its lines as they come.

    Raises:
        UsageError: it is closed, or cannot be read (a folder, a stream that is only written to).
    """
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError("standard input is closed", hint=hint)
    try:
        yield from sys.stdin.buffer
    except OSError as error:
        raise UsageError(
            f"standard input cannot be read: {(error.strerror or str(error)).lower()}", hint=hint
        ) from error


def lines_of(name: str) -> Iterator[bytes]:
    """The lines of a file, of standard input for ``-``, as they come.

    Raises:
        UsageError: it cannot be read.
    """
    if name == "-":
        yield from standard_input()
        return
    try:
        with Path(name).open("rb") as stream:
            yield from stream
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{name} cannot be read: {reason}", hint="name a readable file") from error


def read_source(name: str) -> str:
    """The text of a file, of standard input for ``-``.

    Raises:
        UsageError: it cannot be read, or is no UTF-8.
    """
    data = b"".join(lines_of(name))
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not UTF-8 at byte {error.start}", hint="save it as UTF-8") from error
