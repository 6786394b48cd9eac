"""An evaluator of Seatbelt profiles: of the rules that match an operation on a path, the last one decides.

It knows the part of the language that our profiles use and fails on everything else: a filter that it
did not understand could hide a hole.
"""

from __future__ import annotations

import functools
import os
import re
from typing import Any

Form = list[Any]

OPERATIONS = (
    "file-read-data", "file-read-metadata", "file-read-xattr", "file-test-existence", "file-map-executable",
    "file-write-data", "file-write-create", "file-write-unlink", "file-write-mode", "file-write-owner",
    "file-write-flags", "file-write-times", "file-write-xattr", "file-write-setugid", "file-link", "file-clone",
    "file-ioctl", "file-mknod", "file-mount", "process-exec", "process-exec-interpreter", "process-fork",
    "process-info-pidinfo", "signal", "sysctl-read", "sysctl-write", "mach-lookup", "mach-register",
    "network-outbound", "network-inbound", "network-bind", "system-socket", "iokit-open", "ipc-posix-shm-read-data",
    "ipc-posix-shm-write-create", "ipc-posix-shm-write-data", "ipc-posix-shm-write-unlink", "ipc-posix-sem",
    "pseudo-tty", "user-preference-read", "appleevent-send", "job-creation",
)  # fmt: skip
READS = ("file-read-data", "file-read-xattr", "file-map-executable", "process-exec")
WRITES = tuple(name for name in OPERATIONS if name.startswith("file-write") or name in ("file-link", "file-clone"))
_TOKEN = re.compile(r';[^\n]*|#"(?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+')


class Text(str):
    """A string of the profile, as against a symbol."""


@functools.lru_cache(64)
def parse(text: str) -> list[Form]:
    """S-expressions; a string is a ``Text``, ``#"…"`` a regular expression, all else a symbol."""
    stack: list[Form] = [[]]
    end = 0
    for found in _TOKEN.finditer(text):
        assert not text[end : found.start()].strip(), f"not understood: {text[end : found.start()]!r}"
        end, token = found.end(), found.group()
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
            stack[-1].append(Text(token[1:-1]) if token.startswith('"') else token)
    assert len(stack) == 1 and not text[end:].strip(), "parentheses or quotes do not match"
    return stack[0]


def allowed(profile: str, parameters: dict[str, str], operation: str, path: str = "") -> bool:
    """What the profile says about one operation on one real path (a name, for ``sysctl-read``)."""
    assert operation in OPERATIONS, operation
    assert not path.startswith("/") or path == os.path.normpath(path), "the kernel compares real paths"
    version, default, *rules = parse(profile)
    assert version == ["version", "1"] and default == ["deny", "default"]
    verdict = False
    for action, *rest in rules:
        assert action in ("allow", "deny")
        names = [item for item in rest if isinstance(item, str)]
        filters = [item for item in rest if isinstance(item, list)]
        assert names and all(any(_covers(name, known) for known in OPERATIONS) for name in names), names
        matching = [_matches(item, parameters, path) for item in filters] or [True]
        if any(_covers(name, operation) for name in names) and any(matching):
            verdict = action == "allow"
    return verdict


def effective(profile: str, parameters: dict[str, str]) -> str:
    """The profile with its parameters filled in, one filter a line: for golden files."""
    text = re.sub(r'\(param "(\w+)"\)', lambda found: f'"{parameters[found.group(1)]}"', profile)
    return re.sub(r"\) \(", ")\n  (", text)


def _covers(rule: str, operation: str) -> bool:
    return rule == operation or (rule.endswith("*") and operation.startswith(rule[:-1]))


def _matches(item: Form, parameters: dict[str, str], path: str) -> bool:
    kind, *rest = item
    if kind == "require-all":
        return all([_matches(part, parameters, path) for part in rest])
    if kind == "require-any":
        return any([_matches(part, parameters, path) for part in rest])
    if kind == "require-not":
        return not _matches(rest[0], parameters, path)
    if kind in ("regex", "ipc-posix-name-regex"):
        return any(pattern.search(path) for pattern in rest)
    if kind == "vnode-type":
        return path in ("/dev/null", "/dev/zero", "/dev/tty")
    if kind == "target":
        return path == ""
    if kind == "param":
        raise AssertionError("a parameter is no filter")
    (wanted,) = rest
    if isinstance(wanted, list):
        assert wanted[0] == "param" and isinstance(wanted[1], Text)
        wanted = parameters[wanted[1]]
    else:
        assert isinstance(wanted, Text), f"{wanted} is no string"
    if kind in ("literal", "path", "sysctl-name"):
        return path == wanted
    if kind == "sysctl-name-prefix":
        return path.startswith(wanted)
    assert kind == "subpath", kind
    return path == wanted or path.startswith(wanted.rstrip("/") + "/")
