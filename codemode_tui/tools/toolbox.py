"""The tools of CONTRACT ("Tools inside the code"), each a few lines over the room's own parts.

Their signatures and first doc lines are shown to models: they are part of the interface.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemode_tui.tools import reading
from codemode_tui.tools.commands import run_text
from codemode_tui.tools.finder import Finder
from codemode_tui.tools.near import missing
from codemode_tui.tools.paths import Workspace
from codemode_tui.tools.types import ToolLimits
from codemode_tui.tools.writing import Writer

if TYPE_CHECKING:
    from codemode_tui.sandbox.commands import CommandRunner


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What the tools of one run work with."""

    workspace: Workspace
    limits: ToolLimits
    writer: Writer
    finder: Finder
    commands: CommandRunner | None


async def read_file(box: Toolbox, path: str, start: int | None = None, lines: int | None = None) -> str:
    """Text of a file: whole, or `lines` lines from line `start` (counted from 1)."""
    return await asyncio.to_thread(reading.read_text, box.workspace, path, start, lines, box.limits)


async def write_file(box: Toolbox, path: str, content: str) -> str:
    """Write a text file, creating or replacing it; returns "success"."""
    return await box.writer.write(path, content)


async def move_file(box: Toolbox, path: str, new_path: str) -> str:
    """Move or rename a file, never onto an existing one; returns "success"."""
    return await box.writer.move(path, new_path)


async def delete_file(box: Toolbox, path: str) -> str:
    """Delete a file; returns "success".

    A path that ends in ``/`` names a folder, which is deleted if it is empty.
    """
    return await box.writer.delete(path)


async def file_info(box: Toolbox, path: str) -> dict[str, str | int | None]:
    """{"size" in bytes, "modified" (ISO 8601, UTC), "kind", "lines"} of a file or folder."""
    return await asyncio.to_thread(reading.info, box.workspace, path)


async def list_directory(box: Toolbox, path: str = ".") -> list[str]:
    """Sorted names in a folder; folders end in "/"."""
    return await asyncio.to_thread(reading.names, box.workspace, path)


async def glob_files(box: Toolbox, pattern: str) -> list[str]:
    """Sorted paths of files; `**` is any number of folders, hidden and ignored files are left out."""
    return await box.finder.glob(pattern)


async def search_files(box: Toolbox, pattern: str, path: str = ".", glob: str | None = None) -> list[str]:
    """Lines that match a regular expression, as "path:line: text"; `glob` chooses the files."""
    try:
        return await box.finder.search(pattern, path, glob)
    except FileNotFoundError:
        raise (await asyncio.to_thread(missing, box.workspace, path)) from None


async def run_command(box: Toolbox, command: str, args: list[str] | None = None, cwd: str | None = None) -> str:
    """Run a program (no shell); returns its output, then "[exit status N]" if it failed."""
    limit = box.limits.command_seconds
    return await run_text(box.commands, box.workspace, command, args, cwd, limit, box.writer.note)
