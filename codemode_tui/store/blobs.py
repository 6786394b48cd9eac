"""Large texts by their hash: stored once, compressed where that pays."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from codemode_tui.errors import StoreError
from codemode_tui.protocol.types import Message

_COMPRESS_FROM = 512
T = TypeVar("T")


def keep(db: sqlite3.Connection, data: bytes | str) -> str:
    """Store ``data`` and return its sha256."""
    # Lone surrogates cannot come from a tokenizer, but may from a command line; nothing is dropped.
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    digest = hashlib.sha256(raw).hexdigest()
    if not db.execute("SELECT 1 FROM blob WHERE sha256 = ?", (digest,)).fetchone():
        db.execute("INSERT INTO blob VALUES (?, ?, ?)", (digest, *_squeezed(raw)))
    return digest


def packed(raw: bytes) -> tuple[str, str, bytes]:
    """The row that ``keep`` makes of ``raw``: its sha256, the codec, the bytes."""
    return hashlib.sha256(raw).hexdigest(), *_squeezed(raw)


def _squeezed(raw: bytes) -> tuple[str, bytes]:
    small = zlib.compress(raw, 3) if len(raw) >= _COMPRESS_FROM else raw
    return ("zlib", small) if len(small) < len(raw) else ("raw", raw)


def plain(text: str) -> str:
    """``text`` for a TEXT column: lone surrogates (a file name that is no UTF-8) become ``\\udcff``."""
    return text.encode("utf-8", "backslashreplace").decode()


def keep_if(db: sqlite3.Connection, data: str | None) -> str | None:
    return None if data is None else keep(db, data)


def data_of(db: sqlite3.Connection, digest: str) -> bytes:
    row = db.execute("SELECT codec, bytes FROM blob WHERE sha256 = ?", (digest,)).fetchone()
    if row is None:
        raise StoreError(f"the store lacks the text {digest[:12]}…", hint="it was purged, or the file is damaged")
    codec, body = row
    damaged = StoreError(
        f"the store's text {digest[:12]}… is damaged", hint="put a backup in its place, as `codemode help turn` says"
    )
    try:
        data = zlib.decompress(body) if codec == "zlib" else bytes(body)
    except zlib.error as error:
        raise damaged from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise damaged
    return data


def text_of(db: sqlite3.Connection, digest: str) -> str:
    return data_of(db, digest).decode("utf-8", "surrogatepass")


def text_if(db: sqlite3.Connection, digest: str | None) -> str | None:
    return None if digest is None else text_of(db, digest)


def encoded(value: Any) -> bytes:  # noqa: ANN401 - any JSON value or Struct
    """``value`` as JSON, whatever code has put into it: an error's message may hold lone surrogates."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # no UTF-8 says them, but ASCII with escapes does
        return json.dumps(msgspec.to_builtins(value, enc_hook=str), separators=(",", ":")).encode()


def decoded(data: bytes, kind: type[T]) -> T:
    """What ``encoded`` has made."""
    if b"\\ud" in data:  # msgspec takes no escape of a lone surrogate
        return msgspec.convert(json.loads(data), kind)
    return msgspec.json.decode(data, type=kind)


def keep_messages(db: sqlite3.Connection, messages: Sequence[Message]) -> str:
    """A list of messages, each a blob of its own: turn N+1 shares all but the newest with turn N."""
    return keep(db, msgspec.json.encode([keep(db, _packed(message)) for message in messages]))


def digest_of(message: Message) -> str:
    """Under which ``keep_messages`` keeps it."""
    return hashlib.sha256(_packed(message)).hexdigest()


def messages_of(db: sqlite3.Connection, digest: str) -> tuple[Message, ...]:
    digests = msgspec.json.decode(data_of(db, digest), type=list[str])
    return tuple(_unpacked(data_of(db, one)) for one in digests)


def _packed(message: Message) -> bytes:
    try:
        return msgspec.msgpack.encode(message)
    except UnicodeEncodeError:  # a question from a command line may hold lone surrogates
        return encoded(message)


def _unpacked(data: bytes) -> Message:
    if data.startswith(b"{"):  # JSON; MessagePack says a message with another byte
        return decoded(data, Message)
    return msgspec.msgpack.decode(data, type=Message)
