"""Who is at the other end of a Unix socket, as the kernel says it."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
from typing import NamedTuple

_SOL_LOCAL, _LOCAL_PEERCRED, _LOCAL_PEERPID = 0, 0x001, 0x002
"""macOS, <sys/un.h>."""
_XUCRED_BYTES = 76


class Peer(NamedTuple):
    uid: int
    pid: int
    """0 when it cannot be seen from here (another container)."""


def peer(connection: socket.socket) -> Peer:
    """The process at the other end; of a server, the one that listens.

    Raises:
        OSError: it is gone.
    """
    if sys.platform == "darwin":
        uid = mac_uid(connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES))
        try:
            return Peer(uid, connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERPID))
        except OSError:
            return Peer(uid, 0)
    pid, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return Peer(uid, pid)


def process_of(server: Peer, said: int) -> int:
    """The process of a server that says that it is ``said``; 0 when it cannot be seen from here.

    Its own word is the number of another process here when it is in a container. macOS has none of those, and does
    not always know better.
    """
    return server.pid or (said if sys.platform == "darwin" else 0)


def kill(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone; to none that is not known (0 would be our own group)."""
    if pid > 1:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def mac_uid(credentials: bytes) -> int:
    """The user in a ``struct xucred``: version, user, number of groups, groups."""
    uid: int = struct.unpack_from("@II", credentials)[1]
    return uid
