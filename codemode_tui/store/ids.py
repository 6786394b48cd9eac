"""Identifiers and times."""

from __future__ import annotations

import os
import time
import uuid
from datetime import UTC, datetime


def new_id() -> str:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random. The standard library has it from 3.14."""
    value = int.from_bytes(os.urandom(16), "big")
    value = (value & ((1 << 80) - 1)) | ((time.time_ns() // 1_000_000) << 80)
    value = (value & ~(0xF << 76)) | (7 << 76)
    value = (value & ~(3 << 62)) | (2 << 62)
    return str(uuid.UUID(int=value))


def now() -> str:
    """UTC, ISO 8601, milliseconds. For people: order comes from ``seq``, clocks go backwards."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local(at: str) -> datetime:
    """Such a time on the clock of this machine, for people."""
    return datetime.fromisoformat(at).astimezone()
