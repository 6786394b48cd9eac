"""A list of tools made such that the package ``mcp`` reads it: it refuses a whole list for one bad entry."""

from __future__ import annotations

from typing import Any

from mcp_types.methods import validate_server_result
from mcp_types.version import LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION


def mend(message: Any) -> None:  # noqa: ANN401 - a JSON-RPC message
    """In an answer that lists tools: schemas become schemas, and what still is no tool is left out."""
    result = getattr(message, "result", None)
    if not isinstance(result, dict) or not isinstance(tools := result.get("tools"), list):
        return
    for tool in tools:
        if isinstance(tool, dict):
            tool["inputSchema"] = _schema(tool.get("inputSchema"))
            if "outputSchema" in tool and not isinstance(tool["outputSchema"], dict):
                del tool["outputSchema"]
            elif "outputSchema" in tool:
                tool["outputSchema"] = _schema(tool["outputSchema"])
    result["tools"] = [tool for tool in tools if _readable({**result, "tools": [tool]})]


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
