"""One chosen Python environment whose packages the code may import, read-only. Off unless a setting names it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox.interpreter import Interpreter


def with_packages(python: Interpreter, environment: str) -> Interpreter:
    """The interpreter, with the packages of ``environment`` to read and to import; its ``.pth`` files do nothing.

    Args:
        environment: folder of a virtual environment, a conda environment or another prefix; ``~`` is the home folder.

    Raises:
        SandboxError: there is no such environment, or it was made for another version of Python.
    """
    root = Path(environment).expanduser()
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if not root.is_dir():
        raise SandboxError(
            f"sandbox.packages: there is no folder {root}", hint="name a Python environment, or unset it"
        )
    folder = root / "lib" / version / "site-packages"
    if not folder.is_dir():
        others = sorted(path.parent.name for path in root.glob("lib/python*/site-packages"))
        found = f"it has packages for {', '.join(others)}" if others else f"there is no {folder}"
        raise SandboxError(
            f"sandbox.packages: {root} is no environment of {version}: {found}",
            hint=f"name an environment that was made with {version}",
        )
    packages = os.path.realpath(folder)
    # A conda environment keeps the libraries that its packages load beside them.
    libraries = (os.path.realpath(root / "lib"),) if (root / "conda-meta").is_dir() else ()
    reads = tuple(dict.fromkeys((*python.reads, packages, *libraries)))
    return msgspec.structs.replace(python, reads=reads, packages=(packages,))
