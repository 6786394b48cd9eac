"""macOS memory: the kernel ignores RLIMIT_AS there, so the host watches the child's physical footprint."""

from __future__ import annotations

import ctypes
import struct
import sys

_FLAVOR = 4  # RUSAGE_INFO_V4 of <libproc.h>
_SIZE = 296
_FOOTPRINT_AT = 72
"""Offset of ``ri_phys_footprint``: a 16-byte uuid, then seven 64-bit counters before it."""


def footprint_bytes(pid: int) -> int | None:
    """Memory that ``pid`` holds; None where it cannot be told (no such process, not macOS)."""
    if sys.platform != "darwin":
        return None
    buffer = ctypes.create_string_buffer(_SIZE)
    if ctypes.CDLL("/usr/lib/libproc.dylib").proc_pid_rusage(pid, _FLAVOR, buffer) != 0:
        return None
    return parse_footprint(buffer.raw)


def parse_footprint(info: bytes) -> int:
    """``ri_phys_footprint`` of a ``struct rusage_info_v4``."""
    (value,) = struct.unpack_from("<Q", info, _FOOTPRINT_AT)
    return int(value)
