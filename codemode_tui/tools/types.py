"""The values that tools, sandbox and chat exchange about one run's tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec

MB = 1024 * 1024

Change = Literal["create", "modify", "delete", "move"]


class WriteRequest(msgspec.Struct, frozen=True):
    """A change of the workspace that waits for a yes. What it shows is what will be written."""

    tool: str
    path: str
    """The real path below the workspace, symbolic links resolved."""
    change: Change
    diff: str
    """Unified diff, bounded; untrusted text."""
    warnings: tuple[str, ...] = ()
    new_path: str | None = None
    """Where a moved file goes."""
    sensitive: bool = False
    """It makes other programs run code, so that a grant for everything does not include it."""


class CallRequest(msgspec.Struct, frozen=True):
    """A call of an MCP server's tool that waits for a yes. The arguments shown are those that are sent."""

    server: str
    tool: str
    """The server's own name of it; untrusted text, as all that follows."""
    name: str
    """What it is called in the code."""
    arguments: str
    """JSON, indented."""
    claims: tuple[str, ...] = ()
    """What the server says of the tool. Nobody has checked it."""


Approve = Callable[[WriteRequest], Awaitable[bool]]


class ToolLimits(msgspec.Struct, frozen=True):
    """What the tools may use. Bytes, seconds, counts."""

    read_bytes: int = 64 * MB
    write_bytes: int = 64 * MB
    search_seconds: float = 20.0
    search_files: int = 200_000
    search_results: int = 100_000
    search_result_bytes: int = 48 * MB
    command_seconds: float = 120.0
    diff_lines: int = 400
    journal_bytes: int = 512 * MB
    """Before-images of one run; a change that would need more is refused, as it could not be undone."""
