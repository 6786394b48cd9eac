"""Ordinary file code in Monty, served by the tools: ``open``, ``pathlib``, ``os.listdir``."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, NamedTuple

from codemode_tui.sandbox.bwrap import WORKSPACE

Call = Callable[[str, list[Any], dict[str, Any]], Awaitable[Any]]

FILE_FUNCTIONS = frozenset(
    f"Path.{name}"
    for name in (
        "exists", "is_file", "is_dir", "is_symlink", "read_text", "read_bytes", "write_text", "write_bytes",
        "append_text", "append_bytes", "unlink", "rename", "iterdir", "stat",
    )
) | {"open"}  # fmt: skip


_KNOWN_PATH = ("read_file", "file_info", "write_file")
"""Tools that look at the file they name and at no other."""
_KEPT = 64 * 1024 * 1024
"""Bytes of one file; it is sent before it has more."""


class _Unsent(NamedTuple):
    data: bytearray
    adds: bool
    """To be put behind what the file holds by then."""


class Files:
    """The files of one program.

    The worker does not tell when a file is closed. What is written is kept, and sent once something may look at it or
    the program ends: each sending may ask the user, and a file that is emptied first could stay empty.
    """

    def __init__(self, monty: ModuleType, call: Call) -> None:
        self._monty, self._call = monty, call
        self._unsent: dict[str, _Unsent] = {}

    async def settle(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Before a tool is called: what it is to find in the workspace is there.

        Raises:
            OSError, ValueError: it could not be written.
        """
        if name in _KNOWN_PATH:
            await self._send(workspace_path(args[0] if args else kwargs.get("path")))
            return
        for path in [path for path, unsent in self._unsent.items() if unsent.data]:
            await self._send(path)

    async def finish(self, *, failed: bool) -> None:
        """Send what is left. What a program that ``failed`` has opened, and written nothing to, stays as it was.

        Raises:
            OSError, ValueError: the first that could not be written.
        """
        lost: Exception | None = None
        for path, unsent in list(self._unsent.items()):
            if unsent.data or not failed:
                try:
                    await self._send(path)
                except Exception as error:
                    lost = lost or error
        if lost is not None:
            raise lost

    async def serve(self, name: str, args: list[Any]) -> Any:  # noqa: ANN401
        """One file call of the worker, by tools of the host.

        Raises:
            OSError, ValueError: as the call itself would.
        """
        path = workspace_path(args[0])
        if name in ("Path.exists", "Path.is_file", "Path.is_dir"):
            kind = await self._kind(path)
            return (
                kind is not None
                if name == "Path.exists"
                else kind == ("file" if name == "Path.is_file" else "directory")
            )
        if name == "Path.is_symlink":
            return False
        if name == "open":
            return await self._open(path, str(args[0]), args[1])
        if name in ("Path.read_text", "Path.read_bytes"):
            text = await self._tool("read_file", path)
            return text if name == "Path.read_text" else text.encode()
        if name in ("Path.append_text", "Path.append_bytes"):
            return await self._append(path, args[1])
        if name in ("Path.write_text", "Path.write_bytes"):
            await self._tool("write_file", path, args[1] if isinstance(args[1], str) else args[1].decode())
            return len(args[1])
        if name == "Path.iterdir":
            return [PurePosixPath(path, entry.rstrip("/")) for entry in await self._tool("list_directory", path)]
        if name == "Path.unlink":
            await self._tool("delete_file", path)
            return None
        if name == "Path.rename":
            await self._tool("move_file", path, workspace_path(args[1]))
            return None
        found = await self._tool("file_info", path)
        when = datetime.datetime.fromisoformat(found["modified"]).timestamp() if found.get("modified") else None
        made = self._monty.StatResult
        folder = found["kind"] == "directory"
        return made.dir_stat(mtime=when) if folder else made.file_stat(found["size"] or 0, mtime=when)

    async def _open(self, path: str, whole: str, mode: str) -> Any:  # noqa: ANN401 - a MontyFileHandle
        handle = self._monty.MontyFileHandle(whole, mode)
        unsent = handle.mode[0] != "r" and path in self._unsent  # to be looked at it would have to be sent
        kind = "file" if unsent else await self._kind(path)
        if kind == "directory":
            raise IsADirectoryError(f"[Errno 21] Is a directory: {path!r}")
        if handle.mode[0] == "r" and kind is None:
            await self._tool("read_file", path)  # says what names are near
        if handle.mode[0] == "w" or kind is None:
            self._unsent[path] = _Unsent(bytearray(), adds=False)
        return handle

    async def _append(self, path: str, data: str | bytes) -> int:
        added = data.encode() if isinstance(data, str) else data
        if path in self._unsent and len(self._unsent[path].data) + len(added) > _KEPT:
            await self._send(path)
        self._unsent.setdefault(path, _Unsent(bytearray(), adds=True)).data.extend(added)
        return len(data)

    async def _send(self, path: str) -> None:
        unsent = self._unsent.pop(path, None)
        if unsent is not None:
            text = unsent.data.decode()
            before = await self._call("read_file", [path], {}) if unsent.adds else ""
            await self._call("write_file", [path, before + text], {})

    async def _tool(self, name: str, *args: str) -> Any:  # noqa: ANN401 - a JSON value
        await self.settle(name, list(args), {})
        return await self._call(name, list(args), {})

    async def _kind(self, path: str) -> str | None:
        try:
            return str((await self._tool("file_info", path))["kind"])
        except (FileNotFoundError, NotADirectoryError):
            return None


def workspace_path(value: Any) -> str:  # noqa: ANN401 - a PurePosixPath or a text
    """As tools take it: seen from the workspace, where the worker's current folder is; any other as it is."""
    path = posixpath.normpath(str(value))
    return "." if path == WORKSPACE else path.removeprefix(f"{WORKSPACE}/")
