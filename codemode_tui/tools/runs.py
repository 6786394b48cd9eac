"""The journals of all runs, in one folder: a new one for each run, the newest of a workspace, and not too many."""

from __future__ import annotations

import secrets
import shutil
import time
from pathlib import Path

from codemode_tui import locations
from codemode_tui.errors import UsageError, WorkspaceError
from codemode_tui.sandbox.types import FileChange
from codemode_tui.tools.journal import Changes, diff, state, undo
from codemode_tui.tools.paths import Workspace

KEPT = 100
"""Runs that can be undone; older ones are forgotten when another one is begun."""
_UNDO = "-undo"
"""At the end of the name of what an undo has overwritten."""


def new_journal() -> Path:
    """A folder for another run's journal. It is made with the run's first change."""
    root = locations.runs_dir()
    for old in _all(root)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return root / _new_name()


def _new_name() -> str:
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(seconds))}-{rest:09d}-{secrets.token_hex(2)}"


def newest(workspace: Path, *, undo: bool = False) -> str:
    """The last run that changed this workspace and was not undone; or the last undo.

    Raises:
        UsageError: there is none.
    """
    before = False
    for folder in _all(locations.runs_dir()):
        found = state(folder)
        if found is None or found.workspace != str(workspace) or folder.name.endswith(_UNDO) != undo:
            continue
        if not found.undone:
            return folder.name
        before = True
    if before and not undo:
        raise UsageError("what code changed here was undone already", hint="`undo undone` takes the last undo back")
    hint = "code changes files after your yes; where nobody is asked, with --allow-write"
    raise UsageError("no run has changed files here that could be undone", hint=hint)


def undo_run(name: str, workspace: Path) -> tuple[str, list[FileChange]]:
    """Put back what the run ``name`` changed; ``last`` is the newest one, ``undone`` the newest undo. Returns its own
    name, and what became of each file.

    Raises:
        UsageError, WorkspaceError: no such run, or it cannot be undone as a whole; see ``journal.undo``.
    """
    try:
        kept = locations.runs_dir() / f"{_new_name()}{_UNDO}"
        folder = _folder(name, workspace)
        return folder.name, undo(folder, Workspace(workspace), kept)
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"not everything could be put back: {error}", hint="mend that and undo again") from error


def diff_of(name: str, workspace: Path) -> Changes:
    """What the run ``name`` changed; named as for ``undo_run``."""
    try:
        return diff(_folder(name, workspace), Workspace(workspace))
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"the changes cannot be shown: {error}", hint="undo may still work") from error


def _folder(name: str, workspace: Path) -> Path:
    wanted = newest(workspace, undo=name == "undone") if name in ("last", "undone") else name
    folder = locations.runs_dir() / wanted
    if "/" in wanted or wanted in ("", ".", "..") or not folder.is_dir():
        raise WorkspaceError(f"there is no run {name!r} that can be undone", hint="leave it out for the last one")
    return folder


def _all(root: Path) -> list[Path]:
    """Newest first: the names begin with the time."""
    return sorted(root.iterdir(), reverse=True) if root.is_dir() else []
