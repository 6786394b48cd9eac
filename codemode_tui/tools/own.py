"""This program's own folders inside a workspace: its settings name programs that run outside of any sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from codemode_tui import locations
from codemode_tui.tools.protected import fold

Folders = frozenset[tuple[str, ...]]
"""Folded components below a workspace; none for the workspace itself."""


def own_folders(root: Path) -> Folders:
    """Those for config, data and cache. Asked anew each time: a link on the way to them may lead elsewhere by now."""
    return frozenset(_folded(folder.relative_to(root).parts) for folder in locations.own_dirs(root))


def is_below(parts: Sequence[str], folders: Folders) -> bool:
    """True for a path (components below the workspace) of one of ``folders`` or of what it holds."""
    names = _folded(parts) if folders else ()
    return any(names[: len(folder)] == folder for folder in folders)


def _folded(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(fold(part) for part in parts)
