"""After a command: what it made under a closed name gets another one. Mounts protect only what was there before."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from codemode_tui.sandbox.types import ClosedPaths

BLOCKED = ".blocked"
_MOST_NOTES = 20


class Closed(Protocol):
    """Finds what stays closed in a folder, looking at no more than ``budget`` names (None: all)."""

    def __call__(self, workspace: Path, *, budget: int | None = ...) -> ClosedPaths: ...


def set_aside(workspace: Path, before: ClosedPaths, closed: Closed) -> list[str]:
    """Rename whatever stands under a closed name and did not before; one note a name, for people and the model.

    A path that was there counts as new if something else stands there now (its folder was renamed and
    made again); a thing that was there and only moved with its folder is as protected as it was. (Where the name of
    the folder is part of what closes it, the folder is an anchor.)
    """
    after = _everything(workspace, before, closed)
    known = set(before.named.values())
    done: list[str] = []
    notes: list[str] = []
    for path, identity in sorted(after.named.items()):
        if identity in known:
            continue
        if any(path.startswith(f"{folder}/") for folder in done):
            continue  # went with its folder
        done.append(path)
        shown = os.path.relpath(path, workspace)
        where = _rename(path)
        moved = f"was renamed to {os.path.relpath(where, workspace)}" if where else "is still there: remove it"
        notes.append(f"[{shown} {moved}: a command may not create it]")
    if len(notes) > _MOST_NOTES:
        notes[_MOST_NOTES:] = [f"[and {len(notes) - _MOST_NOTES:,} more]"]
    return notes


def _everything(workspace: Path, before: ClosedPaths, closed: Closed) -> ClosedPaths:
    """All closed names, whatever modes a command gave to folders to hide them from this search."""
    for _ in range(100):
        found = closed(workspace, budget=None)
        hidden = [folder for folder in found.unread if folder not in before.unread and _open_up(folder)]
        if not hidden:
            break
    return found


def _open_up(folder: str) -> bool:
    """Give the owner back what is needed to look into it and to rename what it holds; False if it has that."""
    try:
        mode = stat.S_IMODE(os.lstat(folder).st_mode)
        if mode & 0o700 == 0o700:
            return False
        os.chmod(folder, mode | 0o700)
    except OSError:
        return False
    return True


def _rename(path: str) -> str:
    """The name that it has now; empty if it could be neither renamed nor removed."""
    for target in _free_names(path):
        with contextlib.suppress(OSError):
            os.rename(path, target)
            return target
        if not _open_up(os.path.dirname(path)):
            break
    with contextlib.suppress(OSError):
        os.unlink(path)
        return os.devnull
    shutil.rmtree(path, ignore_errors=True)
    return "" if os.path.lexists(path) else os.devnull


def _free_names(path: str) -> Iterator[str]:
    number = 1
    while True:
        target = f"{path}{BLOCKED}" + (f"-{number}" if number > 1 else "")
        if not os.path.lexists(target):
            yield target
        number += 1
