"""The settings in words, from their types: for the documentation and for completion."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from msgspec import Meta

from codemode_tui.settings import McpServer, Settings


class Described(NamedTuple):
    key: str
    kind: str
    """What it may be, for people: ``number, 0 to 5``."""
    default: str
    """As TOML writes it; empty when unset."""
    about: str
    choices: tuple[str, ...]


def described() -> Iterator[Described]:
    """Every setting but the key map, in the order of the table; of MCP servers as ``mcp.servers.NAME.…``."""
    for group, kind in typing.get_type_hints(Settings).items():
        if group == "mcp":
            yield from _fields("mcp.servers.NAME", McpServer)
        elif group != "keys":
            yield from _fields(group, kind)


def _fields(group: str, kind: Any) -> Iterator[Described]:  # noqa: ANN401 - a Struct class
    shipped = kind()
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        plain, limits = _taken_apart(hint)
        choices = typing.get_args(plain) if typing.get_origin(plain) is Literal else ()
        about = next((one.description for one in reversed(limits) if one.description), "") or ""
        yield Described(f"{group}.{name}", _kind(plain, choices, limits), _toml(getattr(shipped, name)), about, choices)


def _taken_apart(hint: Any) -> tuple[Any, list[Meta]]:  # noqa: ANN401 - type forms
    """The bare type, None and all annotations taken off."""
    limits: list[Meta] = []
    while True:
        if typing.get_origin(hint) is typing.Annotated:
            limits += typing.get_args(hint)[1:]
        elif not isinstance(hint, types.UnionType) and typing.get_origin(hint) is not typing.Union:
            return hint, limits
        hint = next(one for one in typing.get_args(hint) if one is not type(None))


def _kind(plain: Any, choices: tuple[str, ...], limits: list[Meta]) -> str:  # noqa: ANN401 - a type form
    if choices:
        return " or ".join(map(str, choices))
    origin = typing.get_origin(plain) or plain
    word = {bool: "true or false", int: "whole number", float: "number", str: "text", dict: "table"}.get(origin, "list")
    low = next((x for one in limits for x in (one.ge, one.gt) if x is not None), None)
    high = next((x for one in limits for x in (one.le, one.lt) if x is not None), None)
    if low is None or high is None:
        return word
    above = "above " if any(one.gt is not None for one in limits) else ""
    huge = high > 1e9
    return f"{word}, {above}{low:,}" + (" or more" if huge else f" to {high:,}")


def _toml(value: Any) -> str:  # noqa: ANN401 - a TOML value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return {(): "[]"}.get(value, str(value)) if isinstance(value, tuple) else str(value)
