"""Files that a person asked for: new ones, never in the place of another."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

from codemode_tui.errors import WorkspaceError


def write_new(folder: Path, title: str, form: str, text: str) -> Path:
    """``folder/session-the-title.md``, with a number where there is one already.

    Raises:
        WorkspaceError: the folder cannot be written.
    """
    words = re.findall(r"\w+", title.casefold())
    stem = "-".join(["session", *words])[:60].rstrip("-")
    for number in count(1):
        file = folder / f"{stem}{f'-{number}' if number > 1 else ''}.{form}"
        try:
            with file.open("x", encoding="utf-8", errors="backslashreplace") as stream:
                try:
                    stream.write(text)
                    stream.flush()
                except OSError:  # the disk is full: half of it is of no use to anybody
                    file.unlink(missing_ok=True)
                    raise
            return file
        except FileExistsError:
            continue
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise WorkspaceError(
                f"{file} cannot be written: {reason}", hint="codemode sessions export ID > FILE"
            ) from error
    raise AssertionError
