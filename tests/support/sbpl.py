"""A small evaluator of Seatbelt profiles: the last rule that matches decides, as in the kernel."""

from __future__ import annotations

import re
from typing import Any

Form = list[Any]


def parse(text: str) -> list[Form]:
    """S-expressions; strings keep their quotes off, ``#"…"`` is a regular expression."""
    tokens = re.findall(r';[^\n]*|#"(?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+', text)
    stack: list[Form] = [[]]
    for token in tokens:
        if token.startswith(";"):
            continue
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        elif token.startswith('#"'):
            stack[-1].append(re.compile(token[2:-1]))
        else:
            stack[-1].append(token.strip('"') if token.startswith('"') else token)
    assert len(stack) == 1, "parentheses do not match"
    return stack[0]


def allowed(profile: str, parameters: dict[str, str], operation: str, path: str = "") -> bool:
    """What the profile says about one operation on one path."""
    verdict = False
    for form in parse(profile):
        if form[0] not in ("allow", "deny"):
            continue
        operations = [item for item in form[1:] if isinstance(item, str)]
        filters = [item for item in form[1:] if isinstance(item, list)]
        if not any(_covers(name, operation) for name in operations):
            continue
        if filters and not any(_matches(item, parameters, path) for item in filters):
            continue
        verdict = form[0] == "allow"
    return verdict


def _covers(rule: str, operation: str) -> bool:
    if rule == "default" or rule == operation:
        return True
    return rule.endswith("*") and operation.startswith(rule[:-1])


def _matches(item: Form, parameters: dict[str, str], path: str) -> bool:
    kind, *rest = item
    if kind == "require-all":
        return all(_matches(part, parameters, path) for part in rest)
    if kind == "vnode-type":
        return path.startswith("/dev/")
    if kind in ("literal", "path", "subpath"):
        wanted = parameters[rest[0][1]] if isinstance(rest[0], list) else rest[0]
        return path == wanted or (kind == "subpath" and path.startswith(wanted.rstrip("/") + "/"))
    if kind == "regex":
        return any(pattern.search(path) for pattern in rest)
    return False
