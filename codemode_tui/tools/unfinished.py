"""What git keeps of a rebase or a row of picks that it stopped amid, where going on with it would start programs."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

_PROGRAMS = (
    ("rebase-merge", "git-rebase-todo", re.compile(rb"^[ \t]*(?:exec|x)(?:\s|$)", re.MULTILINE)),
    # Git starts `git-merge-STRATEGY`: with a slash in it, one that is not on the PATH.
    ("rebase-merge", "strategy", re.compile(rb"/")),
    ("sequencer", "opts", re.compile(rb"\A(?=.*/).*\bstrategy\s*=", re.DOTALL | re.IGNORECASE)),
)
"""A folder of the repository, a file in it that git reads when it goes on, and what in it names a program."""
_MOST_BYTES = 16 * 1024 * 1024


def starting_programs(repository: str) -> list[str]:
    """Paths of folders in ``repository`` (a folder ``.git``) that hold what starts programs. Git itself makes such
    folders, and most hold nothing of the kind: ordinary work. Links, and what cannot be read, may become anything.
    """
    found = (
        f"{repository}/{folder}" for folder, file, pattern in _PROGRAMS if _holds(repository, folder, file, pattern)
    )
    return list(dict.fromkeys(found))


def _holds(repository: str, folder: str, name: str, pattern: re.Pattern[bytes]) -> bool:
    folder = f"{repository}/{folder}"
    file = f"{folder}/{name}"
    try:
        if os.path.islink(folder):
            return True
        info = os.lstat(file)
        if not stat.S_ISREG(info.st_mode) or info.st_size > _MOST_BYTES:
            return True
        return pattern.search(Path(file).read_bytes()) is not None
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
