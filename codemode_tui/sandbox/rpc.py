"""The host's end of the RPC. The child is wholly untrusted: a forged frame is just a tool call.

Frames are a u32 length (little endian) and UTF-8 JSON. Lengths are checked before anything is
allocated, text is decoded strictly, and the schema is closed: whatever does not fit ends the run.
"""

from __future__ import annotations

import asyncio
import json
import re
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

LENGTH = struct.Struct("<I")
MAX_FRAME = 4 * 1024 * 1024
PIECE = 200_000
"""Characters of a result in one frame towards the child."""
FRAME_SECONDS = 20.0
"""How long the rest of a frame may take once it has begun."""
MAX_ARGUMENTS = 80 * 1024 * 1024
"""Characters of JSON of one call's arguments. The child refuses to send more (``MOST`` there)."""
MAX_TEXT = 80_000
"""Characters of each text of an exception."""
MAX_STRUCTURE = 1024 * 1024
"""Of these, the characters outside of strings."""
_FRAME_STRUCTURE = 4096
"""The same of a frame itself, which is a few texts and numbers."""
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""One without an end goes to the end of all: looking for it anew from each escaped quote would take the square of its
length. Possessive, since what is kept to go back to takes fifty bytes for each escape."""
_FIELDS = {
    "part": {"op", "id", "text"},
    "call": {"op", "id", "name"},
    "cancel": {"op", "id"},
    "ready": {"op", "nonce", "layers"},
    "done": {"op", "status", "exit_code", "exception"},
}


class ProtocolError(Exception):
    """The child sent something that is not a frame of the protocol."""


class Call(NamedTuple):
    """A tool call of the child. ``Inbound.arguments`` has what it is called with."""

    number: int
    name: str
    size: int
    """Bytes that its arguments take at most, as text."""


class Cancel(NamedTuple):
    """The code waits no more for a call that it made."""

    number: int


class Ready(NamedTuple):
    nonce: str
    layers: list[str]


class Done(NamedTuple):
    status: str
    exit_code: int | None
    exception: dict[str, Any] | None


class Inbound:
    """Bytes of the child to ``Ready``, ``Call``, ``Cancel`` and ``Done``."""

    def __init__(self) -> None:
        self._pieces: dict[int, list[str]] = {}
        self._size = 0
        self._last = 0

    def frame(self, data: bytes) -> Ready | Call | Cancel | Done | None:
        """One frame's body; None for a piece of a call that goes on.

        Raises:
            ProtocolError: anything that the child's side would not send by itself.
        """
        try:
            value = _parsed(data.decode("utf-8", "strict"), _FRAME_STRUCTURE)
        except UnicodeDecodeError:
            raise ProtocolError("a frame that is no UTF-8") from None
        kind = value.get("op") if isinstance(value, dict) else None
        if not isinstance(kind, str) or value.keys() != _FIELDS.get(kind):
            raise ProtocolError("a frame of unknown kind")
        if kind == "part":
            self._part(value["id"], value["text"])
            return None
        if kind == "call":
            return self._call(value["id"], value["name"])
        if kind == "cancel" and _number(value["id"], self._last):
            return Cancel(value["id"])
        if kind == "ready" and isinstance(value["nonce"], str) and _strings(value["layers"]):
            return Ready(value["nonce"], value["layers"])
        if kind == "done":
            return _done(value)
        raise ProtocolError(f"a {kind} frame that is not one")

    def arguments(self, number: int) -> tuple[list[Any], dict[str, Any]]:
        """What a call was made with, by position and by name. Only once: it is kept no longer.

        Raises:
            ProtocolError: it is nothing that the child's side would send by itself.
        """
        text = "".join(self._pieces.pop(number, []))
        self._size -= len(text)
        value = _parsed(text, MAX_STRUCTURE)
        if not (
            isinstance(value, list) and len(value) == 2 and isinstance(value[0], list) and isinstance(value[1], dict)
        ):
            raise ProtocolError("arguments of the wrong shape")
        return value[0], value[1]

    def _part(self, number: Any, text: Any) -> None:  # noqa: ANN401 - untrusted JSON
        if not self._new(number) or not isinstance(text, str):
            raise ProtocolError("a piece that is not one")
        self._size += len(text)
        if self._size > MAX_ARGUMENTS or len(self._pieces) > 64:
            raise ProtocolError("arguments beyond all limits")
        self._pieces.setdefault(number, []).append(text)

    def _call(self, number: Any, name: Any) -> Call:  # noqa: ANN401 - untrusted JSON
        if not self._new(number) or not isinstance(name, str):
            raise ProtocolError("a call that is not one")
        self._last = number
        pieces = self._pieces.get(number, [])
        # One emoji makes each character of a text take four bytes.
        return Call(number, name[:200], sum(map(len, pieces)) * (1 if all(map(str.isascii, pieces)) else 4))

    def _new(self, number: Any) -> bool:  # noqa: ANN401 - untrusted JSON
        return isinstance(number, int) and not isinstance(number, bool) and number > self._last


def _parsed(text: str, structure: int) -> Any:  # noqa: ANN401 - a JSON value
    """Untrusted JSON with at most ``structure`` characters outside of strings: `[[],[],…` takes twenty times its length
    in memory. Looking for them ends with them, as each string replaced leaves one between it and the next."""
    if len(text) > structure and len(_STRING.sub("", text, count=structure)) > structure:
        raise ProtocolError("JSON of too many parts")
    try:
        return json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise ProtocolError(f"no JSON: {type(error).__name__}") from None


async def read_frame(reader: asyncio.StreamReader) -> bytes | None:
    """The body of the next frame; None at the end of the stream.

    Raises:
        ProtocolError: too long, torn, or not finished in time.
    """
    try:
        head = await reader.readexactly(LENGTH.size)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise ProtocolError("a torn frame") from None
        return None
    except (ConnectionError, OSError):
        return None
    (length,) = LENGTH.unpack(head)
    if length > MAX_FRAME:
        raise ProtocolError(f"a frame of {length} bytes")
    try:
        return await asyncio.wait_for(reader.readexactly(length), FRAME_SECONDS)
    except (asyncio.IncompleteReadError, TimeoutError, ConnectionError, OSError):
        raise ProtocolError("a frame that never ended") from None


def pack(value: dict[str, Any]) -> bytes:
    """One frame towards the child. Its JSON may hold lone surrogates, which ``json.loads`` takes from bytes."""
    data = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return LENGTH.pack(len(data)) + data


def result_frames(number: int, value: Any, limit: int) -> Iterator[bytes]:  # noqa: ANN401 - a JSON value
    """A whole tool result in as many frames as it needs, or an error frame if it is beyond ``limit``.

    The frames hold pieces of its JSON; of a text, the most common and the largest, pieces of itself, which neither
    side needs a second copy for.
    """
    try:
        # Counted before it is copied: a result of a gigabyte must not become three of them.
        fits = characters(value, limit) <= limit
        text = None if not fits else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        yield error_frame(number, RuntimeError(f"the tool returned no JSON value: {error}"))
        return
    if text is None:
        yield error_frame(
            number,
            ValueError(
                f"the result has more than the {limit:,} characters that one call may return; "
                "read it in pieces with read_file(path, start, lines)"
            ),
        )
        return
    for at in range(0, len(text), PIECE):
        yield pack({"op": "part", "id": number, "text": text[at : at + PIECE]})
    yield pack({"op": "text" if isinstance(value, str) else "result", "id": number})


def characters(value: Any, enough: int) -> int:  # noqa: ANN401 - a JSON value
    """Characters of all texts in ``value``, other values as a few; counts no further than ``enough`` and one."""
    total, todo = 0, [value]
    while todo and total <= enough:
        one = todo.pop()
        if isinstance(one, str):
            total += len(one)
        elif isinstance(one, dict):
            todo += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            todo += one
        total += 4
    return total


def error_frame(number: int, error: BaseException) -> bytes:
    """A tool's failure: type, message and an ``OSError``'s number; no traceback and no path of the host."""
    message = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    if isinstance(error, UnicodeDecodeError):
        message = error.reason
    told = {"op": "error", "id": number, "type": type(error).__name__, "message": message[:20_000]}
    if isinstance(error, OSError) and error.errno:
        told["errno"] = error.errno
    return pack(told)


def _done(value: dict[str, Any]) -> Done:
    status, code, exception = value["status"], value["exit_code"], value["exception"]
    if status not in ("ok", "error", "memory") or not (code is None or _number(code, 255)):
        raise ProtocolError("a done frame that is not one")
    if exception is not None:
        texts = ("type", "message", "traceback")
        if not (
            isinstance(exception, dict)
            and exception.keys() == {"line", *texts}
            and _strings([exception[key] for key in texts])
            and (exception["line"] is None or _number(exception["line"], 1 << 31))
        ):
            raise ProtocolError("an exception that is not one")
        exception = {"line": exception["line"], **{key: exception[key][:MAX_TEXT] for key in texts}}
    return Done(status, code, exception)


def _number(value: Any, most: int) -> bool:  # noqa: ANN401 - untrusted JSON
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _strings(value: Any) -> bool:  # noqa: ANN401 - untrusted JSON
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
