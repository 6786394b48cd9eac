"""What a server may send beside the length of a message: few parts, and few things that nobody asked it for."""

from __future__ import annotations

import re
from typing import Any

from codemode_tui.sandbox.rpc import MAX_STRUCTURE, characters

_TEXT = re.compile(rb'"[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*+"?')
"""Of JSON; one without an end goes to the end of its line, where JSON ends as well."""
_UNASKED = 64 * 1024
"""Characters of what a request or a notification holds."""
_UNANSWERED = 32


class TooManyParts(Exception):
    """`{},{},…` takes a hundred times its length in memory, and everything stands still while it is read."""

    def __init__(self) -> None:
        super().__init__(f"it sent more than {MAX_STRUCTURE >> 20} MB of JSON that is no text")


def structure(lines: bytes, most: int = MAX_STRUCTURE) -> int:
    """Bytes outside the texts of JSON in whole lines.

    Raises:
        TooManyParts: more than ``most``.
    """
    outside = len(_TEXT.sub(b"", lines, count=most + 1))
    if outside > most:
        raise TooManyParts
    return outside


class Unasked:
    """The requests and notifications of a server. Too long ones are dropped, and requests while others wait.

    The package keeps a task for each request until its answer is sent, which a server that does not listen prevents.
    """

    def __init__(self) -> None:
        self._unanswered: set[str] = set()

    def admits(self, message: Any) -> bool:  # noqa: ANN401 - a JSON-RPC message
        """Whether to hand on a message of the server; answers are, always."""
        if not hasattr(message, "method"):
            return True
        if characters(message.params, _UNASKED) > _UNASKED:
            return False
        if not hasattr(message, "id"):
            return True
        if str(message.id) in self._unanswered or len(self._unanswered) >= _UNANSWERED:
            return False
        self._unanswered.add(str(message.id))
        return True

    def sent(self, message: Any) -> None:  # noqa: ANN401 - a JSON-RPC message
        """A message to the server has gone out."""
        if not hasattr(message, "method"):
            self._unanswered.discard(str(message.id))
