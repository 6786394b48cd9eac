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
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')


class ProtocolError(Exception):
    """The child sent something that is not a frame of the protocol."""


class Call(NamedTuple):
    """A tool call of the child."""

    number: int
    name: str
    args: list[Any]
    kwargs: dict[str, Any]


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
            value = json.loads(data.decode("utf-8", "strict"))
        except (UnicodeDecodeError, ValueError, RecursionError, MemoryError) as error:
            raise ProtocolError(f"not a frame: {type(error).__name__}") from None
        if not isinstance(value, dict):
            raise ProtocolError("a frame is an object")
        kind = value.get("op")
        if kind == "part":
            self._part(value)
            return None
        if kind == "call":
            return self._call(value)
        if kind == "cancel" and _number(value.get("id"), self._last):
            return Cancel(value["id"])
        if kind == "ready":
            nonce, layers = value.get("nonce"), value.get("layers")
            if not isinstance(nonce, str) or not isinstance(layers, list) or not _strings(layers):
                raise ProtocolError("a ready frame that is not one")
            return Ready(nonce, layers)
        if kind == "done":
            return _done(value)
        raise ProtocolError("a frame of unknown kind")

    def _part(self, value: dict[str, Any]) -> None:
        number, text = value.get("id"), value.get("text")
        if not isinstance(number, int) or isinstance(number, bool) or not isinstance(text, str) or number <= self._last:
            raise ProtocolError("a piece that is not one")
        self._size += len(text)
        if self._size > MAX_ARGUMENTS or len(self._pieces) > 64:
            raise ProtocolError("arguments beyond all limits")
        self._pieces.setdefault(number, []).append(text)

    def _call(self, value: dict[str, Any]) -> Call:
        number, name = value.get("id"), value.get("name")
        if not isinstance(number, int) or isinstance(number, bool) or number <= self._last or not isinstance(name, str):
            raise ProtocolError("a call that is not one")
        self._last = number
        text = "".join(self._pieces.pop(number, []))
        self._size -= len(text)
        if len(text) > MAX_STRUCTURE and len(_STRING.sub("", text)) > MAX_STRUCTURE:
            raise ProtocolError("arguments of too many parts")  # `[[],[],…` takes twenty times its length in memory
        try:
            arguments = json.loads(text)
        except (ValueError, RecursionError, MemoryError):
            raise ProtocolError("arguments that are no JSON") from None
        if not (
            isinstance(arguments, list)
            and len(arguments) == 2
            and isinstance(arguments[0], list)
            and isinstance(arguments[1], dict)
        ):
            raise ProtocolError("arguments of the wrong shape")
        return Call(number, name[:200], arguments[0], arguments[1])


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
    status, code, exception = value.get("status"), value.get("exit_code"), value.get("exception")
    if status not in ("ok", "error", "memory") or not (code is None or _number(code, 255)):
        raise ProtocolError("a done frame that is not one")
    if exception is not None:
        line = exception.get("line") if isinstance(exception, dict) else ""
        texts = [exception.get(key) for key in ("type", "message", "traceback")] if isinstance(exception, dict) else [0]
        if not _strings(texts) or not (line is None or _number(line, 1 << 31)):
            raise ProtocolError("an exception that is not one")
        exception = {"line": line, **{key: exception[key][:MAX_TEXT] for key in ("type", "message", "traceback")}}
    return Done(status, code, exception)


def _number(value: Any, most: int) -> bool:  # noqa: ANN401 - untrusted JSON
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _strings(value: Any) -> bool:  # noqa: ANN401 - untrusted JSON
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
