"""All servers of a session: their tools under Python names, the policy of each, and what may be said of them."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from codemode_tui.errors import ConfigError
from codemode_tui.locations import private_dir
from codemode_tui.protocol.halves import whole
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.settings import McpServer, Policy
from codemode_tui.tools.mcp.names import function_names
from codemode_tui.tools.mcp.server import Server, ServerTool
from codemode_tui.tools.registry import NAMES, ToolSpec
from codemode_tui.tools.toolbox import Toolbox
from codemode_tui.tools.types import CallRequest

ApproveCall = Callable[[CallRequest], Awaitable[bool]]
_LISTED = 8
_SHOWN = 60_000
"""Characters of arguments in a question; a longer call is refused where somebody would have to judge it."""


class KnownTool(msgspec.Struct, frozen=True):
    """A server's tool and what it is called in the code."""

    name: str
    server: Server
    tool: ServerTool

    @property
    def policy(self) -> Policy:
        return self.server.settings.policy_of(self.tool.name)

    @property
    def title(self) -> str:
        """``server.tool``, for people."""
        return one_line(f"{self.server.name}.{self.tool.name}", 80)


class Servers:
    """The servers of one session: ``begin``, then ``ready`` before the first use, ``close`` at the end.

    Raises:
        ConfigError: servers are configured, but the extra that speaks with them is not installed.
    """

    def __init__(self, configured: Mapping[str, McpServer], folder: Path) -> None:
        enabled = {name: settings for name, settings in configured.items() if settings.enabled}
        if enabled and importlib.util.find_spec("mcp") is None:
            raise ConfigError(
                f"MCP servers are configured ({', '.join(enabled)}), but the extra `mcp` is not installed",
                hint="pip install 'codemode-tui[mcp]', or set enabled = false below each",
            )
        self.all = tuple(Server(name, settings, private_dir(folder / name)) for name, settings in enabled.items())
        self._starting: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start them all, side by side, in the background."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())

    async def _start(self) -> None:
        """A task of its own: a bare ``gather`` that is cancelled complains if nobody asks for its result."""
        await asyncio.gather(*(server.start() for server in self.all))

    async def ready(self) -> None:
        """Wait until each has started or failed: no longer than the longest ``start_seconds``."""
        self.begin()
        assert self._starting is not None
        await asyncio.shield(self._starting)

    async def close(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting}, timeout=1)
        await asyncio.gather(*(server.close() for server in self.all))

    @property
    def tools(self) -> tuple[KnownTool, ...]:
        """Every tool of the servers that are ready, so far; once all have started or failed the names stay the same."""
        pairs = [(server, tool) for server in self.all for tool in server.tools]
        names = function_names([(server.name, tool.name) for server, tool in pairs], NAMES)
        return tuple(KnownTool(names[server.name, tool.name], server, tool) for server, tool in pairs)

    def specs(self, approve: ApproveCall | None) -> dict[str, ToolSpec]:
        """The tools that the code may call, denied ones left out.

        ``approve`` is asked before each call where the policy says so; without it such a call is refused.
        """
        return {one.name: _spec(one, approve) for one in self.tools if one.policy != "deny"}

    def stubs(self) -> dict[str, str]:
        """A typed stub of every tool, denied ones too, by name."""
        return {one.name: _spec(one, None).stub for one in self.tools}

    def capabilities(self, named: Collection[str]) -> tuple[str, ...]:
        """What code that names these tools can reach through servers, in words for a confirmation."""
        reached = [one for one in self.tools if one.policy != "deny" and one.name in named]
        words = {"ask": "asks before each call", "allow": "allowed by your settings"}
        said = [f"{one.name} is {one.title}: {words[one.policy]}" for one in reached[:_LISTED]]
        if (more := len(reached) - _LISTED) > 0:
            said.append(f"and {more} more tools of MCP servers")
        if reached:
            servers = ", ".join(dict.fromkeys(one.server.name for one in reached))
            said.append(f"what the MCP server {servers} does is OUTSIDE the sandbox: no limit of it holds there")
        return tuple(said)

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence on each server that is not there."""
        return tuple(f"MCP server {one.name} did not start: {one.reason}" for one in self.all if one.state == "failed")


def _spec(one: KnownTool, approve: ApproveCall | None) -> ToolSpec:
    return ToolSpec(
        name=one.name,
        signature=one.tool.signature,
        doc=one.tool.doc or f"A tool of the MCP server {one.server.name}.",
        needs_write=False,
        function=functools.partial(_call, one, approve),
    )


async def _call(one: KnownTool, approve: ApproveCall | None, _: Toolbox, /, **given: Any) -> Any:  # noqa: ANN401
    """The function behind a tool. An argument that is at its default is not sent."""
    parameters = one.tool.signature.parameters
    arguments = {
        one.tool.arguments[name]: value
        for name, value in given.items()
        if not (type(value) is type(parameters[name].default) and value == parameters[name].default)
    }
    try:
        json.dumps(arguments, allow_nan=False)
    except ValueError:  # they would be shown as what they are, and sent as null
        raise ValueError(f"{one.title} takes no NaN and no infinity: JSON has no such numbers") from None
    arguments = whole(arguments)  # here, so that what is shown is what is sent
    if one.policy == "deny":
        raise PermissionError(f"the settings deny {one.title}")
    if one.policy == "ask":
        setting = f'mcp.servers.{one.server.name}.tools: "{one.tool.name}" = "allow"'
        if approve is None:
            raise PermissionError(
                f"{one.title} needs a yes, and nobody can be asked here; to allow it always: {setting}"
            )
        shown = json.dumps(arguments, indent=2, ensure_ascii=False)
        if len(shown) > _SHOWN:
            raise PermissionError(
                f"the arguments of {one.title} are too long to be judged; to allow it always: {setting}"
            )
        request = CallRequest(one.server.name, one.tool.name, one.name, shown, one.tool.hints)
        if not await approve(request):
            raise PermissionError(f"the call of {one.title} was declined")
    return await one.server.call(one.tool, arguments)
