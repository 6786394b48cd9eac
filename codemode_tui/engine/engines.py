"""The shared engines that this user has: what each is doing, and how it is ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from pathlib import Path
from typing import NamedTuple

from codemode_tui.engine.framing import FrameReader, FramingError, pack
from codemode_tui.engine.lock import START_LOCK, runtime_folder, try_lock
from codemode_tui.engine.messages import Inquire, State
from codemode_tui.engine.peer import kill, peer, process_of

SUFFIX = ".sock"
ANSWER_SECONDS = 3.0
END_SECONDS = 3.0


class Running(NamedTuple):
    """A shared engine that lives."""

    pid: int
    path: Path
    """Of its socket."""
    state: State | None
    """None when it does not answer."""


def running() -> list[Running]:
    """All of this user's. What is left of one that died is removed."""
    try:
        paths = sorted(runtime_folder().glob(f"*{SUFFIX}"))
    except OSError:
        return []
    return [found for path in paths if (found := _look(path)) is not None]


def end(engine: Running) -> bool:
    """End it, whoever uses it. False when it is still there, or its process cannot be seen from here."""
    if not engine.pid:
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        kill(engine.pid, number)
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            if not _connects(engine.path):
                _remove_dead(engine.path)
                return True
            time.sleep(0.02)
    return False


def end_unused() -> int:
    """End those without a client: they hold their memory for nobody. Returns how many."""
    unused = [engine for engine in running() if engine.state is not None and engine.state.clients == 0]
    return sum(map(end, unused))


def _look(path: Path) -> Running | None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_SECONDS)
        pid = 0
        try:
            connection.connect(str(path))
            server = peer(connection)
            if server.uid != os.getuid():
                return None
            pid = server.pid
            connection.sendall(pack(Inquire()))
            frames = FrameReader()
            while data := connection.recv(1 << 16):
                for message in frames.feed(data):
                    state = message if isinstance(message, State) else None
                    return Running(process_of(server, state.pid if state else 0), path, state)
        except TimeoutError:
            return Running(pid, path, None) if pid else None
        except FramingError:
            return Running(pid, path, None)
        except ConnectionRefusedError:
            _remove_dead(path)
        except OSError:
            pass
        return None


def _connects(path: Path) -> bool:
    """Whether a process listens there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.setblocking(False)
        try:
            connection.connect(str(path))
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True


def _remove_dead(path: Path) -> None:
    """Remove a socket that nobody listens at, unless an engine is just being started."""
    with contextlib.suppress(OSError):
        lock = try_lock(path.parent / START_LOCK)
        if lock is not None:
            try:
                if not _connects(path):
                    path.unlink()
            finally:
                os.close(lock)
