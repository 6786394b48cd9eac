from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from support.mcp_settings import FRIENDLY

from codemode_tui.settings import McpServer
from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.mcp.servers import Servers


@pytest_asyncio.fixture
async def session(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Servers]]]:
    """Starts servers by name; they end with the test."""
    opened: list[Servers] = []

    async def start(**configured: McpServer) -> Servers:
        servers = Servers(configured, tmp_path / "mcp")
        opened.append(servers)
        await servers.ready()
        return servers

    yield start
    for servers in opened:
        await servers.close()


@pytest.fixture
def calls(tmp_path: Path) -> Callable[..., Awaitable[Any]]:
    """Calls a tool as code in the sandbox does."""

    async def call(servers: Servers, name: str, *args: Any, approve: Any = None, **kwargs: Any) -> Any:
        tools = WorkspaceTools(tmp_path, more=servers.specs(approve))
        return await tools.call(name, list(args), kwargs)

    return call


@pytest.fixture
def web() -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """A server over streamable HTTP on loopback: its address, and how it is stopped and started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        running.append(
            subprocess.Popen(
                [sys.executable, FRIENDLY, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                assert running[-1].poll() is None
                time.sleep(0.05)

    def stop() -> None:
        for one in running:
            one.kill()
            one.wait()

    start()
    yield f"http://127.0.0.1:{port}/mcp", stop, start
    stop()
