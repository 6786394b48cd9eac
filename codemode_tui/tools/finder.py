"""Runs the search helper and waits for it, no longer than allowed."""

from __future__ import annotations

import asyncio
import builtins
import json
import sys
from pathlib import Path
from typing import Any

from codemode_tui.sandbox.spawn import end, spawn
from codemode_tui.tools.paths import Workspace
from codemode_tui.tools.types import ToolLimits

_HELPER = Path(__file__).with_name("helper.py")


class Finder:
    """Globbing and searching in a child process of its own, one per call."""

    def __init__(self, workspace: Workspace, limits: ToolLimits) -> None:
        self._workspace = workspace
        self._limits = limits

    async def glob(self, pattern: str) -> list[str]:
        """Sorted paths of the files that match."""
        return await self._ask("glob_files", {"do": "glob", "pattern": pattern})

    async def search(self, pattern: str, path: str, glob: str | None) -> list[str]:
        """``path:line: text`` of the lines that match."""
        return await self._ask("search_files", {"do": "search", "pattern": pattern, "path": path, "glob": glob})

    async def _ask(self, tool: str, request: dict[str, Any]) -> list[str]:
        limits = self._limits
        request |= {
            "root": str(self._workspace.root),
            "fd": self._workspace.fd,
            "seconds": limits.search_seconds,
            "files": limits.search_files,
            "results": limits.search_results,
            "bytes": limits.search_result_bytes,
        }
        process = await spawn(
            sys.executable, "-I", "-S", str(_HELPER),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            pass_fds=(self._workspace.fd,), cwd="/", env={"LANG": "C.UTF-8"},
        )  # fmt: skip
        try:
            async with asyncio.timeout(limits.search_seconds):
                output, _ = await process.communicate(json.dumps(request).encode())
        except TimeoutError:
            raise TimeoutError(
                f"{tool} took longer than {limits.search_seconds:g} s and was stopped; "
                "use a simpler pattern or a narrower path"
            ) from None
        finally:
            await end(process)
        return _answer(tool, output)


def _answer(tool: str, output: bytes) -> list[str]:
    try:
        answer = json.loads(output)
    except ValueError:
        raise RuntimeError(f"{tool} was stopped: it used too much processor time or memory") from None
    if "ok" in answer:
        found: list[str] = answer["ok"]
        return found
    kind: type[Exception] = getattr(builtins, answer["error"])
    raise kind(answer["message"])
