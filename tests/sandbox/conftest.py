"""Backends of this machine, a workspace, and a run in one line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from codemode_tui.sandbox.commands import CommandRunner
from codemode_tui.sandbox.select import choose
from codemode_tui.sandbox.types import Limits, Outcome
from codemode_tui.tools.closed import closed_paths
from codemode_tui.tools.host import WorkspaceTools

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="these are the Linux backends")
QUICK = Limits(wall_seconds=10, memory_mb=256)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "notes.txt").write_text("one\ntwo\nthree\n")
    (folder / "src").mkdir()
    (folder / "src" / "main.py").write_text("print('hi')\n")
    (folder / ".env").write_text("TOKEN=secret\n")
    return folder


@pytest.fixture(params=["bwrap", "landlock"])
def backend(request) -> str:
    if sys.platform != "linux":
        pytest.skip("these are the Linux backends")
    return request.param


class Runner:
    """Runs code in one backend and workspace."""

    def __init__(self, backend: str, workspace: Path) -> None:
        self.backend = backend
        self.workspace = workspace
        self.shown: list[tuple[str, str]] = []

    async def __call__(self, code: str, *, write: bool = False, limits: Limits = QUICK, stop=None) -> Outcome:
        sandbox = await choose(self.backend)
        commands = CommandRunner(self.workspace, allow_write=write, closed=closed_paths)
        tools = WorkspaceTools(self.workspace, allow_write=write, commands=commands)
        return await sandbox.run(
            code, tools, limits, stop=stop, on_output=lambda stream, text: self.shown.append((stream, text))
        )


@pytest.fixture
def run(backend: str, workspace: Path) -> Runner:
    return Runner(backend, workspace)


@pytest.fixture
def bwrap_run(workspace: Path) -> Runner:
    """For what does not depend on the backend."""
    if sys.platform != "linux":
        pytest.skip("these are the Linux backends")
    return Runner("bwrap", workspace)
