"""The drawn REPL in a real terminal, on a scripted conversation (``stage.py``)."""

from __future__ import annotations

import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.terminal import Terminal

STAGE = Path(__file__).parent / "stage.py"
if sys.platform == "win32":
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def begin(name: str = "", **more: object) -> Terminal:
        terminal = Terminal(tmp_path, tmp_path / "home", name, program=(str(STAGE),), **more)  # type: ignore[arg-type]
        opened.append(terminal)
        terminal.wait("ready")
        return terminal

    yield begin
    for terminal in opened:
        terminal.close()


def cooked(terminal: Terminal) -> bool:
    """The terminal echoes and reads lines again, and shows its cursor."""
    flags = termios.tcgetattr(terminal.process.child_fd)[3]
    shown = terminal.raw.rfind(b"\x1b[?25h") > terminal.raw.rfind(b"\x1b[?25l")
    return bool(flags & termios.ECHO and flags & termios.ICANON) and shown
