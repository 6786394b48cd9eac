"""macOS: what a Python reads to start, by how it was installed. Nothing here asks the system but for files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_LIBRARIES = (
    *(f"{brew}/{name}" for brew in ("opt/homebrew", "usr/local") for name in ("opt", "Cellar", "lib")),
    "opt/local/lib",
    "nix/store",
)
"""Of Homebrew (on both kinds of Mac), MacPorts and Nix; never ``etc`` and ``var``, with services' settings and data."""
_SHARED = ("/", "/usr", "/usr/local", "/opt", "/opt/local", "/opt/homebrew")
"""Prefixes that hold far more than one Python."""


def mac_binary(executable: str) -> str:
    """The Mach-O that really runs: a framework build's ``bin/python3`` only spawns it, which is denied."""
    inner = Path(executable).parent.parent / "Resources/Python.app/Contents/MacOS/Python"
    return str(inner) if inner.is_file() else executable


def mac_reads(binary: str, prefix: str, stdlib: str, home: str, *, root: str = "/") -> tuple[str, ...]:
    """Folders and files that the interpreter needs.

    uv's Pythons, python.org's and Xcode's frameworks hold all they need. conda's prefix also holds all other
    environments and settings. What pyenv compiled, and Homebrew's own, load libraries of Homebrew.

    Args:
        binary: real path of what is executed.
        prefix: real path of ``sys.base_prefix``.
        stdlib: real path of the standard library.
        home: the user's home folder.
        root: of the file system; another one in tests.
    """
    lib, plain = Path(prefix, "lib"), "/" + os.path.relpath(prefix, root).removeprefix(".")
    if Path(prefix, "conda-meta").is_dir():
        own = [binary, str(lib), str(Path(prefix, "share/zoneinfo"))]
    elif plain in _SHARED or _holds(prefix, home) or os.path.basename(prefix) in ("local", ".local"):
        own = [binary, stdlib, *sorted(map(str, lib.glob("libpython*.dylib")))]
    else:
        own = [prefix, binary]
    libraries = [] if _complete(prefix, plain) else [os.path.join(root, path) for path in _LIBRARIES]
    return tuple(outermost(path for path in [*own, *libraries] if os.path.exists(path)))


def outermost(paths: Iterable[str]) -> list[str]:
    """Without those that lie below another one."""
    found: list[str] = []
    for path in sorted(set(paths), key=lambda path: path.split("/")):
        if not found or not f"{path}/".startswith(found[-1].rstrip("/") + "/"):
            found.append(path)
    return found


def _complete(prefix: str, plain: str) -> bool:
    """The installation loads nothing from elsewhere but macOS's own libraries."""
    if Path(prefix, "conda-meta").is_dir() or any(part.startswith("cpython-") for part in Path(prefix).parts):
        return True
    return plain.startswith(("/Library/Frameworks/", "/Library/Developer/", "/Applications/"))


def _holds(prefix: str, home: str) -> bool:
    """The prefix is the home folder, or lies above it."""
    return f"{home.rstrip('/')}/".startswith(prefix.rstrip("/") + "/")
