"""A terminal that goes away takes the interface along, whatever that waits for."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys

import pytest

STUCK = """
import threading
from codemode_tui.cli import tui
tui.WATCH_SECONDS = tui.GRACE_SECONDS = 0.05
threading.Thread(target=tui.end_without_terminal, daemon=True).start()
print("up", flush=True)
threading.Event().wait()
"""


def test_an_interface_that_waits_for_ever_ends_with_its_terminal():
    master, slave = pty.openpty()
    program = subprocess.Popen([sys.executable, "-c", STUCK], stdin=slave, stdout=subprocess.PIPE)
    try:
        assert program.stdout.readline() == b"up\n" and program.poll() is None
        os.close(slave)
        os.close(master)
        assert program.wait(60) == 128 + signal.SIGHUP
    finally:
        program.kill()
        program.stdout.close()


@pytest.mark.parametrize("term", ["dumb", "unknown", "", None])
def test_a_terminal_that_cannot_draw_is_told_of_the_lines(codemode, term):
    master, slave = pty.openpty()
    env = {name: value for name, value in {**codemode.env, "TERM": term}.items() if value is not None}
    try:
        program = [sys.executable, "-m", "codemode_tui"]
        code = subprocess.run(
            program, stdin=slave, stdout=slave, stderr=slave, cwd=codemode.workspace, env=env, timeout=120
        ).returncode
        said = os.read(master, 65536).decode()
    finally:
        os.close(slave)
        os.close(master)
    named = f"TERM is {term}" if term else "TERM is not set"
    assert code == 2 and said.count("\n") == 1 and "\x1b" not in said
    assert named in said and "codemode repl is the same conversation" in said


MEASURED = """
import os
from codemode_tui.cli import bench_decode, tui
tui.WATCH_SECONDS = tui.GRACE_SECONDS = 0.05
bench_decode.show("/nowhere/at/all", (1,), os.open(os.devnull, os.O_RDWR))
"""


def test_an_interface_that_is_measured_ends_with_its_terminal_too():
    master, slave = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-c", MEASURED], stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    try:
        os.close(slave)
        assert os.read(master, 1)
        assert program.poll() is None
        os.close(master)
        assert program.wait(60) == 128 + signal.SIGHUP
    finally:
        program.kill()
        program.wait()
