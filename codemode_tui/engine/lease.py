"""One client, as the worker sees it: frames in, frames out, and which of its requests it has cancelled."""

from __future__ import annotations

import contextlib
import select
import socket
import threading

from codemode_tui.engine.framing import pack
from codemode_tui.engine.messages import Message

CHUNK = 1 << 16
MOST_UNREAD = 64 << 20
"""Bytes that a client may leave unread. A stopped one (ctrl+z) is waited for that long, without holding up others."""


class Lease:
    """A connection. The client holds the engine by it, from its ``Hello`` until it closes or dies."""

    def __init__(self, number: int, connection: socket.socket) -> None:
        self.number = number
        self.cancelled: set[int] = set()
        self.passing: set[str] = set()
        """Conversations that end with it: nothing of them is stored, so nobody comes back to them."""
        self.closed = threading.Event()
        self._socket = connection
        self._lock = threading.Lock()
        self._unsent = bytearray()
        self._draining = False

    def send(self, message: Message) -> None:
        """Send one message whole, now or as soon as the client reads: it never waits."""
        with self._lock:
            if self.closed.is_set():
                return
            self._unsent += pack(message)
            if not self._draining:
                self._push()
            if len(self._unsent) > MOST_UNREAD:
                self.close()
            elif self._unsent and not self._draining:
                self._draining = True
                threading.Thread(target=self._drain, daemon=True).start()

    def read(self) -> bytes:
        """What the client has sent; empty when it is gone."""
        try:
            return self._socket.recv(CHUNK)
        except OSError:
            return b""

    def close(self) -> None:
        """Let go of the client: its requests end, and so does ``read``."""
        self.closed.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def free(self) -> None:
        """Give the connection back to the system, once nobody reads from it any more."""
        with self._lock:
            self.closed.set()
            self._unsent.clear()
            self._socket.close()

    def _push(self) -> None:
        """Send what the socket takes at once."""
        try:
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent[:CHUNK], socket.MSG_DONTWAIT)]
        except BlockingIOError:
            pass
        except OSError:
            self.closed.set()
            self._unsent.clear()

    def _drain(self) -> None:
        """Send the rest as the client reads it."""
        ready = select.poll()
        with self._lock:
            if self.closed.is_set():
                return
            ready.register(self._socket, select.POLLOUT)
        while True:
            ready.poll(1000)
            with self._lock:
                if not self.closed.is_set():
                    self._push()
                if not self._unsent or self.closed.is_set():
                    self._draining = False
                    return
