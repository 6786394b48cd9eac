"""macOS memory: the kernel ignores RLIMIT_AS there, so the host watches the child's physical footprint."""

from __future__ import annotations

import asyncio
import ctypes
import struct
import sys
from collections.abc import Awaitable, Callable

_POLL_SECONDS = 0.03
_FLAVOR = 4  # RUSAGE_INFO_V4 of <libproc.h>
_LIBRARY = "/usr/lib/libproc.dylib"
_PROC_PGRP_ONLY = 2  # <sys/proc_info.h>
_MOST_PROCESSES = 4096
_SIZE = 296
_FOOTPRINT_AT = 72
"""Offset of ``ri_phys_footprint``: a 16-byte uuid, then seven 64-bit counters before it."""


async def exceeded(
    read: Callable[[], int | None], limit: int, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Return when ``read`` tells of more than ``limit`` bytes; what it cannot tell counts as nothing."""
    while (read() or 0) <= limit:
        await sleep(_POLL_SECONDS)


def group_bytes(group: int) -> int | None:
    """Memory that all processes of a group hold; None where it cannot be told."""
    if sys.platform != "darwin":
        return None
    pids = (ctypes.c_int32 * _MOST_PROCESSES)()
    size = ctypes.CDLL(_LIBRARY).proc_listpids(_PROC_PGRP_ONLY, group, pids, ctypes.sizeof(pids))
    return sum(footprint_bytes(pid) or 0 for pid in pids[: size // 4])


def footprint_bytes(pid: int) -> int | None:
    """Memory that ``pid`` holds; None where it cannot be told (no such process, not macOS)."""
    if sys.platform != "darwin":
        return None
    buffer = ctypes.create_string_buffer(_SIZE)
    if ctypes.CDLL(_LIBRARY).proc_pid_rusage(pid, _FLAVOR, buffer) != 0:
        return None
    return parse_footprint(buffer.raw)


def parse_footprint(info: bytes) -> int:
    """``ri_phys_footprint`` of a ``struct rusage_info_v4``."""
    (value,) = struct.unpack_from("<Q", info, _FOOTPRINT_AT)
    return int(value)
