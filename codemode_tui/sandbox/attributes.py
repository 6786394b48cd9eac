"""What git is told of secrets that were ever committed, by its attributes."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from codemode_tui.sandbox.types import ClosedPaths

_MOST_BYTES = 16 * 1024 * 1024
"""Of one file beside a repository's own attributes; ordinary ones have some hundred."""


def git_attributes(closed: ClosedPaths, workspace: str) -> str:
    """What keeps secrets that were ever committed out of git's diffs and searches, where they are binary, and out of
    its archives; other commands of git print them still. Names are as in ``closed``; ``workspace`` is the name of its
    folder."""
    secret: list[str] = []
    for name in closed.secret_names:
        above, _, below = name.rpartition("/")
        # Without a slash it fits at any depth, and is compared faster: git does so for each file it looks through.
        secret += [f"**/{name}" if above else name, f"**/{name}/**"]
        if above and above == workspace.lower():
            secret += [f"/{below}", f"/{below}/**"]
    lines = [f"{_any_case(pattern)} -diff export-ignore\n" for pattern in secret]
    # Of two lines that fit a file, the later one holds.
    return "".join([*lines, *(f"{_any_case(name)} !diff !export-ignore\n" for name in closed.spared_names)])


def repositories_own(closed: ClosedPaths, attributes: str, folder: Path) -> tuple[tuple[str, str], ...]:
    """Below ``folder``, copies of what each repository keeps in ``info``, ``attributes`` added: git heeds these before
    any ``.gitattributes`` among the files, and the user's own after them. Returns pairs of copy and original.

    Worktrees share theirs with the repository; submodules have some of their own.
    """
    made: list[tuple[str, str]] = []
    for info in _info_folders(closed):
        copy = folder / str(len(made))
        with contextlib.suppress(OSError):
            copy.mkdir(parents=True)
            for entry in os.scandir(info):
                if entry.is_file(follow_symlinks=False) and entry.stat().st_size <= _MOST_BYTES:
                    shutil.copyfile(entry.path, copy / entry.name)
            with open(copy / "attributes", "a", encoding="utf-8") as file:
                file.write(f"\n{attributes}")
            made.append((str(copy), info))
    return tuple(made)


def _info_folders(closed: ClosedPaths) -> Iterator[str]:
    for path in closed.protected:
        above, name = os.path.split(path)
        if name == "info" and os.path.basename(above).lower() == ".git" and os.path.isdir(path):
            yield path
        elif name == "modules":
            for folder, below, files in os.walk(path):
                if "HEAD" in files:  # a submodule's repository, which may have submodules too
                    below[:] = [name for name in below if name == "modules"]
                    if os.path.isdir(info := f"{folder}/info") and not os.path.islink(info):
                        yield info


def _any_case(glob: str) -> str:
    return "".join(f"[{char.lower()}{char.upper()}]" if char.isalpha() else char for char in glob)
