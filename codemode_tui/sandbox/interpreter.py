"""The Python that runs the code, and everything it needs to start: nothing else is visible to it."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import platform
import py_compile
import sys
import sysconfig
from pathlib import Path

import msgspec

CHILD = Path(__file__).resolve().parent / "child"
"""The folder of the program inside the sandbox."""


class Interpreter(msgspec.Struct, frozen=True):
    """A base interpreter (never a virtual environment's) and what it reads."""

    executable: str
    """Real path of the binary that is executed."""
    reads: tuple[str, ...]
    """Real folders and files: standard library, shared libraries, time zones."""
    links: tuple[tuple[str, str], ...] = ()
    """``(path, target)`` of top-level symbolic links such as ``/lib``."""


def find_interpreter() -> Interpreter:
    """The interpreter that runs this program, without its virtual environment."""
    executable = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    if sys.platform == "darwin":
        return Interpreter(mac_binary(executable), (os.path.realpath(sys.base_prefix),))
    reads, links = system_libraries()
    prefix = os.path.realpath(sys.base_prefix)
    # A prefix such as /usr holds far more than Python; its library folders are among the system's.
    own = (
        (executable, os.path.realpath(sysconfig.get_path("stdlib")))
        if prefix in ("/", "/usr")
        else (prefix, executable)
    )
    return Interpreter(executable, (*_outermost([*reads, *own]), *_times()), links)


@functools.cache
def child_program() -> Path:
    """The folder of the program inside the sandbox, compiled: no run has to do it again where it may be written."""
    for source in CHILD.glob("*.py"):
        compiled = Path(importlib.util.cache_from_source(str(source)))
        with contextlib.suppress(OSError):
            if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
                py_compile.compile(str(source), quiet=2)
    return CHILD


def system_libraries() -> tuple[list[str], tuple[tuple[str, str], ...]]:
    """Folders of shared libraries, and the links that lead to them on a merged-usr system."""
    reads = [path for path in ("/usr/lib", "/usr/lib64", "/usr/lib32", "/usr/libx32") if os.path.isdir(path)]
    links = []
    for name in ("/lib", "/lib64", "/lib32", "/libx32"):
        if os.path.islink(name):
            links.append((name, os.readlink(name)))
        elif os.path.isdir(name):
            reads.append(name)
    if os.path.exists("/etc/ld.so.cache"):
        reads.append("/etc/ld.so.cache")
    return reads, tuple(links)


def mac_binary(executable: str) -> str:
    """The Mach-O that really runs: a framework build's ``bin/python3`` only spawns it, which is denied."""
    inner = Path(executable).parent.parent / "Resources/Python.app/Contents/MacOS/Python"
    return str(inner) if inner.is_file() else executable


def machine() -> str:
    return platform.machine()


def _times() -> list[str]:
    return [path for path in ("/usr/share/zoneinfo", "/etc/localtime") if os.path.exists(path)]


def _outermost(paths: list[str]) -> list[str]:
    """Without those that lie below another one."""
    unique = sorted(dict.fromkeys(paths))
    return [p for p in unique if not any(p != other and p.startswith(other.rstrip("/") + "/") for other in unique)]
