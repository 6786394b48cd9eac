"""macOS: a small process that ends the children of a host that was killed. Linux's kernel does that itself.

It reads the numbers of process groups from a pipe whose other end only the host holds. When that closes,
the host is gone, and every group that was named and not taken back is killed.
"""

from __future__ import annotations

import os

_SCRIPT = """\
trap '' HUP INT TERM QUIT
groups=
while read -r sign group; do
  kept=
  for other in $groups; do [ "$other" = "$group" ] || kept="$kept $other"; done
  groups=$kept
  [ "$sign" = + ] && groups="$groups $group"
done
for group in $groups; do kill -s KILL -- "-$group"; done
"""
_pipe = -1
"""Our end; below 0 while no guard runs. It is closed in every child, and by the kernel when this process ends."""


def watch(group: int) -> None:
    """From now on the process group ends with this process."""
    _tell(f"+ {group}\n")


def forget(group: int) -> None:
    """The group is gone; its number may become another's."""
    if _pipe >= 0:
        _tell(f"- {group}\n")


def _tell(line: str) -> None:
    global _pipe
    if _pipe < 0:
        _pipe = _start()
    try:
        os.write(_pipe, line.encode())
    except BrokenPipeError:  # somebody ended it: another one knows at least what comes from now on
        os.close(_pipe)
        _pipe = _start()
        os.write(_pipe, line.encode())


def _start() -> int:
    reading, writing = os.pipe()
    null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    try:
        os.posix_spawn(
            "/bin/sh",
            ["sh", "-c", _SCRIPT],
            {},
            file_actions=[(os.POSIX_SPAWN_DUP2, reading, 0), *null],
            setpgroup=0,
        )
    finally:
        os.close(reading)
    return writing
