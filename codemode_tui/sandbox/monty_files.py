"""Ordinary file code in Monty, served by the tools: ``open``, ``pathlib``, ``os.listdir``."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

Call = Callable[[str, list[Any], dict[str, Any]], Awaitable[Any]]

FILE_FUNCTIONS = frozenset(
    f"Path.{name}"
    for name in (
        "exists", "is_file", "is_dir", "is_symlink", "read_text", "read_bytes", "write_text", "write_bytes",
        "append_text", "append_bytes", "unlink", "rename", "iterdir", "stat",
    )
) | {"open"}  # fmt: skip


async def serve_file(monty: ModuleType, call: Call, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401
    """One file call of the worker, by tools of the host.

    Raises:
        OSError, ValueError: as the call itself would.
    """
    path = _path(args[0])
    if name in ("Path.exists", "Path.is_file", "Path.is_dir"):
        kind = await _kind(call, path)
        return (
            kind is not None if name == "Path.exists" else kind == ("file" if name == "Path.is_file" else "directory")
        )
    if name == "Path.is_symlink":
        return False
    if name == "open":
        return await _open(monty, call, path, args[1])
    if name in ("Path.read_text", "Path.read_bytes"):
        text = await call("read_file", [path], {})
        return text if name == "Path.read_text" else text.encode()
    if name in ("Path.write_text", "Path.write_bytes", "Path.append_text", "Path.append_bytes"):
        data = args[1] if isinstance(args[1], str) else args[1].decode()
        before = await call("read_file", [path], {}) if "append" in name else ""
        await call("write_file", [path, before + data], {})
        return len(args[1])
    if name == "Path.iterdir":
        return [PurePosixPath("/", path, entry.rstrip("/")) for entry in await call("list_directory", [path], {})]
    if name == "Path.unlink":
        return await _nothing(call("delete_file", [path], {}))
    if name == "Path.rename":
        return await _nothing(call("move_file", [path, _path(args[1])], {}))
    found = await call("file_info", [path], {})
    when = datetime.datetime.fromisoformat(found["modified"]).timestamp() if found.get("modified") else None
    made = monty.StatResult
    return made.dir_stat(mtime=when) if found["kind"] == "directory" else made.file_stat(found["size"] or 0, mtime=when)


async def _open(monty: ModuleType, call: Call, path: str, mode: str) -> Any:  # noqa: ANN401 - a MontyFileHandle
    handle = monty.MontyFileHandle(f"/{path}", mode)
    kind = await _kind(call, path)
    if kind == "directory":
        raise IsADirectoryError(f"[Errno 21] Is a directory: {path!r}")
    if handle.mode[0] == "r" and kind is None:
        await call("read_file", [path], {})  # says what names are near
    if handle.mode[0] == "w" or kind is None:
        await call("write_file", [path, ""], {})
    return handle


async def _kind(call: Call, path: str) -> str | None:
    try:
        return str((await call("file_info", [path], {}))["kind"])
    except (FileNotFoundError, NotADirectoryError):
        return None


async def _nothing(work: Awaitable[Any]) -> None:
    await work


def _path(value: Any) -> str:  # noqa: ANN401 - a PurePosixPath, a handle or a text
    """Of the workspace: the worker's root stands for it."""
    return str(getattr(value, "path", value)).lstrip("/") or "."
