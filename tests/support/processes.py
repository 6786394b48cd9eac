"""Who is still there: processes of this machine, as /proc tells them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """Running processes below ``pid``."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        children.setdefault(parent(int(folder.name)), []).append(int(folder.name))
    found, todo = [], [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return [one for one in found if is_running(one)]


def parent(pid: int) -> int:
    return int(fields[1]) if (fields := _stat(pid)) else 0


def is_running(pid: int) -> bool:
    """A zombie has ended: some system reads it away later."""
    return bool(fields := _stat(pid)) and fields[0] not in ("Z", "X")


def left(pids: Iterable[int], seconds: float = 10) -> list[int]:
    """Those that still run after a while: the kernel ends a namespace a moment after its first process."""
    deadline = time.monotonic() + seconds
    while (running := [pid for pid in pids if is_running(pid)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    return running


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
