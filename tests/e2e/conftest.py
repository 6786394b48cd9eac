from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from support.terminal import Terminal

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # they find their processes through /proc


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.txt").write_text("alpha\nbeta\ngamma\ndelta\n")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Its engine is shared, as a user's is, and ends with its last client: nothing may be left then."""
    file = tmp_path / "home" / "config" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("[engine]\nlinger_minutes = 0\n")
    return tmp_path / "home"


@pytest.fixture
def start(workspace: Path, home: Path):
    """Starts the program in a terminal; every terminal is gone after the test."""
    opened: list[Terminal] = []

    def begin(*args: str, **more: Any) -> Terminal:
        opened.append(Terminal(workspace, home, *args, **{"CODEMODE_ENGINE": "", **more}))
        return opened[-1]

    yield begin
    for terminal in opened:
        terminal.close()
