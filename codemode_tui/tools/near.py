"""Names like the one that was asked for: a wrong path is the commonest error of generated code."""

from __future__ import annotations

import difflib
import os
from collections import deque
from itertools import accumulate

from codemode_tui.tools.paths import Place, Workspace
from codemode_tui.tools.protected import is_secret

_ENTRIES = 3000
_COMPARED = 1_000_000
"""Letters of all names, times those of the one that was asked for: how long comparing them takes."""
_SKIP = frozenset(("node_modules", "__pycache__", "venv"))


def missing(workspace: Workspace, asked: str) -> FileNotFoundError:
    """``X does not exist``, with up to three similar paths of the workspace."""
    near = [path for path in similar(workspace, asked) if path != asked]  # a link that leads to nothing
    hint = f" (similar: {', '.join(near)})" if near else ""
    return FileNotFoundError(f"{asked} does not exist{hint}")


def similar(workspace: Workspace, asked: str, count: int = 3) -> list[str]:
    """Paths whose name is the same elsewhere, or nearly the same; looks at a bounded number of entries."""
    wanted = asked.rstrip("/").rpartition("/")[2].casefold()
    if not wanted:
        return []
    paths: dict[str, list[str]] = {}
    for path in _paths(workspace):
        paths.setdefault(path.rpartition("/")[2].casefold(), []).append(path)
    first = sorted(paths, key=wanted.__ne__)  # the same name elsewhere is compared, whatever others there are
    letters = accumulate(map(len, first))
    compared = [name for name, so_far in zip(first, letters, strict=True) if so_far * len(wanted) <= _COMPARED]
    names = difflib.get_close_matches(wanted, compared, n=count, cutoff=0.6)
    stem = wanted.rpartition(".")[0] or wanted
    names += [name for name in paths if name.rpartition(".")[0] == stem and name not in names]
    return [path for name in names for path in paths[name]][:count]


def _paths(workspace: Workspace) -> list[str]:
    """Visible files and folders, the shallowest first."""
    found: list[str] = []
    todo = deque(["."])
    while todo and len(found) < _ENTRIES:
        base = todo.popleft()
        try:
            with workspace.find(base) as place:
                entries = _entries(place)
        except (OSError, ValueError):
            continue
        for name, is_dir in entries[: _ENTRIES - len(found)]:
            path = name if base == "." else f"{base}/{name}"
            found.append(path)
            if is_dir and name not in _SKIP:
                todo.append(path)
    return found


def _entries(place: Place) -> list[tuple[str, bool]]:
    fd = place.open_dir()
    try:
        with os.scandir(fd) as listing:
            return sorted(
                (entry.name, entry.is_dir(follow_symlinks=False))
                for entry in listing
                if not entry.name.startswith(".") and not is_secret((entry.name,)) and entry.name.isprintable()
            )
    finally:
        os.close(fd)
