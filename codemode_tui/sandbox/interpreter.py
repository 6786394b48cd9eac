"""The Python that runs the code, and everything it needs to start: nothing else is visible to it."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import py_compile
import sys
import sysconfig
from pathlib import Path

import msgspec

from codemode_tui import locations
from codemode_tui.sandbox.mac_python import mac_binary, mac_reads, outermost

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
    packages: tuple[str, ...] = ()
    """Folders from which the code may import more than the standard library; among ``reads`` too."""


def find_interpreter() -> Interpreter:
    """The interpreter that runs this program, without its virtual environment."""
    executable = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    prefix, stdlib = os.path.realpath(sys.base_prefix), os.path.realpath(sysconfig.get_path("stdlib"))
    home = os.path.realpath(locations.home())
    if sys.platform == "darwin":
        executable = mac_binary(executable)
        return Interpreter(executable, mac_reads(executable, prefix, stdlib, home))
    reads, links = system_libraries()
    # A prefix such as /usr or the home folder holds far more than Python; /usr's libraries are among the system's.
    shared = prefix in ("/", "/usr") or f"{home}/".startswith(f"{prefix}/")
    own = (executable, stdlib, *_shared_library(prefix)) if shared else (prefix, executable)
    return Interpreter(executable, (*outermost([*reads, *own]), *_times()), links)


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


def _shared_library(prefix: str) -> list[str]:
    return sorted(map(str, Path(prefix, "lib").glob("libpython*")))


def _times() -> list[str]:
    return [path for path in ("/usr/share/zoneinfo", "/etc/localtime") if os.path.exists(path)]
