"""The tools of one run, as the sandbox calls them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemode_tui.sandbox.rpc import characters
from codemode_tui.sandbox.types import FileChange, ToolCall
from codemode_tui.tools.finder import Finder
from codemode_tui.tools.journal import Journal
from codemode_tui.tools.paths import Workspace
from codemode_tui.tools.registry import TOOLS, ToolSpec, installed
from codemode_tui.tools.toolbox import Toolbox
from codemode_tui.tools.types import Approve, ToolLimits
from codemode_tui.tools.writing import Writer

if TYPE_CHECKING:
    from codemode_tui.sandbox.commands import CommandRunner

_ARGUMENT_KEPT = 500
_PARTS_KEPT = 200
"""Of the lists and dicts of one call's arguments, whatever they lie in."""
_READING = frozenset(("read_file", "list_directory", "glob_files", "search_files", "file_info"))
_RESULTS_KEPT = 32_000
"""Characters of what reading tools gave, of one run."""


class WorkspaceTools:
    """A ``ToolHost`` over one workspace folder, for one run.

    Writes are granted by ``approve`` where it is given, else by ``allow_write``; files that make
    other programs run code are refused either way. ``journal`` is a folder for this run's
    before-images (``journal.undo`` reads it); without one the run cannot be undone. ``more`` are further
    tools, those of MCP servers. ``closed`` says why every call is refused, if it is.

    Raises:
        WorkspaceError: the workspace cannot be used.
    """

    def __init__(
        self,
        workspace: Path | Workspace,
        *,
        allow_write: bool = False,
        approve: Approve | None = None,
        commands: CommandRunner | None = None,
        journal: Path | None = None,
        limits: ToolLimits | None = None,
        more: Mapping[str, ToolSpec] | None = None,
        closed: str = "",
    ) -> None:
        self._closed = closed
        self._workspace = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
        limits = limits or ToolLimits()
        self._journal = Journal(journal, self._workspace.root, limits.journal_bytes) if journal else None
        self._writer = Writer(self._workspace, limits, allowed=allow_write, approve=approve, journal=self._journal)
        self._box = Toolbox(self._workspace, limits, self._writer, Finder(self._workspace, limits), commands)
        self._tools = TOOLS | (installed(self._workspace.root) if commands else {}) | dict(more or {})
        self.allowed: frozenset[str] | None = None
        self._calls: list[ToolCall] = []
        self._results_left = _RESULTS_KEPT

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._tools)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """Every call so far, failed ones too, in the order of their ends."""
        return tuple(self._calls)

    @property
    def files_changed(self) -> tuple[FileChange, ...]:
        return self._writer.changed

    @property
    def journal(self) -> str:
        return self._journal.name if self._journal else ""

    async def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - a JSON value
        """Run one tool (``ToolHost.call``). Errors are built-in exceptions with a sentence for the model."""
        if self.allowed is not None and name in self._tools and name not in self.allowed:
            raise PermissionError(f"{name} was not called by the code that was confirmed; call it by its name")
        began = time.perf_counter()
        bound: dict[str, Any] = {}
        error = ""
        result: Any = None
        try:
            if name not in self._tools:
                raise NameError(f"there is no tool {name!r}; there are {', '.join(self._tools)}")
            bound = self._tools[name].bind(args, kwargs)
            if self._closed:
                raise PermissionError(self._closed)
            self._workspace.check()
            result = await self._tools[name].function(self._box, **bound)
            return result
        except BaseException as caught:
            error = f"{type(caught).__name__}: {caught}"
            raise
        finally:
            spent = (time.perf_counter() - began) * 1000
            room = repeat(None, _PARTS_KEPT)
            shown = {key: _shortened(value, room) for key, value in bound.items() if value is not None}
            kept = self._kept(result) if name in _READING else None
            self._calls.append(ToolCall(name, shown, not error, round(spent, 3), error, kept))

    def _kept(self, result: Any) -> Any:  # noqa: ANN401 - a JSON value
        """A result for the record, while there is room for it."""
        size = characters(result, self._results_left)
        if result is None or size > self._results_left:
            return None
        self._results_left -= size
        return result


def _shortened(value: Any, room: Iterator[None]) -> Any:  # noqa: ANN401 - a JSON value
    """``value`` for the record. ``room`` gives one for each part that is kept."""
    if isinstance(value, str) and len(value) > _ARGUMENT_KEPT:
        return f"{value[:_ARGUMENT_KEPT]}… ({len(value):,} characters)"
    if isinstance(value, list):
        return [_shortened(item, room) for item, _ in zip(value, room, strict=False)]
    if isinstance(value, dict):
        return {
            _shortened(key, room): _shortened(item, room) for (key, item), _ in zip(value.items(), room, strict=False)
        }
    return value
