"""One server: started within its time, held open by a task of its own, started once more if it dies."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from codemode_tui import __version__
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.settings import McpServer
from codemode_tui.tools.mcp.launch import GRACE_SECONDS, expanded, launch_of
from codemode_tui.tools.mcp.results import said_of, value_of
from codemode_tui.tools.mcp.schema import signature_of, unwrapped

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import Tool

MOST_TOOLS = 200
"""Of one server; further ones are left out."""
_PAGES = 20
_DOC = 200
_NAME = 128
_LOGGERS = ("mcp", "client", "httpx2", "httpcore2")
_GONE = ("Connection closed", "Session terminated")
_REFUSED = ("Server returned an error response", "Not Found")
"""The package's own words."""

State = Literal["starting", "ready", "failed", "closed"]


class ServerTool(msgspec.Struct, frozen=True):
    """A tool as its server describes it. All of it is untrusted; the texts are sanitised."""

    name: str
    """The server's own."""
    doc: str
    signature: inspect.Signature
    arguments: dict[str, str]
    """Parameter of the signature: name of the property."""
    wrapped: bool
    """Results that are no object come as ``{"result": …}``."""
    hints: tuple[str, ...]
    """What the server claims of it (annotations). Shown, never acted on."""
    definition: str
    """All of it as JSON, to tell a changed one."""


class Ended:
    """Whether a server is gone, and what is known of it."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.why = ""
        self.status = 0
        """Of HTTP, of the newest answer that was an error."""

    def refuse(self, status: int) -> None:
        self.status = status

    def tell(self, why: str) -> None:
        """The first reason counts."""
        self.why = self.why or why
        self.event.set()


class Server:
    """A configured server. Its tools are those of its first start, for the whole session."""

    def __init__(self, name: str, settings: McpServer, folder: Path) -> None:
        self.name, self.settings = name, settings
        self.state: State = "starting"
        self.reason = ""
        """Why it is not ready."""
        self.tools: tuple[ServerTool, ...] = ()
        self._folder = folder
        self._restarts = 1 if settings.command else 1000  # a connection costs nothing and ends for many reasons
        self._lock = asyncio.Lock()
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._client: Client | None = None
        self._ended: Ended | None = None
        self._changed: frozenset[str] = frozenset()

    async def start(self) -> None:
        """Connect and read the list of tools; afterwards ``state`` is ready or failed. Never raises."""
        try:
            self.tools = await self._connect()
        except Exception as error:
            self.state, self.reason = "failed", said_of(error)
        else:
            self.state = "ready"

    async def call(self, tool: ServerTool, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 - a JSON value
        """Call a tool with arguments under the server's own names.

        Raises:
            RuntimeError: the server's own error, or the server is gone.
            TimeoutError: it did not answer in time.
        """
        client = await self._reached()
        if tool.name in self._changed:
            raise RuntimeError(f"the MCP server {self.name} was restarted and {tool.name} is another tool now")
        from mcp_types import CallToolRequest, CallToolRequestParams, CallToolResult

        request = CallToolRequest(params=CallToolRequestParams(name=tool.name, arguments=arguments))
        seconds = self.settings.call_seconds
        try:
            async with asyncio.timeout(seconds):
                # Not `call_tool`: that checks the answer against the server's own patterns, which may take for ever.
                result = await client.session.send_request(request, CallToolResult)
        except TimeoutError:
            raise TimeoutError(f"{self.name}: {tool.name} gave no answer within {seconds:g} s") from None
        except Exception as error:
            raise RuntimeError(await self._told(tool, error)) from None
        return value_of(result, tool.wrapped)

    async def close(self) -> None:
        """End it. What does not end by itself is killed."""
        self.state = "closed"
        self._stop.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=2 * GRACE_SECONDS + 3)
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=GRACE_SECONDS)

    # -- connection ----------------------------------------------------------------------------------

    async def _connect(self) -> tuple[ServerTool, ...]:
        ready: asyncio.Future[tuple[ServerTool, ...]] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._hold(ready))
        try:
            async with asyncio.timeout(self.settings.start_seconds):
                return await asyncio.shield(ready)
        except BaseException as error:
            ready.cancel()
            self._task.cancel()
            if isinstance(error, TimeoutError):
                raise RuntimeError(f"it did not start within {self.settings.start_seconds:g} s") from None
            raise

    async def _hold(self, ready: asyncio.Future[tuple[ServerTool, ...]]) -> None:
        """Enter and leave the connection in one task, as its cancel scopes want it."""
        ended = Ended()
        try:
            await asyncio.to_thread(_import)
            from mcp import Client
            from mcp_types import Implementation

            async with Client(
                self._transport(ended), client_info=Implementation(name="codemode", version=__version__), cache=None
            ) as client:
                tools = await asyncio.to_thread(_read, await _listed(client))
                self._client, self._ended = client, ended
                if not ready.done():
                    ready.set_result(tools)
                waits = {asyncio.create_task(one.wait()) for one in (self._stop, ended.event)}
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for task in waits:
                    task.cancel()
        except Exception as error:
            if not ready.done():
                ready.set_exception(RuntimeError(await _cause(error, ended)))
        finally:
            self._client = None

    def _transport(self, ended: Ended) -> Any:  # noqa: ANN401 - a context manager of streams
        from codemode_tui.tools.mcp.transport import http, stdio

        settings = self.settings
        if settings.command:
            return stdio(launch_of(settings, self._folder, os.environ), ended.tell)
        headers = {name: expanded(value, os.environ) for name, value in settings.headers.items()}
        return http(settings.url, headers, settings.call_seconds, ended.refuse)

    async def _reached(self) -> Client:
        """The open connection, made once more if it has ended."""
        async with self._lock:
            if self._client is not None and self._ended is not None and not self._ended.event.is_set():
                return self._client
            if self.state == "closed":
                raise RuntimeError(f"the MCP server {self.name} was closed with its session")
            if self._restarts == 0:
                why = self._ended.why if self._ended is not None else ""
                raise RuntimeError(f"the MCP server {self.name} is gone ({why}) and is not started again")
            self._restarts -= 1
            if self._task is not None:
                await asyncio.wait({self._task}, timeout=2 * GRACE_SECONDS + 3)
            before = {tool.name: tool.definition for tool in self.tools}
            try:
                now = {tool.name: tool.definition for tool in await self._connect()}
            except RuntimeError as error:
                raise RuntimeError(f"the MCP server {self.name} could not be started again: {error}") from None
            self._changed = frozenset(name for name in before if now.get(name) != before[name])
            assert self._client is not None
            return self._client

    async def _told(self, tool: ServerTool, error: Exception) -> str:
        """What to tell of a failed call."""
        said, ended = said_of(error), self._ended
        if type(error).__name__ == "ValidationError":
            return f"{self.name}: {tool.name} answered with what is no result of a tool"
        if ended is not None and self.settings.url and said in _GONE:
            ended.tell("the connection was closed")
        why = await _cause(error, ended)
        gone = ended is not None and ended.event.is_set()
        return f"the MCP server {self.name} is gone: {why}" if gone else f"{self.name}: {why}"


async def _cause(error: Exception, ended: Ended | None) -> str:
    """What to tell of an error: why the server is gone, if that is what happened."""
    said = said_of(error)
    if ended is not None and ended.status and said in _REFUSED:
        return f"{said} (HTTP {ended.status})"
    if ended is None or said not in _GONE:
        return said
    await asyncio.wait({waiting := asyncio.ensure_future(ended.event.wait())}, timeout=2 * GRACE_SECONDS)
    waiting.cancel()
    return ended.why or said


def _import() -> None:
    """The package takes a second: beside the event loop. What it logs is a server's text: nowhere."""
    import mcp  # noqa: F401

    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.addHandler(logging.NullHandler())


async def _listed(client: Client) -> list[Tool]:
    found: list[Tool] = []
    cursor: str | None = None
    for _ in range(_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += page.tools
        cursor = page.next_cursor
        if not cursor or len(found) >= MOST_TOOLS:
            break
    return found[:MOST_TOOLS]


def _read(tools: list[Tool]) -> tuple[ServerTool, ...]:
    return tuple({tool.name: _tool(tool) for tool in reversed(tools) if 0 < len(tool.name) <= _NAME}.values())[::-1]


def _tool(tool: Tool) -> ServerTool:
    signature, arguments = signature_of(tool.input_schema, tool.output_schema)
    doc = one_line(tool.description or tool.title or "", _DOC).replace('"""', "'''").rstrip("\\")
    claims = tool.annotations
    hints = () if claims is None else tuple(words for words, claimed in (
        ("only reads", claims.read_only_hint), ("may destroy", claims.destructive_hint),
        ("may be repeated", claims.idempotent_hint), ("reaches further", claims.open_world_hint),
    ) if claimed)  # fmt: skip
    definition = tool.model_dump_json(by_alias=True)
    return ServerTool(
        tool.name, doc, signature, arguments, unwrapped(tool.output_schema) is not None, hints, definition
    )
