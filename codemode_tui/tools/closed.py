"""What stays closed to commands inside a workspace, by one walk over all of its names."""

from __future__ import annotations

import os
from pathlib import Path

from codemode_tui.sandbox.types import ClosedPaths
from codemode_tui.tools.protected import Guard, fold, is_secret, write_guard

BUDGET = 400_000
_GIT = ("hooks", "config", "config.worktree", "info", "modules")
"""Of a repository: what can name programs that git runs. The rest must stay writable for git itself."""


def closed_paths(workspace: Path) -> ClosedPaths:
    """Secrets, protected paths and anchors below ``workspace``, ignored files included.

    Raises:
        PermissionError: too many files to be sure.
    """
    secrets: list[str] = []
    protected: list[str] = []
    anchors: list[str] = []
    left = BUDGET
    stack: list[tuple[str, tuple[str, ...]]] = [(str(workspace), ())]
    while stack:
        folder, above = stack.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue  # not readable: not readable for the command either
        left -= len(entries)
        if left < 0:
            raise PermissionError(
                f"commands are not run here: more than {BUDGET:,} files to look through for secrets; "
                "name a smaller folder with --workspace"
            )
        for entry in entries:
            parts = (*above, entry.name)
            if is_secret(parts[-2:]):
                secrets += _real(entry, workspace)
            elif fold(entry.name) == ".git" and entry.is_dir(follow_symlinks=False):
                anchors.append(entry.path)
                protected += [path for name in _GIT if os.path.lexists(path := f"{entry.path}/{name}")]
            elif write_guard(parts[-2:]) is Guard.DENY:
                protected += _real(entry, workspace)
            elif entry.is_dir(follow_symlinks=False):
                stack.append((entry.path, parts))
    return ClosedPaths(tuple(sorted(secrets)), tuple(sorted(protected)), tuple(sorted(anchors)))


def _real(entry: os.DirEntry[str], workspace: Path) -> list[str]:
    """The path to close; a link's target if that lies inside, nothing if a command cannot reach it."""
    if not entry.is_symlink():
        return [entry.path]
    target = os.path.realpath(entry.path)
    return [target] if target.startswith(f"{workspace}/") and os.path.exists(target) else []
