"""Server-sent events from bytes as they arrive, wherever they are cut (WHATWG HTML, 9.2)."""

from __future__ import annotations

import re

import msgspec

from codemode_tui.errors import EngineError

MAX_LINE = 1 << 22
"""Bytes of a line, and of one event's data: a whole message in one event fits many times over."""
_BREAK = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class ServerEvent(msgspec.Struct, frozen=True):
    """One event, or a comment, which servers send to keep a connection alive."""

    data: str = ""
    comment: str = ""


class EventStream:
    """Feed bytes as they come; ``finish`` gives what a stream without a last blank line still holds."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[str] = []
        self._size = 0
        self._first = True

    def feed(self, data: bytes) -> list[ServerEvent]:
        """Raises ``EngineError`` when a line or an event is longer than anybody needs."""
        open_line = not self._first and not self._rest.endswith(b"\r")
        self._rest += data
        if len(self._rest) > MAX_LINE + len(data):
            raise _too_long()
        if open_line and not _BREAK.search(data):
            return []  # a long line in many pieces is not searched again and again
        if self._first:
            if len(self._rest) < len(_BOM) and _BOM.startswith(self._rest):
                return []  # the mark may be in pieces itself
            self._rest = self._rest.removeprefix(_BOM)
            self._first = False
        found: list[ServerEvent] = []
        whole, at = bytes(self._rest), 0
        for match in _BREAK.finditer(whole):
            if match.end() == len(whole) and match[0] == b"\r":
                break  # its newline may come with the next bytes
            found += self._line(whole[at : match.start()])
            at = match.end()
        self._rest = bytearray(whole[at:])
        return found

    def finish(self) -> list[ServerEvent]:
        rest, self._rest = bytes(self._rest.removesuffix(b"\r")), bytearray()
        return [*(self._line(rest) if rest else []), *self._event()]

    def _line(self, line: bytes) -> list[ServerEvent]:
        if not line:
            return self._event()
        text = line.decode("utf-8", "replace")
        if text.startswith(":"):
            return [ServerEvent(comment=text[1:].strip())]
        field, _, value = text.partition(":")
        if field == "data":
            self._data.append(value.removeprefix(" "))
            self._size += len(line)
            if self._size > MAX_LINE:
                raise _too_long()
        return []

    def _event(self) -> list[ServerEvent]:
        data, self._data, self._size = self._data, [], 0
        return [ServerEvent("\n".join(data))] if data else []


def _too_long() -> EngineError:
    return EngineError(
        f"the server sent a line of more than {MAX_LINE:,} bytes", hint="check that it is an OpenAI-compatible server"
    )
