"""A workspace that holds everything (home folder, root), secrets or start-up files: a word of the user's opens it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from codemode_tui import locations
from codemode_tui.errors import UsageError
from codemode_tui.sandbox.sanitise import one_line

_AGENTS = frozenset((".claude", ".codex", ".cursor"))
"""Folders of coding agents, which keep git worktrees of projects in them."""


def wide(workspace: Path) -> str:
    """What ``workspace`` (a real path) is if it is, or holds, the user's home folder, or lies among secrets or in what
    is never written; empty for any other."""
    from codemode_tui.tools.protected import is_secret, runs_code

    if is_secret(workspace.parts[1:]):
        return "a folder that may hold secrets"
    if runs_code(_in_worktree(workspace.parts[1:])):
        return "a folder of files that make other programs run code"
    if workspace == Path(workspace.anchor):
        return "the root of the file system"
    home = locations.home().resolve()
    return "your home folder" if workspace == home else f"a folder above {home}" if workspace in home.parents else ""


def _in_worktree(parts: Sequence[str]) -> Sequence[str]:
    """What lies below the worktrees of an agent: a project, whoever keeps it. All of any other path."""
    from codemode_tui.tools.protected import fold

    names = [fold(part) for part in parts]
    for at in range(len(names) - 3, -1, -1):
        if names[at] in _AGENTS and names[at + 1] == "worktrees":
            return parts[at + 2 :]
    return parts


def closed(workspace: Path, named: Path | None) -> str:
    """Why tools are refused here: nobody has said that code may see so much. Naming the folder says it."""
    what = "" if named is not None else wide(workspace)
    return f"the workspace is {what}, so no tool works in it; --workspace {workspace} allows it" if what else ""


def ask_first(named: Path | None) -> Path | None:
    """The workspace of the terminal interface, once the user has agreed to it.

    Raises:
        UsageError: the answer was no.
    """
    here = Path(os.path.realpath(named or locations.current_dir()))
    what = "" if named is not None else wide(here)
    if not what:
        return named
    print(f"This is {what} ({one_line(str(here))}): code that the model writes could read nearly everything in it.")
    try:
        answer = input("Use it as the workspace? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise UsageError("not opened", hint="cd into a project, or name one with --workspace DIR")
    return here
