"""The installed program, in a folder and a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line of an expected failure."""
        assert self.err.startswith("codemode: ") and self.err.count("\n") == 1, self.err
        return self.err.removeprefix("codemode: ").strip()


class Program:
    def __init__(self, workspace: Path, home: Path) -> None:
        self.workspace = workspace
        self.home = home
        self.env = {**os.environ, "CODEMODE_HOME": str(home), "NO_COLOR": "1"}
        self.run = ("-m", "codemode_tui")
        """What Python is given."""

    def __call__(
        self, *args: str, stdin: str | bytes | None = "", cwd: Path | None = None, timeout: float = 120
    ) -> Result:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [sys.executable, *self.run, *args],
            input=data,
            capture_output=True,
            cwd=cwd or self.workspace,
            env=self.env,
            timeout=timeout,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.txt").write_text("alpha\nbeta\ngamma\ndelta\n")
    (folder / "report-4711.md").write_text("# Report\nAll is well.\n")
    return folder


@pytest.fixture
def codemode(workspace: Path, tmp_path: Path) -> Program:
    return Program(workspace, tmp_path / "home")
