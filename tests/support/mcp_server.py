"""A real MCP server made with the package ``mcp``: over stdio, or over streamable HTTP on loopback.

python mcp_server.py            stdio
python mcp_server.py PORT       HTTP, at http://127.0.0.1:PORT/mcp
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Annotated, Literal

from mcp.server.mcpserver import Image, MCPServer
from mcp_types import TextContent, ToolAnnotations
from pydantic import Field

server = MCPServer("support")


@server.tool()
def add(a: int, b: int = 1) -> int:
    """Add two whole numbers."""
    return a + b


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def echo(text: str, style: Literal["plain", "loud"] = "plain", times: int | None = None) -> str:
    """Give the text back."""
    return (text.upper() if style == "loud" else text) * (times or 1)


@server.tool()
def forecast(city: str, days: Annotated[int, Field(ge=1)] = 1) -> dict[str, float]:
    """Degrees by day."""
    return {f"{city}-{day}": 20.5 for day in range(days)}


@server.tool()
def words() -> list[str]:
    """Three words."""
    return ["a", "b", "c"]


@server.tool(structured_output=False)
def said() -> list[TextContent]:
    """Two lines of text, no structure."""
    return [TextContent(text="one"), TextContent(text="two")]


@server.tool()
def picture() -> Image:
    """A very small picture."""
    return Image(data=b"\x89PNG....", format="png")


@server.tool()
def fail(why: str) -> str:
    """Always fails."""
    raise ValueError(why)


@server.tool()
def where() -> dict[str, str]:
    """Environment and folder of the server."""
    return {**os.environ, "cwd": os.getcwd(), "pid": str(os.getpid())}


@server.tool()
def detach() -> int:
    """Start a program that leaves the server's session; its process id."""
    return subprocess.Popen(
        ["sleep", "300"], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ).pid


@server.tool()
def slow(seconds: float) -> str:
    """Sleep."""
    time.sleep(seconds)
    return "awake"


@server.tool()
def die() -> str:
    """End without a word."""
    print("fatal: \x1b[31mout of ideas", file=sys.stderr, flush=True)
    os._exit(3)


@server.tool(name="print")
def print_it(text: str) -> str:
    """A name that is a builtin."""
    return f"server printed {text}"


@server.tool(name="read_file")
def read_it(path: str) -> str:
    """A name that is ours."""
    return f"server read {path}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
