"""The files that a stored turn was asked over, from what its runs read and what is in its workspace now."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from codemode_tui.protocol.python import tree_of
from codemode_tui.sandbox.types import ToolCall
from codemode_tui.store.records import StoredRun
from codemode_tui.tools.protected import is_secret
from codemode_tui.training.workbench import read_text

MOST_FILES = 200
_FOUND = re.compile(r"(?P<path>[^:\n]+):(?P<line>\d+): (?P<text>.*)")
_CHANGES = {"write_file": ("path",), "move_file": ("path", "new_path"), "delete_file": ("path",)}


def rebuild(runs: Iterable[StoredRun], workspace: Path | None) -> dict[str, str]:
    """Files by path, as they were before the first of ``runs``.

    What a run has read stands as it was read. Of other files that runs have named or listed, the workspace has
    the text; where it has none, they are empty, or hold the lines that a search found. Whether these files do is
    for the caller to prove: by running the code again.

    Args:
        runs: in the order in which they happened.
        workspace: where they ran; None if it is gone.
    """
    known = _Known()
    for run in runs:
        known.named |= literals(run.code)
        if run.outcome is not None:
            for call in run.outcome.tool_calls:
                known.learn(call)
            for one in run.outcome.files_changed:
                known.changes.setdefault(_plain(one.path), one.change)
    files: dict[str, str] = {}
    for path in sorted(known.paths())[:MOST_FILES]:
        text = known.text(path, workspace)
        if text is not None:
            files[path] = text
    return {path: text for path, text in files.items() if not any(other.startswith(f"{path}/") for other in files)}


class _Known:
    """What the calls of some runs tell of the files before them."""

    def __init__(self) -> None:
        self.read: dict[str, str] = {}
        self.listed: set[str] = set()
        self.named: set[str] = set()
        self.changes: dict[str, str] = {}
        """What the first run that changed a path did with it: ``created``, ``modified`` or ``deleted``."""
        self._lines: dict[str, dict[int, str]] = {}
        self._changed: set[str] = set()
        self._moved: dict[str, str] = {}

    def learn(self, call: ToolCall) -> None:
        """Take one call in. What was changed before tells nothing of the beginning any more."""
        path = _plain(call.args.get("path"))
        if call.name in _CHANGES:
            if call.ok:
                touched = [_plain(call.args.get(name)) for name in _CHANGES[call.name]]
                if call.name == "move_file" and touched[0] not in self._changed:
                    self._moved[touched[0]] = touched[1]
                self._changed.update(touched)
            self.named.add(path)
            return
        if path:
            self.named.add(path)
        result = call.result
        if call.name == "read_file" and isinstance(result, str) and path not in self._changed:
            start, lines = call.args.get("start"), call.args.get("lines")
            if start is None and lines is None:
                self.read.setdefault(path, result)
            else:
                numbered = enumerate(result.splitlines(), start if isinstance(start, int) else 1)
                self._add_lines(path, numbered)
        elif call.name == "list_directory" and isinstance(result, list):
            base = "" if path in ("", ".") else f"{path}/"
            self._list(f"{base}{name}" for name in result if isinstance(name, str) and not name.endswith("/"))
        elif call.name == "glob_files" and isinstance(result, list):
            self._list(name for name in result if isinstance(name, str))
        elif call.name == "search_files" and isinstance(result, list):
            for match in filter(None, (_FOUND.fullmatch(line) for line in result if isinstance(line, str))):
                self._list([match["path"]])
                self._add_lines(match["path"], [(int(match["line"]), match["text"])])
        elif call.name == "file_info" and isinstance(result, dict) and result.get("kind") == "file":
            self._list([path])

    def paths(self) -> set[str]:
        found = {*self.read, *self.listed, *self.named, *self.changes}
        return {path for path in found if _inside(path) and not is_secret(path.split("/"))}

    def text(self, path: str, workspace: Path | None) -> str | None:
        """The text of a file before all runs, as well as it can be told; None if there was no such file."""
        if path in self.read:
            return self.read[path]
        change = self.changes.get(path)
        if change == "created":
            return None
        if change is not None:  # the workspace has only what became of it
            moved = self._moved.get(path)
            now = _now(workspace, moved) if workspace is not None and moved else None
            return now or self._sketch(path)
        now = _now(workspace, path) if workspace is not None else None
        return self._sketch(path) if now is None and path in self.listed else now

    def _sketch(self, path: str) -> str:
        """What is known of a file that was never read whole: single lines, the others empty."""
        lines = self._lines.get(path, {})
        return "".join(f"{lines.get(number, '')}\n" for number in range(1, max(lines, default=0) + 1))

    def _list(self, paths: Iterable[str]) -> None:
        self.listed |= {path for path in map(_plain, paths) if path not in self._changed}

    def _add_lines(self, path: str, lines: Iterable[tuple[int, str]]) -> None:
        if path not in self._changed:
            self.listed.add(path)
            known = self._lines.setdefault(path, {})
            for number, text in lines:
                if 0 < number <= 10_000:
                    known.setdefault(number, text)


def _now(workspace: Path, path: str) -> str | None:
    """The text of a file of the workspace as it is now; no link leads out of it."""
    file = workspace / path
    try:
        if not file.resolve().is_relative_to(workspace.resolve()) or not file.is_file():
            return None
    except (OSError, RuntimeError):  # a link that leads to itself
        return None
    return read_text(file)


def literals(code: str) -> set[str]:
    """Texts in the code that may be paths; nothing of code that is no Python."""
    tree = tree_of(code)
    return set(filter(None, map(_plain, _strings(tree)))) if tree is not None else set()


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 300:
            yield node.value


def _plain(path: object) -> str:
    """One spelling of a relative path; empty for what is none."""
    if not isinstance(path, str) or not path.strip() or "\n" in path or "\0" in path:
        return ""
    return str(PurePosixPath(path))


def _inside(path: str) -> bool:
    return not path.startswith(("/", "~")) and all(part not in ("", ".", "..") for part in path.split("/"))
