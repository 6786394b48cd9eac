"""Text that a command line names: a file, or standard input."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import UnsupportedOperation
from pathlib import Path
from typing import IO

from codemode_tui.errors import UsageError

MOST = 8 << 20
"""Bytes of a text, or of a line: more than any model's context holds. Input without an end fills no memory."""


def read_bytes(name: str, hint: str = "name a readable file") -> bytes:
    """All of a file, of standard input for ``-``.

    Raises:
        UsageError: it cannot be read, or has more than ``MOST`` bytes.
    """
    with _opened(name, hint) as stream:
        return _bounded(stream.read(MOST + 1), f"{_shown(name)} is")


def lines_of(name: str) -> Iterator[bytes]:
    """The lines of a file, of standard input for ``-``, as they come.

    Raises:
        UsageError: it cannot be read, a line has more than ``MOST`` bytes, or it is the empty name that a variable
            leaves which is not set.
    """
    with _opened(name, "name a readable file") as stream:
        while line := stream.readline(MOST + 1):
            yield _bounded(line, f"a line of {_shown(name)} is")


def read_source(name: str) -> str:
    """The text of a file, of standard input for ``-``.

    Raises:
        UsageError: it cannot be read, is too long, or is no UTF-8.
    """
    data = read_bytes(name)
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not UTF-8 at byte {error.start}", hint="save it as UTF-8") from error


@contextmanager
def _opened(name: str, hint: str) -> Iterator[IO[bytes]]:
    if not name:
        raise UsageError("the name of the file is empty", hint=hint)
    try:
        if name != "-":
            with Path(name).open("rb") as stream:
                yield stream
        elif sys.stdin is None or sys.stdin.closed:
            raise UsageError("standard input is closed", hint=hint)
        else:
            with _waiting(sys.stdin):
                yield sys.stdin.buffer
    except OSError as error:  # of a folder, or of a stream that is only written to
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{_shown(name)} cannot be read: {reason}", hint=hint) from error


@contextmanager
def _waiting(stream: IO[str]) -> Iterator[None]:
    """A pipe of Node's, say, would give what is there by now. Whoever shares it finds it as it was."""
    try:
        descriptor = stream.fileno()
        blocks = os.get_blocking(descriptor)
    except UnsupportedOperation:  # it is no descriptor
        yield
        return
    os.set_blocking(descriptor, True)
    try:
        yield
    finally:
        os.set_blocking(descriptor, blocks)


def _bounded(data: bytes, what: str) -> bytes:
    if len(data) > MOST:
        raise UsageError(f"{what} longer than {MOST >> 20} MB", hint="give a part of it")
    return data


def _shown(name: str) -> str:
    return "standard input" if name == "-" else name
