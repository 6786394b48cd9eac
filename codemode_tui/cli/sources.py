"""Text that a command line names: a file, or standard input."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from codemode_tui.errors import UsageError


def read_source(name: str) -> str:
    """The text of a file, of standard input for ``-``.

    Raises:
        UsageError: it cannot be read, or is no UTF-8.
    """
    if name == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise UsageError("standard input is closed", hint="name a file")
        data = sys.stdin.buffer.read()
    else:
        try:
            data = Path(name).read_bytes()
        except OSError as error:
            raise UsageError(f"{name} cannot be read: {error.strerror}", hint="name a readable file") from error
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not UTF-8 at byte {error.start}", hint="save it as UTF-8") from error
