"""How one child is started: the value that a backend makes and the host executes."""

from __future__ import annotations

import os
import sys
from typing import Any

import msgspec

from codemode_tui.sandbox.types import Limits

_THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
NO_HOME = "/no-home"
"""What ``~`` stands for in the code: no folder anywhere, so that the host is asked, and refuses it. A home that the
code may write would take files that nobody finds again."""


class Launch(msgspec.Struct, frozen=True):
    """A confined child, ready to be spawned. ``argv`` lacks only the number of the RPC descriptor."""

    argv: tuple[str, ...]
    cwd: str
    env: dict[str, str]
    hello: dict[str, Any]
    """The first frame: what the child does to itself before it may see any code."""
    required: frozenset[str]
    """Layers that READY must name, without their version numbers."""
    scratch: str | None = None
    """A folder of the host that is removed afterwards."""
    watch_memory_mb: int = 0
    """Above 0: no limit of the kernel holds memory here, so the host watches the child's footprint."""
    guarded: bool = False
    """The kernel does not end the child with the host: a guard has to."""
    failures: dict[int, str] = {}
    """What an exit status means if it comes before READY."""


def environment(temporary: str, *, threads: bool = False) -> dict[str, str]:
    """The child's environment, built from nothing.

    Args:
        temporary: the only folder that it may write.
        threads: the code may import packages whose libraries start threads of their own: one is enough, since each
            would reserve memory for its stack and buffers.
    """
    made = {
        "PATH": "/usr/bin:/bin",
        "HOME": NO_HOME,
        "TMPDIR": temporary,
        **language(),
        "MALLOC_ARENA_MAX": "2",  # each arena of a thread reserves 64 MB of the address space limit
    }
    if threads:
        made |= dict.fromkeys(_THREADS, "1") | {"MPLCONFIGDIR": temporary}  # it warns of a home that it may not write
    if zone := os.environ.get("TZ"):
        made["TZ"] = zone
    return made


def language(platform: str = sys.platform) -> dict[str, str]:
    """Text is UTF-8. macOS has no ``C.UTF-8`` before version 15, and this name for no other system's locale."""
    return {"LC_CTYPE": "UTF-8"} if platform == "darwin" else {"LANG": "C.UTF-8"}


def hello(
    platform: str,
    limits: Limits,
    *,
    read: tuple[str, ...],
    write: tuple[str, ...],
    parent: int,
    packages: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The fields that ``child/program.py`` and ``child/confine.py`` read."""
    mb = 1024 * 1024
    return {
        "platform": platform,
        "limits": {
            "cpu_seconds": limits.cpu_seconds,
            "memory_bytes": limits.memory_mb * mb,
            "file_bytes": limits.file_mb * mb,
            "open_files": limits.open_files,
            "stack_bytes": limits.stack_mb * mb,
        },
        "read": list(read),
        "write": list(write),
        "parent": parent,
        "packages": list(packages),
    }
