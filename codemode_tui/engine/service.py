"""The life of a worker: who is connected, what waits, and when it ends.

A private worker serves the client that started it, at the other end of its standard input, and goes
with it. A shared one also listens on a socket, and stays for a while after its last client. It ends by
itself in every case: when the time is over, when nothing was loaded, when its socket is no longer its
own, when memory gets short while nobody needs it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import sys
import threading
import time
from pathlib import Path

from codemode_tui.engine.api import Finished, Progress, Usage
from codemode_tui.engine.fair_queue import FairQueue
from codemode_tui.engine.framing import FrameReader, FramingError
from codemode_tui.engine.lease import Lease
from codemode_tui.engine.lock import START_LOCK, try_lock
from codemode_tui.engine.machine_memory import machine, whole
from codemode_tui.engine.messages import (
    PROTOCOL,
    Cancel,
    Done,
    Failed,
    Forget,
    Generate,
    Hello,
    Inquire,
    Load,
    Message,
    Reply,
    State,
    Welcome,
)
from codemode_tui.engine.peer import peer

TICK_SECONDS = 1.0
BACKLOG = 64
LEAVE_SECONDS = 1.5
"""How long the main thread may take to save what it has: less than a client waits (``link.GRACE_SECONDS``)."""
SHORT_OF_MEMORY = 0.06
"""Share of the machine's memory; with less available, an engine that nobody uses goes."""

Request = Load | Generate | Forget


class Service:
    """Clients of one worker and their requests. Its own threads call everything but ``queue.get``."""

    def __init__(self) -> None:
        self.queue: FairQueue[Lease, Request] = FairQueue()
        self.unload_seconds = 0.0
        self.guarded = False
        self.model = ""
        """What is shown of the model; set with ``loaded`` by whoever loads it."""
        self.loaded = False
        self.memory_bytes = 0
        """For the model that is loaded, or just being loaded: others must not count on them. A GPU's are not in what
        the system says of the process."""
        self.leaving = threading.Event()
        """The process is about to end: the main thread saves what is worth it and exits."""
        self.busy: Lease | None = None
        """Whose request is at work."""
        self._leases: set[Lease] = set()
        self._lock = threading.RLock()
        self._count = 0
        self._linger = 0.0
        self._since = time.monotonic()
        """When the last client went."""
        self._rested = self._since
        self._path: Path | None = None
        self._socket_id = (0, 0)

    @property
    def clients(self) -> int:
        return len(self._leases)

    @property
    def idle_seconds(self) -> float:
        """Since the last request ended."""
        return 0.0 if self.busy else time.monotonic() - self._rested

    def serve(self, connection: socket.socket, *, holds: bool = False) -> None:
        """Serve one client. ``holds``: it has its lease from the beginning, not from its ``Hello`` on."""
        with self._lock:
            self._count += 1
            lease = Lease(self._count, connection)
            if holds:
                self._leases.add(lease)
        threading.Thread(target=self._listen, args=(lease,), daemon=True).start()

    def open_to_others(self, path: Path) -> None:
        """Listen on a socket at ``path``, for processes of the same user. The caller holds the start lock.

        Raises:
            OSError: there can be no socket.
        """
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        os.chmod(path, 0o600)
        listener.listen(BACKLOG)
        self._path, self._socket_id = path, _file_id(path)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        threading.Thread(target=self._look_after, args=(listener,), daemon=True).start()

    def rest(self) -> None:
        """The request at work is over."""
        self.busy, self._rested = None, time.monotonic()

    def leave(self) -> None:
        """End the process, as soon as the main thread has saved what is worth it. A start lock stays held until then:
        whoever looks for an engine meanwhile starts one after this is gone."""
        if not self.loaded:
            # Not sys.exit: other threads and mlx's own would be torn down in the wrong order (SIGABRT).
            os._exit(0)
        if self.leaving.is_set():
            return
        self.leaving.set()
        self.queue.wake()
        last = threading.Timer(LEAVE_SECONDS, os._exit, (0,))  # it may be stuck
        last.daemon = True
        last.start()

    # -- clients -------------------------------------------------------------------------------------

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
                own = peer(connection).uid == os.getuid()
            except OSError:
                if listener.fileno() < 0:
                    return
                time.sleep(0.1)  # no descriptors left, or a client that went at once
                continue
            if own:
                self.serve(connection)
            else:
                connection.close()

    def _listen(self, lease: Lease) -> None:
        frames = FrameReader()
        try:
            while not lease.closed.is_set() and (data := lease.read()):
                for message in frames.feed(data):
                    self._take(lease, message)
        except FramingError as error:
            lease.send(Failed(0, "engine", f"the client sent no frames: {error}"))
        finally:
            lease.free()
            self._release(lease)

    def _take(self, lease: Lease, message: Message) -> None:
        if isinstance(message, Hello):
            with self._lock:
                if self.leaving.is_set():
                    lease.close()
                    return
                self._leases.add(lease)
                self._linger, self.unload_seconds = message.linger_seconds, message.unload_seconds
                self.guarded = message.guarded
                if not self.model:
                    self.memory_bytes = message.memory_bytes
            lease.send(Welcome(PROTOCOL, lease.number, os.getpid()))
        elif isinstance(message, Inquire):
            lease.send(self._state())
        elif isinstance(message, Cancel):
            self._cancel(lease, message.id)
        elif isinstance(message, Load | Generate | Forget):
            if isinstance(message, Generate):
                if not message.request.keep:
                    lease.passing.add(message.request.conversation)
                if self.busy not in (None, lease):
                    lease.send(Reply(message.id, Progress("queue", 0, 0)))
            self.queue.put(lease, message)

    def _cancel(self, lease: Lease, number: int) -> None:
        lease.cancelled.add(number)
        for client, request in self.queue.waiting():
            if client is lease and isinstance(request, Generate) and request.id == number:
                if self.queue.remove(lease, request):  # else it has just begun, and sees that it is cancelled
                    lease.cancelled.discard(number)
                    lease.send(Reply(number, Finished("cancel", "", (), Usage())))
                    lease.send(Done(number))
                return

    def _release(self, lease: Lease) -> None:
        """A client is gone, in good order or not."""
        self.queue.drop(lease)
        for conversation in lease.passing:
            self.queue.put(lease, Forget(conversation))
        with self._lock:
            if lease not in self._leases:
                return
            self._leases.discard(lease)
            self._since = time.monotonic()
            self._end_if_due()

    def _state(self) -> State:
        resident = _resident_bytes()
        with self._lock:
            leaves = None if self._leases else max(0.0, self._since + self._linger - time.monotonic())
            return State(
                pid=os.getpid(),
                model=self.model,
                loaded=self.loaded,
                clients=self.clients,
                waiting=len(self.queue.waiting()),
                busy=self.busy is not None,
                idle_seconds=self.idle_seconds,
                leaves_in=leaves,
                memory_bytes=max(resident, self.memory_bytes),
                coming_bytes=max(0, self.memory_bytes - resident),
            )

    # -- the end -------------------------------------------------------------------------------------

    def _look_after(self, listener: socket.socket) -> None:
        while True:
            time.sleep(TICK_SECONDS)
            with self._lock:
                if self._path is not None and _file_id(self._path) != self._socket_id:
                    # Removed, or another engine's: nobody finds this one any more.
                    self._path, self._linger = None, 0.0
                    listener.close()
                self._end_if_due()

    def _end_if_due(self) -> None:
        """Called with the lock, so that nobody becomes a client meanwhile."""
        if self._leases or self.leaving.is_set():
            return
        waited = time.monotonic() - self._since
        if self._path is None or not self.loaded or waited >= self._linger or _short_of_memory():
            self._end()

    def _end(self) -> None:
        if self._path is not None:
            with contextlib.suppress(OSError):
                if try_lock(self._path.parent / START_LOCK) is None:
                    return  # somebody joins just now, or starts an engine: look again at the next tick
                if _file_id(self._path) == self._socket_id:
                    self._path.unlink()
        self.leave()


def _file_id(path: Path) -> tuple[int, int]:
    try:
        found = path.lstat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _short_of_memory() -> bool:
    """Whether little memory is left, here or in the control group (Linux; elsewhere the system does not say)."""
    if sys.platform != "linux":
        return False
    return machine().bytes < whole() * SHORT_OF_MEMORY


def _resident_bytes() -> int:
    """Of this process, on Linux. A Mac tells without effort only the most that there ever was, what has been given back
    since included: 0."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0
