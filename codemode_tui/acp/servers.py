"""MCP servers that an editor offers, as settings: each call of them is asked about."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from itertools import count
from typing import Any

from acp import schema

from codemode_tui.settings import McpServer

MISSING = "The editor's MCP servers are left out: they need the extra `mcp` (pip install 'codemode-tui[mcp]')."


def installed() -> bool:
    """Whether there is something that speaks with MCP servers."""
    return importlib.util.find_spec("mcp") is not None


def offered(servers: Iterable[Any]) -> dict[str, McpServer]:
    """By the name that they have in the code; those that speak neither stdio nor HTTP are left out."""
    found: dict[str, McpServer] = {}
    for one in servers:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "_", one.name).lstrip("_-0123456789")[:32] or "server"
        numbered = (f"{plain[:29]}_{number}" for number in count(2))
        name = plain if plain not in found else next(one for one in numbered if one not in found)
        match one:
            case schema.McpServerStdio():
                env = {each.name: each.value for each in one.env}
                found[name] = McpServer(command=one.command, args=tuple(one.args), env=env)
            case schema.HttpMcpServer():
                found[name] = McpServer(url=one.url, headers={each.name: each.value for each in one.headers})
    return found
