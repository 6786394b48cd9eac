from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


@pytest.fixture
def rough() -> Iterator[Callable[..., McpServer]]:
    """A server over HTTP whose every answer to ``at`` is this status and body, {id} in it aside: its settings."""
    running: list[ThreadingHTTPServer] = []

    def start(status: int, body: bytes, at: str = "tools/call", kind: str = "application/json") -> McpServer:
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None: ...

            def do_GET(self) -> None:
                self.send_error(405)

            do_DELETE = do_GET

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                method, code, answer, form = asked["method"], 202, b"", "application/json"
                if method == at:
                    code, answer, form = status, body.replace(b"{id}", b"%d" % asked["id"]), kind
                elif "id" in asked:
                    tools = {"tools": [{"name": "say", "inputSchema": {"type": "object"}}]}
                    known = {
                        "initialize": {"protocolVersion": asked.get("params", {}).get("protocolVersion"),
                                       "capabilities": {"tools": {}}, "serverInfo": {"name": "x", "version": "1"}},
                        "tools/list": tools,
                    }  # fmt: skip
                    end = {"result": known[method]} if method in known else {"error": {"code": -32601, "message": "no"}}
                    code, answer = 200, json.dumps({"jsonrpc": "2.0", "id": asked["id"], **end}).encode()
                self.send_response(code)
                self.send_header("Content-Type", form)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        running.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=running[-1].serve_forever, daemon=True).start()
        return McpServer(url=f"http://127.0.0.1:{running[-1].server_port}/mcp", policy="allow", start_seconds=60)

    yield start
    for one in running:
        one.shutdown()
        one.server_close()
