"""Names of a server's tools and arguments as Python names. A server chooses its names; it never takes one of ours."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable

_LONGEST = 64
_RESERVED = frozenset([*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *sys.stdlib_module_names])
"""A function of one of these names would hide what ordinary code means by it."""


def identifier(text: str) -> str:
    """The nearest ASCII name: never empty, private, or a keyword."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text[: 4 * _LONGEST]).strip("_")[:_LONGEST] or "unnamed"
    name = f"n{name}" if name[0].isdigit() else name
    return f"{name}_" if keyword.iskeyword(name) else name


def function_names(tools: Iterable[tuple[str, str]], taken: Collection[str]) -> dict[tuple[str, str], str]:
    """A Python name for every ``(server, tool)``: the tool's own, or with the server's before it.

    The server's name is added where the tool's own is a builtin, a module, one of ``taken``, or a name that
    several tools would have: which server answers never depends on which of them has started.
    """
    pairs = list(dict.fromkeys(tools))
    alike = Counter(identifier(tool) for _, tool in pairs)
    found: dict[tuple[str, str], str] = {}
    used = {*taken, *_RESERVED}
    for server, tool in pairs:
        plain = identifier(tool)
        free = plain not in used and alike[plain] == 1
        found[server, tool] = _first_free(plain if free else f"{identifier(server)}_{plain}", used)
        used.add(found[server, tool])
    return found


def argument_names(properties: Iterable[str]) -> dict[str, str]:
    """A Python name for every property of a schema, in their order."""
    found: dict[str, str] = {}
    for name in properties:
        found[name] = _first_free(identifier(name), found.values())
    return found


def _first_free(name: str, used: Collection[str]) -> str:
    made, number = name, 1
    while made in used:
        number += 1
        made = f"{name}_{number}"
    return made
