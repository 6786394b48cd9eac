"""The tools of code that somebody has confirmed: what the panel did not name, the code cannot use."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from codemode_tui.sandbox.types import FileChange, ToolCall, ToolHost

FREE = frozenset((
    "read_file", "write_file", "move_file", "delete_file", "file_info", "list_directory", "glob_files", "search_files",
))  # fmt: skip
"""Ordinary file code reaches these without naming them (``open``, ``pathlib``); each change still asks by itself."""


class ConfirmedTools:
    """A ``ToolHost``: ``host``, without what has effects and is not among ``named``."""

    def __init__(self, host: ToolHost, named: Collection[str]) -> None:
        self._host = host
        self._allowed = FREE | set(named)

    @property
    def names(self) -> tuple[str, ...]:
        return self._host.names

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        return self._host.calls

    @property
    def files_changed(self) -> tuple[FileChange, ...]:
        return self._host.files_changed

    @property
    def journal(self) -> str:
        return self._host.journal

    async def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - a JSON value
        if name in self._host.names and name not in self._allowed:
            raise PermissionError(f"{name} was not called by the code that was confirmed; call it by its name")
        return await self._host.call(name, args, kwargs)
