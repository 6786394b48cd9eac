"""A list of tools made such that the package ``mcp`` reads it: it refuses a whole list for one bad entry."""

from __future__ import annotations

from itertools import islice
from typing import Any

from mcp_types.methods import validate_server_result
from mcp_types.version import LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION

from codemode_tui.tools.mcp.server import MOST_TOOLS

_LOOKED_AT = 5 * MOST_TOOLS
"""Entries of one list; what comes behind them is left out unread."""
_BLOCKS = 10_000
"""Of one result. Each that is none is a dozen complaints of the package."""
_BESIDE = ("resultType", "ttlMs", "cacheScope", "nextCursor")
"""What a list must have right beside its tools. The rest may be long, and is not checked again with every tool."""


def mend(message: Any) -> None:  # noqa: ANN401 - a JSON-RPC message
    """In an answer that lists tools: schemas become schemas, and what still is no tool is left out.

    Content without end becomes none, which is no result of a tool.
    """
    result = getattr(message, "result", None)
    if not isinstance(result, dict):
        return
    if isinstance(content := result.get("content"), list) and len(content) > _BLOCKS:
        result["content"] = None
    if not isinstance(tools := result.get("tools"), list):
        return
    beside = {key: result[key] for key in _BESIDE if key in result}
    mended = (_tool(tool) for tool in tools[:_LOOKED_AT] if isinstance(tool, dict))
    readable = (tool for tool in mended if _readable({**beside, "tools": [tool]}))
    result["tools"] = list(islice(readable, MOST_TOOLS))


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    whole = {**tool, "inputSchema": _schema(tool.get("inputSchema"))}
    output = whole.pop("outputSchema", None)
    return whole | {"outputSchema": _schema(output)} if isinstance(output, dict) else whole


def _schema(schema: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON value
    """An object's schema; of one that is none what can be kept."""
    schema = schema if isinstance(schema, dict) else {}
    properties, required = schema.get("properties"), schema.get("required")
    whole = {key: value for key, value in schema.items() if key not in ("properties", "required")} | {"type": "object"}
    if not isinstance(whole.get("$schema", ""), str):
        del whole["$schema"]
    if isinstance(properties, dict):
        whole["properties"] = {key: value if isinstance(value, dict) else {} for key, value in properties.items()}
    if isinstance(required, list):
        whole["required"] = [name for name in required if isinstance(name, str)]
    return whole


def _readable(result: dict[str, Any]) -> bool:
    for version in (LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION):
        try:
            validate_server_result("tools/list", version, result)
        except (ValueError, RecursionError):
            continue
        return True
    return False
