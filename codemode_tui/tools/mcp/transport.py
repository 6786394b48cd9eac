"""The two ways to a server, as the package ``mcp`` wants them: a pair of streams, for as long as it is entered.

The package's own stdio client passes on an environment, standard error and messages without bound; over this
one a server gets what the settings say, and a line that never ends cannot fill the memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from codemode_tui.protocol.halves import whole
from codemode_tui.sandbox.rpc import MAX_STRUCTURE
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.sandbox.spawn import end, spawn
from codemode_tui.tools.mcp.bounds import TooManyParts, Unasked, structure
from codemode_tui.tools.mcp.launch import GRACE_SECONDS, Launch
from codemode_tui.tools.mcp.mending import mend

MOST_BYTES = 64 * 1024 * 1024
"""Of one message."""
_LARGE = 256 * 1024
"""From here on a message is read beside the event loop."""
_STDERR_KEPT = 4000
_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF = re.compile(rb"%b(?!%b)|(?<!%b)%b" % (_HIGH, _LOW, _HIGH, _LOW))
"""An escape of half a character, the other half of which is not beside it."""


@asynccontextmanager
async def stdio(launch: Launch, tell: Callable[[str], None]) -> AsyncGenerator[Any, None]:
    """Start a server and speak with it; leaving ends it and all that it started.

    ``tell`` is told, once, why the server is gone.
    """
    lifeline, held = os.pipe()
    try:
        process = await spawn(
            *launch.command(lifeline), env=launch.env, cwd=launch.cwd, pass_fds=(lifeline,), limit=MOST_BYTES,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except BaseException:
        os.close(held)
        raise
    finally:
        os.close(lifeline)
    inward, received = anyio.create_memory_object_stream[Any](0)
    sending, outward = anyio.create_memory_object_stream[Any](0)
    unasked = Unasked()
    tasks = [
        asyncio.create_task(_read(process, inward, unasked, tell)),
        asyncio.create_task(_write(process, outward, unasked)),
    ]
    try:
        yield received, sending
    finally:
        os.close(held)  # from here on the warden sees to the end, whatever happens to this task
        for stream in (received, sending, inward, outward):
            stream.close()
        assert process.stdin is not None
        process.stdin.close()
        for task in tasks:
            task.cancel()
        await asyncio.wait({*tasks, waiting := asyncio.ensure_future(process.wait())}, timeout=2 * GRACE_SECONDS + 2)
        waiting.cancel()
        await end(process)


async def _read(
    process: asyncio.subprocess.Process,
    inward: Any,  # noqa: ANN401 - a stream
    unasked: Unasked,
    tell: Callable[[str], None],
) -> None:
    """Messages of the server, until it ends. A line that is no message is a log line; it is dropped."""
    assert process.stdout is not None
    errors = asyncio.create_task(_last_words(process))
    why = ""
    try:
        while line := await process.stdout.readline():
            try:
                message = await asyncio.to_thread(_message, line) if len(line) > _LARGE else _message(line)
            except (ValueError, RecursionError):
                continue
            if unasked.admits(message):
                await inward.send(SessionMessage(message))
            else:
                await asyncio.sleep(0)  # a line that is there already is read without one
    except ValueError:
        why = f"it sent a message of more than {MOST_BYTES >> 20} MB"
    except TooManyParts as error:
        why = str(error)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        why = "it was left"
    finally:
        if not why:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), GRACE_SECONDS)
            await asyncio.wait({errors}, timeout=0.2)
            words = errors.result() if errors.done() else ""
            status = "" if process.returncode is None else f" with exit status {process.returncode}"
            why = f"it ended{status}{f': {words}' if words else ''}"
        errors.cancel()
        tell(why)
        inward.close()  # whoever waits for an answer is told


def _message(line: bytes) -> Any:  # noqa: ANN401 - a JSON-RPC message
    structure(line)
    try:
        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError:  # over one odd byte or half a character, too: whoever waits for this answer would wait in vain
        value = whole(json.loads(line.decode("utf-8", "replace")))
        message = jsonrpc_message_adapter.validate_python(value, by_name=False)
    mend(message)
    return message


async def _last_words(process: asyncio.subprocess.Process) -> str:
    """The last line of standard error, to its end; what comes before it is let go."""
    assert process.stderr is not None
    kept = b""
    while data := await process.stderr.read(65536):
        kept = (kept + data)[-_STDERR_KEPT:]
    lines = kept.decode("utf-8", "replace").strip().splitlines()
    return one_line(lines[-1], 200) if lines else ""


async def _write(process: asyncio.subprocess.Process, outward: Any, unasked: Unasked) -> None:  # noqa: ANN401
    assert process.stdin is not None
    try:
        with contextlib.suppress(ConnectionError, anyio.EndOfStream, anyio.ClosedResourceError):
            async for session_message in outward:
                text = session_message.message.model_dump_json(by_alias=True, exclude_unset=True)
                process.stdin.write(text.encode() + b"\n")
                await process.stdin.drain()
                unasked.sent(session_message.message)
    finally:  # nothing is sent any more: whoever calls is told, and the server ends
        outward.close()
        process.stdin.close()


@asynccontextmanager
async def http(
    url: str, headers: dict[str, str], seconds: float, refused: Callable[[int], None]
) -> AsyncGenerator[Any, None]:
    """Speak with a server over streamable HTTP; redirects are followed within its origin only.

    ``refused`` is told the status of an answer that is an error, which the package does not tell.
    """

    async def status(response: httpx2.Response) -> None:
        if response.status_code >= 400 and response.request.method == "POST":
            refused(response.status_code)

    client = httpx2.AsyncClient(
        headers={**headers, "Accept-Encoding": "identity"},
        timeout=httpx2.Timeout(10, read=seconds + 5),
        event_hooks={"response": [status, _bound]},
    )
    async with client, streamable_http_client(url, http_client=client, max_sse_event_size=MOST_BYTES) as streams:
        inward, received = anyio.create_memory_object_stream[Any](0)
        sending, outward = anyio.create_memory_object_stream[Any](0)
        unasked = Unasked()
        tasks = [
            asyncio.create_task(_receive_all(streams[0], inward, unasked)),
            asyncio.create_task(_send_all(outward, streams[1], unasked)),
        ]
        try:
            yield received, sending
        finally:
            for task in tasks:
                task.cancel()
            received.close()
            sending.close()


async def _receive_all(source: Any, inward: Any, unasked: Unasked) -> None:  # noqa: ANN401 - streams
    with inward, contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        async for one in source:
            message = getattr(one, "message", None)
            if unasked.admits(message):
                mend(message)
                await inward.send(one)


async def _send_all(outward: Any, sink: Any, unasked: Unasked) -> None:  # noqa: ANN401 - streams
    with outward, contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        async for one in outward:
            await sink.send(one)
            unasked.sent(one.message)


async def _bound(response: httpx2.Response) -> None:
    """No body is endless or unreadable, and none swells: compression was not asked for."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.RemoteProtocolError("it sent a compressed answer, which was not asked for")
    response.encoding = "utf-8"  # whatever it says: in another, other parts would be texts than those counted
    response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):  # type: ignore[misc]  # an extra: unknown to the type checker
    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - httpx2's own
        self._stream = stream
        self._parts = MAX_STRUCTURE

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        left, line = MOST_BYTES, bytearray()
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise httpx2.RemoteProtocolError(f"it sent an answer of more than {MOST_BYTES >> 20} MB")
            ends = max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1  # no character and no escape goes on behind it
            line += chunk[:ends]
            if ends:
                yield self._checked(bytes(line))
                line.clear()
            line += chunk[ends:]
        if line:
            yield self._checked(bytes(line))

    def _checked(self, lines: bytes) -> bytes:
        try:
            self._parts -= structure(lines, self._parts)
        except TooManyParts as error:
            raise httpx2.RemoteProtocolError(str(error)) from None
        return _readable(lines)

    async def aclose(self) -> None:
        await self._stream.aclose()


def _readable(data: bytes) -> bytes:
    """JSON without odd bytes and half characters, over which the package drops an answer, or a whole server."""
    try:
        data.decode()
    except UnicodeDecodeError:
        data = data.decode("utf-8", "replace").encode()
    return rb"\\".join(_HALF.sub(rb"\\ufffd", part) for part in data.split(rb"\\"))
