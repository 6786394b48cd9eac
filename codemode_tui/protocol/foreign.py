"""Calls in other shapes than ours: JSON, and tools called directly. Recovered as code, never run as is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from codemode_tui.protocol import syntax

C = TypeVar("C")
_FENCE_END = re.compile(r"^[ \t]*```[ \t]*$", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w{0,80}\Z")


class Fence(NamedTuple):
    """A fenced JSON call and where it stands."""

    code: str | None
    start: int
    end: int


def json_fence(text: str) -> Fence | None:
    """The first fenced JSON call. None when there is no such fence."""
    for match in syntax.JSON_FENCE.finditer(text):
        close = _FENCE_END.search(text, match.end())
        body = text[match.end() : close.start() if close else len(text)]
        end = close.end() if close else len(text)
        call, _ = _call_of(body)
        if call is not None:
            return Fence(_code(*call), match.start(), end)
        if '"name"' in body and '"arguments"' in body:
            return Fence(None, match.start(), end)
    return None


def json_body(text: str, at: int) -> tuple[str | None, int]:
    """The code of ``{"name": …, "arguments": {…}}`` at ``at``, and the index behind the JSON.

    The code is made from the arguments if it must be; None, and ``at``, if this is no such call.
    """
    call, length = _call_of(text[at:])
    return (_code(*call) if call else None), at + length


def direct_call(text: str, at: int, name: str, dialect: str, make: Callable[..., C]) -> C:
    """``<function=read_file>`` and the like: the same call written as code."""
    end = text.find(syntax.FUNCTION_END, at)
    closed = end >= 0
    body = text[at : end if closed else len(text)]
    arguments: dict[str, Any] = {}
    for match in syntax.PARAMETER.finditer(body):
        stop = body.find(syntax.PARAMETER_END, match.end())
        arguments[match[1].strip()] = syntax.trim_code(body[match.end() : stop if stop >= 0 else len(body)])
    after = end + len(syntax.FUNCTION_END) if closed else len(text)
    close = re.compile(r"\s*</tool_call>").match(text, after)
    notes = (f"the tool {name!r} was called directly, not through code",)
    return make(_code(name, arguments), dialect, closed, False, notes, close.end() if close else after)


def _call_of(body: str) -> tuple[tuple[str, dict[str, Any]] | None, int]:
    """Name and arguments of a call in JSON, and how many characters of ``body`` it takes."""
    space = len(body) - len(body.lstrip())
    try:
        value, length = json.JSONDecoder(strict=False).raw_decode(body, space)
    except (ValueError, RecursionError):
        return None, 0
    if not isinstance(value, dict):
        return None, length
    value = value.get("function", value) if isinstance(value.get("function"), dict) else value
    name, arguments = value.get("name"), value.get("arguments", value.get("parameters"))
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments, strict=False)
        except (ValueError, RecursionError):
            arguments = {"code": arguments}
    return ((name, arguments) if isinstance(name, str) and isinstance(arguments, dict) else None), length


def _code(name: str, arguments: dict[str, Any]) -> str | None:
    code = arguments.get("code")
    if isinstance(code, str):
        return syntax.trim_code(code)
    if not _NAME.match(name) or not all(_NAME.match(key) for key in arguments):
        return None
    try:
        return f"print({name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())}))"
    except RecursionError:
        return None
