"""ctrl+z in a shell: the terminal is the shell's again, and ``fg`` brings everything back as it was."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import time

import pexpect
import pyte
import pytest


class Shell:
    """An interactive shell in a terminal."""

    def __init__(self, folder, home) -> None:
        env = {**os.environ, "CODEMODE_HOME": str(home), "TERM": "xterm-256color", "PS1": "shell> "}
        self.screen = pyte.Screen(100, 30)
        self.stream = pyte.ByteStream(self.screen)
        self.process = pexpect.spawn(
            "/bin/bash", ["--norc", "-i"], cwd=str(folder), env=env, dimensions=(30, 100), timeout=5
        )
        self.process.delaybeforesend = 0

    def wait(self, *words: str, seconds: float = 60) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(pexpect.TIMEOUT):
                self.stream.feed(self.process.read_nonblocking(65536, timeout=0.1))
            text = "\n".join(self.screen.display)
            if all(word in text for word in words):
                return text
        raise AssertionError(f"never saw {words}; the screen shows\n{text}")


def test_it_waits_in_the_background_and_comes_back_with_the_draft(workspace, home):
    shell = Shell(workspace, home)
    try:
        shell.wait("shell>")
        shell.process.send(f"{shlex.quote(sys.executable)} -m codemode_tui\r")
        shell.wait("What is a decorator?", "send")
        shell.process.send("a draft")
        shell.wait("a draft")
        shell.process.send("\x1a")
        shell.wait("Stopped")
        shell.screen.reset()
        shell.process.send("stty -a | tr ' ' '\\n' | grep -c '^-echo$\\|^-icanon$'\r")
        shell.wait("0", "shell>")  # the shell has its terminal as it was
        shell.screen.reset()
        shell.process.send("fg\r")
        shell.wait("What is a decorator?", "a draft", "◆")  # all of it, not what has changed since
        shell.process.send(" goes on")
        shell.wait("a draft goes on")
        shell.screen.reset()
        shell.process.send("\x11")
        shell.wait("shell>")
    finally:
        shell.process.close(force=True)


STOPS = 6
GUARDED = f"""
import os, signal, time
from codemode_tui.cli.guard import guarded

def work():
    seen = []
    signal.signal(signal.SIGCONT, lambda *_: seen.append(1))
    for at in range({STOPS}):
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(0.4)
        print("return", at + 1, "of", len(seen), flush=True)
    return 0

guarded(work)
"""


@pytest.mark.parametrize("back", ["fg", "kill -CONT $(jobs -p)"])
def test_who_comes_back_is_told_so_once(workspace, home, tmp_path, back):
    """A shell continues the guard and what it guards, others the guard alone. Told twice, it read the terminal twice
    over, and could not be left any more."""
    script = tmp_path / "guarded.py"
    script.write_text(GUARDED)
    shell = Shell(workspace, home)
    try:
        shell.wait("shell>")
        shell.process.send(f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}\r")
        for at in range(1, STOPS + 1):
            shell.wait("Stopped")
            shell.screen.reset()
            shell.process.send(f"{back}\r")
            shell.wait(f"return {at} of {at}")
            if at < STOPS and back != "fg":
                shell.process.send("\r")  # the shell tells of a job in the background at its next prompt
    finally:
        shell.process.close(force=True)
