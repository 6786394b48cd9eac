"""Linux without user namespaces: the child confines itself with Landlock and seccomp alone."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from codemode_tui.sandbox.interpreter import Interpreter, child_program
from codemode_tui.sandbox.launch import Launch, environment, hello
from codemode_tui.sandbox.types import Limits

MIN_ABI = 3
"""Below 3 a file outside could be truncated."""
_CREATE_RULESET = 444


def landlock_abi() -> int:
    """The kernel's Landlock version; 0 when there is none."""
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    version = libc.syscall(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    return max(0, int(version))


def landlock_launch(python: Interpreter, limits: Limits, scratch: str) -> Launch:
    """The code process; ``scratch`` is a fresh private folder of the host."""
    empty, tmp = Path(scratch, "workspace"), Path(scratch, "tmp")
    tmp.mkdir(0o700)
    empty.mkdir(0o500)
    read = (*python.reads, str(child_program()), str(empty), "/dev/zero", "/dev/random", "/dev/urandom")
    return Launch(
        argv=(python.executable, "-I", "-S", "-B", str(child_program() / "main.py")),
        cwd=str(empty),
        env=environment(str(tmp), threads=bool(python.packages)),
        hello=hello(
            sys.platform, limits, read=read, write=(str(tmp), "/dev/null"), parent=os.getpid(), packages=python.packages
        ),
        required=frozenset(("rlimits", "landlock", "seccomp")),
        scratch=scratch,
    )
