"""A real pseudo-terminal with the program in it: types like a person, sees what a person sees."""

from __future__ import annotations

import os
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte

from codemode_tui.store.records import StoredTurn
from codemode_tui.store.store import Store, wait

QUESTION = "How many lines are in notes.txt?"


class Terminal:
    """``codemode`` in a terminal of its own. ``text`` is what the screen shows now."""

    def __init__(
        self,
        workspace: Path,
        home: Path,
        *args: str,
        columns: int = 100,
        rows: int = 30,
        program: tuple[str, ...] = ("-m", "codemode_tui"),
        **environment: str,
    ) -> None:
        """``program``: what Python runs; ``environment``: variables to set."""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        env = {**os.environ, "CODEMODE_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            env.pop(name, None)
        env |= environment
        self.process = pexpect.spawn(
            sys.executable,
            [*program, *args],
            cwd=str(workspace),
            env=env,
            dimensions=(rows, columns),
            timeout=5,
            echo=True,
        )
        self.process.delaybeforesend = 0
        self.raw = b""

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def read(self) -> None:
        """Take in what has arrived."""
        try:
            data = self.process.read_nonblocking(65536, timeout=0.05)
        except pexpect.TIMEOUT:
            return
        self.raw += data
        self._stream.feed(data)

    def wait(self, *words: str, seconds: float = 120) -> str:
        """Until the screen shows all of ``words``."""
        return self.until(lambda text: all(word in text for word in words), f"{words!r}", seconds)

    def until(self, seen: Callable[[str], bool], what: str = "", seconds: float = 120) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                self.read()
            except pexpect.EOF:
                raise AssertionError(f"the program ended; it showed\n{self.text}") from None
            if seen(self.text):
                return self.text
        raise AssertionError(f"never saw {what}; the screen shows\n{self.text}")

    def type(self, text: str) -> None:
        self.process.send(text)

    def answer(self, key: str) -> None:
        """A key for a question that has just appeared: once it says that it takes keys."""
        self.wait("stops it")
        self.type(key)

    def wait_for_keys(self, seconds: float = 1.0) -> None:
        """As long as a choice that has just appeared ignores keys, and more."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.read()

    def end(self, seconds: float = 60) -> int:
        """Wait for the program to end; its exit code (128 + number of a signal)."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                self.read()
            except pexpect.EOF:
                break
        self.process.wait()
        status = self.process.exitstatus
        return status if status is not None else 128 + (self.process.signalstatus or 0)

    @property
    def sane(self) -> bool:
        """The terminal echoes and reads lines again, on the main screen."""
        flags = termios.tcgetattr(self.process.child_fd)[3]
        cooked = bool(flags & termios.ECHO and flags & termios.ICANON)
        entered, left = self.raw.rfind(b"\x1b[?1049h"), self.raw.rfind(b"\x1b[?1049l")
        return cooked and left > entered and self.raw.rfind(b"\x1b[?25h") > self.raw.rfind(b"\x1b[?25l")

    def close(self) -> None:
        self.process.close(force=True)


def processes(marker: str, home: Path) -> list[int]:
    """Running processes with ``marker`` in their command line that belong to ``home``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (folder / "environ").read_bytes().decode(errors="replace")
            state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if marker in line and f"CODEMODE_HOME={home}" in environment and state != "Z":
            found.append(int(folder.name))
    return sorted(found)


def stored(home: Path) -> list[StoredTurn]:
    """All turns of a home's store, read by a second program while the first may be running."""
    store = Store.open(home / "data/codemode.db")
    try:
        return [turn for session in wait(store.sessions()) for turn in wait(store.turns(session.id))]
    finally:
        store.close()


def settled(home: Path, seconds: float = 60) -> list[StoredTurn]:
    """All stored turns, once none of them is running: an answer is on the screen before its turn is over."""
    deadline = time.monotonic() + seconds
    while True:
        turns = stored(home)
        if time.monotonic() > deadline or all(turn.state != "running" for turn in turns):
            return turns
        time.sleep(0.05)
