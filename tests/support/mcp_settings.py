"""Settings of the servers that tests start, and the mark of tests that need the extra."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from codemode_tui.settings import McpServer

SUPPORT = Path(__file__).parent
FRIENDLY, HOSTILE = str(SUPPORT / "mcp_server.py"), str(SUPPORT / "mcp_hostile.py")

needs_mcp = pytest.mark.skipif(importlib.util.find_spec("mcp") is None, reason="needs the extra mcp")


def friendly(**more: Any) -> McpServer:
    return McpServer(command=sys.executable, args=(FRIENDLY,), **{"policy": "allow", "start_seconds": 60.0, **more})


def hostile(how: str = "tools", **more: Any) -> McpServer:
    values = {"policy": "allow", "start_seconds": 60.0, "call_seconds": 20.0, **more}
    return McpServer(command=sys.executable, args=(HOSTILE, how), **values)
