"""The search helper: a killable child process that globs and greps one workspace.

Started as ``python -I -S helper.py`` with the workspace's descriptor; reads one JSON request from
stdin, writes one JSON answer to stdout. A pattern that backtracks for ever costs this process its
life and nothing else. Reads files only by walking from that descriptor; limits itself first.
"""

from __future__ import annotations

import io
import json
import os
import re
import resource
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # Appended, so that the standard library always wins; `-I` keeps the current folder out.
    sys.path.append(str(Path(__file__).resolve().parents[2]))

from codemode_tui.tools.globbing import Glob
from codemode_tui.tools.paths import Workspace
from codemode_tui.tools.tree import TooMany, Walker

_MEMORY = 1 << 30
_SNIFF = 8192
_WHOLE = 16 * 1024 * 1024
"""Files up to this size are looked through in memory; larger ones line by line."""


class TooMuch(Exception):
    """More results than the budget allows."""


def main() -> None:
    request = json.loads(sys.stdin.buffer.read())
    _confine(request["seconds"])
    try:
        answer: dict[str, Any] = {"ok": run(request)}
    except TooMany:
        answer = _failed(ValueError("too many files or folders to look through; name a narrower folder or pattern"))
    except TooMuch:
        answer = _failed(ValueError("too many matches to return; use a narrower pattern, path or glob"))
    except re.error as error:
        answer = _failed(ValueError(f"bad pattern {request['pattern']!r}: {error}"))
    except (RecursionError, OverflowError):
        answer = _failed(ValueError(f"bad pattern {request['pattern'][:80]!r}: it is too large or too deeply nested"))
    except MemoryError:
        answer = _failed(ValueError("the search needs too much memory; name a narrower folder or pattern"))
    except (OSError, ValueError) as error:
        answer = _failed(error)
    sys.stdout.buffer.write(json.dumps(answer).encode())


def run(request: dict[str, Any]) -> list[str]:
    """``glob``: paths. ``search``: ``path:line: text``. See ``finder.Finder`` for the fields."""
    workspace = Workspace(request["root"], fd=request["fd"])
    walker = Walker(workspace, request["files"])
    results = _Results(request["results"], request["bytes"])
    if request["do"] == "glob":
        try:
            pattern = workspace.below(request["pattern"], request["pattern"])
        except PermissionError:
            return []  # nothing outside is a file of the workspace
        for path in walker.files(".", Glob(pattern)):
            results.add(path)
        return sorted(results.items)
    regex = re.compile(request["pattern"])
    needed = literal(request["pattern"])
    base = request["path"]
    with workspace.find(base) as place:
        if place.info is None:
            raise FileNotFoundError(f"{base} does not exist")
        if place.is_file:
            _search(workspace, place.path, regex, needed, results)
            return results.items
        top = place.path
    glob = request["glob"]
    try:
        glob = glob and workspace.below(glob, glob)
    except PermissionError:
        return []  # as above
    for path in walker.files(top, _filter(glob, top)):
        _search(workspace, path, regex, needed, results)
    return results.items


def _filter(glob: str | None, base: str) -> Glob:
    """A glob without a slash is about names, at any depth; others are relative to ``base``."""
    if not glob:
        return Glob("**")
    glob = glob.removeprefix("./")
    if base != ".":
        glob = glob.removeprefix(base + "/")
    return Glob(glob if "/" in glob or glob == "**" else f"**/{glob}")


def literal(pattern: str) -> bytes:
    """The longest text that every match must contain, empty if there is none.

    Most files hold no match; looking for these bytes first is several times cheaper than trying the
    expression on each of their lines.
    """
    parsed = re._parser.parse(pattern)  # type: ignore[attr-defined] # no public way to see a pattern's parts
    if parsed.state.flags & re.IGNORECASE:
        return b""
    runs, run = [""], ""
    for operation, argument in parsed:
        run = run + chr(argument) if str(operation) == "LITERAL" else ""
        runs.append(run)
    best = max(runs, key=len)
    return best.encode("utf-8", "ignore") if best.isascii() else b""


def _search(workspace: Workspace, path: str, regex: re.Pattern[str], needed: bytes, results: _Results) -> None:
    try:
        with workspace.find(path) as place:
            stream = os.fdopen(place.open_file(), "rb")
    except OSError:  # gone since it was listed, or not readable: as `grep -s`
        return
    with stream:
        if b"\0" in stream.read(_SNIFF):
            return
        stream.seek(0)
        lines: Iterable[bytes] = stream
        if os.fstat(stream.fileno()).st_size <= _WHOLE:
            data = stream.read(_WHOLE)
            if needed not in data:
                return
            lines = io.BytesIO(data)
        for number, raw in enumerate(lines, 1):
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            if regex.search(line):
                results.add(f"{path}:{number}: {line}")


class _Results:
    def __init__(self, count: int, size: int) -> None:
        self.items: list[str] = []
        self._count = count
        self._size = size

    def add(self, item: str) -> None:
        self._count -= 1
        self._size -= len(item) + 4
        if self._count < 0 or self._size < 0:
            raise TooMuch
        self.items.append(item)


def _confine(seconds: float) -> None:
    """Limits that outlive a host which dies before it can kill us."""
    cpu = int(seconds) + 1
    limits = [
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 512),
        (resource.RLIMIT_AS, _MEMORY),
    ]
    for what, value in limits:
        _, hard = resource.getrlimit(what)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(what, (value, value))
        except (OSError, ValueError):  # macOS refuses RLIMIT_AS; wall time still bounds the work
            continue


def _failed(error: Exception) -> dict[str, Any]:
    kind = next(t.__name__ for t in type(error).__mro__ if t.__module__ == "builtins")
    return {"error": kind, "message": str(error)}


if __name__ == "__main__":
    main()
