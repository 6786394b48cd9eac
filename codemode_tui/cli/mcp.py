"""`codemode sandbox tools`: every function that the code may call, whose it is, and what it may do unasked."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemode_tui.cli.arguments import folder
from codemode_tui.cli.output import print_json, say
from codemode_tui.sandbox.sanitise import one_line, sanitise_text

if TYPE_CHECKING:
    from codemode_tui.tools.mcp.servers import Servers


def add_actions(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    summary = "the functions that code may call, those of MCP servers too"
    action = actions.add_parser("tools", help=summary, description=summary, example="codemode sandbox tools")
    action.add_argument(
        "--workspace", type=folder, metavar="DIR", help="whose .codemode.toml counts (default: this one)"
    )
    action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    found = asyncio.run(_found(args.workspace))
    if args.json:
        print_json(found)
        return 0
    for tool in found["tools"]:
        whose = (
            "" if tool["server"] is None else f"   # {tool['server']}.{one_line(tool['tool'], 60)}: {tool['policy']}"
        )
        claims = f", says that it {' and '.join(tool['claims'])}" if tool["claims"] else ""
        say(f"{tool['stub'].partition(chr(10))[0]}{whose}{claims}")
    for server in found["servers"]:
        state = f"{server['tools']} tools" if server["state"] == "ready" else f"{server['state']}: {server['reason']}"
        print(f"MCP server {server['name']} ({one_line(server['target'], 80)}), outside the sandbox: {state}")
    return 0


@asynccontextmanager
async def started(servers: Servers | None, code: str, stop: asyncio.Event) -> AsyncIterator[None]:
    """The servers of a run without a conversation; what ``code`` reaches through them is said.

    Once ``stop`` is set none is waited for.
    """
    if servers is None:
        yield
        return
    try:
        starting, stopping = asyncio.ensure_future(servers.ready()), asyncio.ensure_future(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        starting.cancel()
        stopping.cancel()
        named = [one.name for one in servers.tools if one.name in code]
        for line in (*servers.capabilities(named), *servers.failures):
            print(f"codemode: {sanitise_text(line)}", file=sys.stderr)
        yield
    finally:
        await servers.close()


async def _found(workspace: Path | None) -> dict[str, Any]:
    from codemode_tui import config, locations
    from codemode_tui.cli.session import check_workspace, make_servers
    from codemode_tui.tools.registry import TOOLS, installed

    where = check_workspace(workspace or locations.current_dir())
    servers = make_servers(config.load_settings(locations.config_file(), where))
    tools: list[dict[str, Any]] = [
        {"name": one.name, "stub": one.stub, "server": None, "tool": one.name, "policy": None, "claims": []}
        for one in (*TOOLS.values(), *installed(where).values())
    ]
    if servers is None:
        return {"tools": tools, "servers": []}
    try:
        await servers.ready()
        stubs = servers.stubs()
        tools += [
            {"name": one.name, "stub": stubs[one.name], "server": one.server.name, "tool": one.tool.name,
             "policy": one.policy, "claims": list(one.tool.hints)}
            for one in servers.tools
        ]  # fmt: skip
        listed = [
            {"name": one.name, "target": one.settings.url or one.settings.command, "state": one.state,
             "reason": one.reason, "tools": len(one.tools)}
            for one in servers.all
        ]  # fmt: skip
    finally:
        await servers.close()
    return {"tools": tools, "servers": listed}
