"""How much memory a model may take on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

UNLIMITED = 1 << 60
"""Limits of control groups from here on are none."""
QUICK_SECONDS = 10.0
ASK_MLX = "import json, mlx.core as mx; print(json.dumps(mx.device_info()))"
WORKING_SET = "max_recommended_working_set_size"
LARGE_MAC = 36 << 30
"""Macs from this size on let the GPU have three quarters of their memory, smaller ones two thirds."""
FOR_MACOS = 6 << 30
"""Bytes that macOS and other programs need at least; they are left an eighth of a large Mac."""

Ask = Callable[[Sequence[str]], str]


class Machine(msgspec.Struct, frozen=True):
    """What there is."""

    bytes: int
    source: str
    """Where the figure comes from, for people."""
    gpu: bool = False
    """Whether a GPU works, in the same memory."""
    whole: int = 0
    """All memory of a Mac, of which its GPU has a part; 0 elsewhere."""
    taken: int = 0
    """What other engines have; ``bytes`` are what is left beside them."""

    def wider(self, total: int) -> str:
        """What lets a Mac's GPU have ``total`` bytes and leaves macOS enough; empty where nothing does.

        Ending other programs does not: the limit of a GPU is the same whatever they take.
        """
        limit = self.whole - max(FOR_MACOS, self.whole // 8)
        if limit <= self.bytes + self.taken or limit < total + self.taken:
            return ""
        return f"let the GPU have more until the next start (sudo sysctl iogpu.wired_limit_mb={limit >> 20})"


def machine(system: str = sys.platform, root: Path = Path("/"), ask: Ask | None = None) -> Machine:
    """What a model may take here now.

    Args:
        system: ``sys.platform``.
        root: where ``/proc`` and ``/sys`` are looked for.
        ask: runs a program, returns what it printed; raises ``OSError`` when it cannot be run.
    """
    return _mac(ask or output_of) if system == "darwin" else _linux(root)


def _mac(ask: Ask) -> Machine:
    """The GPU's recommended working set: beyond it macOS begins to compress, swap and, in the end, to panic."""
    total = _number(ask, "hw.memsize")
    with suppress(OSError, ValueError, AttributeError):
        if told := int(json.loads(ask((sys.executable, "-P", "-c", ASK_MLX))).get(WORKING_SET) or 0):
            return Machine(told, "recommended working set of the GPU", gpu=True, whole=total)
    if wired := _number(ask, "iogpu.wired_limit_mb"):
        return Machine(wired << 20, "sysctl iogpu.wired_limit_mb", gpu=True, whole=total)
    if not total:
        return Machine(UNLIMITED, "unknown: this Mac does not tell", gpu=True)
    share = total * 3 // 4 if total >= LARGE_MAC else total * 2 // 3
    return Machine(share, f"what macOS lets the GPU have of {total / 2**30:.0f} GiB", gpu=True, whole=total)


def _linux(root: Path) -> Machine:
    found = [Machine(free, "available memory") for free in _meminfo(root, "MemAvailable:")]
    found += [Machine(left, "what its control group leaves") for _, left in _groups(root)]
    return min(found, key=lambda one: one.bytes, default=Machine(UNLIMITED, "unknown: the system does not tell"))


def whole(root: Path = Path("/")) -> int:
    """Bytes of memory that all programs here may have together, on Linux; 0 if the system does not tell."""
    return min((*_meminfo(root, "MemTotal:"), *(limit for limit, _ in _groups(root))), default=0)


def _meminfo(root: Path, name: str) -> Iterator[int]:
    with suppress(OSError, ValueError, IndexError):
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith(name):
                yield int(line.split()[1]) * 1024


def _groups(root: Path) -> Iterator[tuple[int, int]]:
    """The limit of every control group around this process and what it leaves, of both versions; those without a
    limit say nothing."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers == "":
            base, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            base = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        own = Path(path.lstrip("/"))
        # In a container the path may be the host's: then its own group is the root.
        for folder in {base, *(base / one for one in (own, *own.parents) if ".." not in one.parts)}:
            with suppress(OSError, ValueError):
                limit = (folder / names[0]).read_text().strip()
                if limit == "max" or int(limit) >= UNLIMITED:
                    continue
                used = int((folder / names[1]).read_text()) - _file_cache(folder, names[2])
                yield int(limit), max(0, int(limit) - used)


def _file_cache(folder: Path, name: str) -> int:
    """Bytes that count as used and are given back when they are needed."""
    with suppress(OSError, ValueError):
        for line in (folder / "memory.stat").read_text().splitlines():
            if line.startswith(f"{name} "):
                return int(line.split()[1])
    return 0


def _number(ask: Ask, key: str) -> int:
    with suppress(OSError, ValueError):
        return int(ask(("/usr/sbin/sysctl", "-n", key)).strip())
    return 0


def output_of(command: Sequence[str]) -> str:
    """What a program prints; raises ``OSError`` when it fails or hangs.

    It runs outside the workspace: an interpreter would take modules from there.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=QUICK_SECONDS, check=True, cwd="/")
    except subprocess.SubprocessError as error:
        raise OSError(f"{command[0]}: {error}") from error
    return done.stdout
