"""Length-framed messages over any stream of bytes: a u32 (little endian) and that many bytes of JSON.

The same framing serves the pair of pipes of a private worker and the socket of a shared one.
"""

from __future__ import annotations

import struct

import msgspec

from codemode_tui.engine.messages import Message

MAX_FRAME = 64 * 1024 * 1024
"""Bytes. A prompt of a full context is far below; more means that the stream is not ours."""
_LENGTH = struct.Struct("<I")
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


class FramingError(Exception):
    """The bytes are not frames of ours. The connection cannot be used any more."""


def pack(message: Message) -> bytes:
    """One message as a frame.

    Raises:
        FramingError: it is too long, or holds text that no UTF-8 can say (a lone surrogate).
    """
    try:
        body = _encoder.encode(message)
    except UnicodeEncodeError as error:
        raise FramingError(f"a message holds text that is not Unicode: {error.reason}") from error
    if len(body) > MAX_FRAME:
        raise FramingError(f"a message of {len(body)} bytes is too long")
    return _LENGTH.pack(len(body)) + body


class FrameReader:
    """Collects bytes and gives back whole messages, however the bytes were split."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Take bytes; returns the messages that are complete now.

        Raises:
            FramingError: a length beyond ``MAX_FRAME`` (before anything is allocated), or a body
                that is no message.
        """
        self._buffer += data
        messages: list[Message] = []
        start = 0
        while len(self._buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, start)
            if length > MAX_FRAME:
                raise FramingError(f"a frame claims {length} bytes")
            end = start + _LENGTH.size + length
            if len(self._buffer) < end:
                break
            try:
                messages.append(_decoder.decode(bytes(self._buffer[start + _LENGTH.size : end])))
            except msgspec.MsgspecError as error:
                raise FramingError(f"not a message: {error}") from error
            start = end
        if start:
            del self._buffer[:start]
        return messages
