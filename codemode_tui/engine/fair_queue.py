"""Requests of several clients that wait for one engine: the clients take turns, each in its own order."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import Generic, TypeVar

Client = TypeVar("Client")
Request = TypeVar("Request")


class FairQueue(Generic[Client, Request]):
    """A client that asks much waits for itself, not others for it. Any thread may call any method."""

    def __init__(self) -> None:
        self._lines: OrderedDict[Client, deque[Request]] = OrderedDict()
        self._changed = threading.Condition()
        self._woken = False

    def put(self, client: Client, request: Request) -> None:
        with self._changed:
            self._lines.setdefault(client, deque()).append(request)
            self._changed.notify()

    def get(self, timeout: float | None = None) -> tuple[Client, Request] | None:
        """The next request, and whose it is; None when there was none for ``timeout`` seconds, and after ``wake``."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._lines or self._woken, timeout) or self._woken:
                return None
            client, line = self._lines.popitem(last=False)
            request = line.popleft()
            if line:
                self._lines[client] = line  # behind the others
            return client, request

    def wake(self) -> None:
        """Let ``get`` return, now and from now on."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def waiting(self) -> list[tuple[Client, Request]]:
        """What waits, in no order that matters."""
        with self._changed:
            return [(client, request) for client, line in self._lines.items() for request in line]

    def remove(self, client: Client, request: Request) -> bool:
        """Take back what still waits. False when it does not."""
        with self._changed:
            line = self._lines.get(client)
            if line is None or request not in line:
                return False
            line.remove(request)
            if not line:
                del self._lines[client]
            return True

    def drop(self, client: Client) -> None:
        """Take back all that a client has asked."""
        with self._changed:
            self._lines.pop(client, None)
