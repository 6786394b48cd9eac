"""What the library for the protocol does not stand: lines that are no messages, and what it logs of its own accord."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Any

from codemode_tui.sandbox.sanitise import one_line, sanitise_text

NO_JSON, NO_MESSAGE = -32700, -32600
"""Errors of JSON-RPC."""
_log = logging.getLogger(__name__)


async def pass_on(source: asyncio.StreamReader, to: asyncio.StreamReader, replies: asyncio.StreamWriter) -> None:
    """Pass on the lines that are messages, and answer the others, until ``source`` ends.

    The library would end, with all its sessions, at one that is JSON and no message.
    """
    try:
        while line := await _line(source):
            if not line.strip():
                continue
            if (error := refused(line)) is None:
                to.feed_data(line)
                continue
            _log.error(error["message"])
            replies.write(json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode() + b"\n")
    finally:
        to.feed_eof()


def refused(line: bytes) -> dict[str, Any] | None:
    """The error that a line is answered with; None for a message."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {"code": NO_JSON, "message": "a line that came is no JSON"}
    if not isinstance(message, dict):
        return {"code": NO_MESSAGE, "message": "a line that came is no JSON object"}
    if not isinstance(message.get("id"), str | int | float | None):
        return {"code": NO_MESSAGE, "message": "the id of a message is neither text nor a number"}
    if not isinstance(message.get("error"), dict | None):
        return {"code": NO_MESSAGE, "message": "the error of an answer is no object"}
    return None


async def _line(source: asyncio.StreamReader) -> bytes:
    """The next line, however long; empty at the end."""
    parts: list[bytes] = []
    while True:
        try:
            return b"".join([*parts, await source.readuntil()])
        except asyncio.LimitOverrunError as more:
            parts.append(await source.readexactly(more.consumed))
        except asyncio.IncompleteReadError as end:
            return b"".join([*parts, end.partial])


def log_to_stderr(*, debug: bool) -> None:
    """What is logged comes to standard error, a line for each; with ``debug`` what led to it, too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Words(debug))
    logging.basicConfig(handlers=[handler], level=logging.ERROR)


class _Words(logging.Formatter):
    def __init__(self, debug: bool) -> None:
        super().__init__()
        self._debug = debug

    def format(self, record: logging.LogRecord) -> str:
        if self._debug:
            return sanitise_text(super().format(record))
        error = record.exc_info[1] if record.exc_info else None
        why = f": {type(error).__name__}: {error}" if error is not None else ""
        return f"codemode: {one_line(record.getMessage() + why)}"
