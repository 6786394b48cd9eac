"""The end of all that a bubblewrap has started, which its own end comes before."""

from __future__ import annotations

import contextlib
import json
import os
import select
from typing import Self

_MILLISECONDS = 5000


class Namespace:
    """The process namespace of one bubblewrap: after ``wait`` nothing in it runs, whatever it left in the background.

    bubblewrap returns when its command does; the kernel ends the rest a moment later. In that moment a
    process that was left behind could still write.
    """

    fds: tuple[int, ...]
    arguments: tuple[str, ...]
    """For bubblewrap: where it tells the number of the namespace's first process."""

    def __enter__(self) -> Self:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        self.fds = (self._write,)
        self.arguments = ("--info-fd", str(self._write))
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._read)
        os.close(self._write)

    def wait(self) -> None:
        """Until the namespace is empty; called when bubblewrap itself has ended."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            first = os.pidfd_open(json.loads(os.read(self._read, 4096))["child-pid"])
            poll = select.poll()
            poll.register(first, select.POLLIN)
            poll.poll(_MILLISECONDS)
            os.close(first)


class NoNamespace(Namespace):
    """Where no bubblewrap is."""

    def __enter__(self) -> Self:
        self.fds, self.arguments = (), ()
        return self

    def __exit__(self, *_: object) -> None: ...

    def wait(self) -> None: ...
