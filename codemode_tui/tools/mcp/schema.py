"""A server's JSON Schema as a Python signature: what the code sees, and what arguments are checked against.

The schema is untrusted text. It is read for types only: patterns and formats are the server's own
business (a pattern may be made to take for ever), and what makes no sense becomes ``Any``.
"""

from __future__ import annotations

import functools
import inspect
import math
import operator
from typing import Any, Literal

import msgspec

from codemode_tui.tools.mcp.names import argument_names

_PLAIN: dict[str, Any] = {
    "string": str, "integer": int, "number": float, "boolean": bool, "null": None, "array": list[Any],
    "object": dict[str, Any],
}  # fmt: skip
_DEEPEST = 6
_MOST_PARTS = 300
_LONGEST_REF = 50
_CHOICES = 20
_CHOICE_LENGTH = 60
_MOST_ARGUMENTS = 60


def signature_of(schema: Any, result: Any = None) -> tuple[inspect.Signature, dict[str, str]]:  # noqa: ANN401
    """The signature for a tool's input and output schema, and the server's name of every parameter.

    An argument that need not be given has the schema's default, or None: neither is sent.
    """
    schema = schema if isinstance(schema, dict) else {}
    given = schema.get("properties")
    properties: dict[str, Any] = (
        {k: v for k, v in given.items() if isinstance(k, str)} if isinstance(given, dict) else {}
    )
    wanted = schema.get("required")
    required = [name for name in wanted if name in properties] if _is_strings(wanted) else []
    needed = frozenset(required)
    order = [*dict.fromkeys(required), *(name for name in properties if name not in needed)][:_MOST_ARGUMENTS]
    names, types = argument_names(order), _Types(schema)
    parameters = []
    for name in order:
        kind, default = types.of(properties[name]), inspect.Parameter.empty
        if name not in needed:
            default = _default(properties[name])
            kind = kind if default is not None else _usable(_union([kind, None]))
        parameters.append(
            inspect.Parameter(names[name], inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)
        )
    returns = _Types(result).of(unwrapped(result) or result)
    return inspect.Signature(parameters, return_annotation=returns), {names[name]: name for name in order}


def unwrapped(result: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The schema below ``result``, if that is all an output schema holds: servers wrap what is no object so."""
    properties = result.get("properties") if isinstance(result, dict) else None
    if isinstance(properties, dict) and list(properties) == ["result"] and result.get("required") == ["result"]:
        return properties["result"]
    return None


class _Types:
    """The types that one schema speaks of. What refers to itself, or is endlessly wide, ends as ``Any``."""

    def __init__(self, root: Any) -> None:  # noqa: ANN401 - a JSON value
        self._root = root
        self._left = _MOST_PARTS

    def of(self, schema: Any, depth: int = 0) -> Any:  # noqa: ANN401 - a JSON value, a type form
        self._left -= 1
        if not isinstance(schema, dict) or depth > _DEEPEST or self._left < 0:
            return Any
        if isinstance(ref := schema.get("$ref"), str):
            return self.of(self._pointed(ref), depth + 1)
        choices = [schema["const"]] if "const" in schema else schema.get("enum")
        if isinstance(choices, list) and choices and (literal := _literal(choices)) is not None:
            return literal
        for key in ("anyOf", "oneOf"):
            if isinstance(several := schema.get(key), list) and several:
                return self._any_of(several, depth)
        named = schema.get("type")
        if isinstance(named, list) and named:
            rest = {key: schema[key] for key in ("items", "properties", "additionalProperties") if key in schema}
            return self._any_of([{**rest, "type": one} for one in named[: _CHOICES + 1]], depth)
        if named == "array":
            return _usable(list[self.of(schema.get("items"), depth + 1)])  # type: ignore[misc]  # made at run time
        if named == "object" and not schema.get("properties"):
            return _usable(dict[str, self.of(schema.get("additionalProperties"), depth + 1)])  # type: ignore[misc]
        return _PLAIN.get(named, Any) if isinstance(named, str) else Any

    def _any_of(self, several: list[Any], depth: int) -> Any:  # noqa: ANN401 - JSON values, a type form
        if len(several) > _CHOICES:  # read in part it would refuse what the rest allows
            return Any
        return _usable(_union([self.of(one, depth + 1) for one in several]))

    def _pointed(self, ref: str) -> Any:  # noqa: ANN401 - a JSON value
        """What a reference within the schema means; references that lead out of it mean nothing."""
        if not ref.startswith("#/"):
            return None
        found, parts = self._root, ref[2:].split("/", _LONGEST_REF)
        if len(parts) > _LONGEST_REF:
            return None
        for part in parts:
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        return found


def _literal(choices: list[Any]) -> Any:  # noqa: ANN401 - a type form
    """The choices as a type, where they are few, short and plain."""
    plain = all(one is None or (isinstance(one, int | str) and not isinstance(one, bool)) for one in choices[:_CHOICES])
    if not plain or len(choices) > _CHOICES or any(len(str(one)) > _CHOICE_LENGTH for one in choices):
        return None
    return _usable(Literal[tuple(choices)], None)


def _union(kinds: list[Any]) -> Any:  # noqa: ANN401 - a type form
    if Any in kinds:
        return Any
    if int in kinds and float in kinds:
        kinds = [kind for kind in kinds if kind is not int]
    return functools.reduce(operator.or_, dict.fromkeys(kinds))  # once each: None | None is an error


def _usable(kind: Any, instead: Any = Any) -> Any:  # noqa: ANN401 - type forms
    """``kind`` if values can be checked against it: two kinds of list in one union, for example, cannot."""
    try:
        msgspec.convert(object(), kind)
    except msgspec.ValidationError:
        return kind
    except (TypeError, ValueError, RuntimeError):  # a number that is too large for it, nesting without end
        return instead
    return kind


def _default(schema: Any) -> Any:  # noqa: ANN401 - JSON values
    """A default that may stand in a signature: plain and short. JSON has no NaN: with one no call could be sent."""
    found = schema.get("default") if isinstance(schema, dict) else None
    if isinstance(found, float) and not math.isfinite(found):
        return None
    return found if isinstance(found, bool | int | float | str) and len(str(found)) <= _CHOICE_LENGTH else None


def _is_strings(value: Any) -> bool:  # noqa: ANN401 - a JSON value
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
