"""Who ends a long command gets what ctrl+c would have got; who has left it running on purpose does not end it."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys

import pytest

from codemode_tui.cli import awake
from codemode_tui.cli.progress import ProgressLine

SCRIPT = """
import os, signal, sys
from codemode_tui.cli.ending import interrupt_when_told_to_end
number = getattr(signal, sys.argv[1])
signal.signal(number, getattr(signal, sys.argv[2]))
interrupt_when_told_to_end()
try:
    os.kill(os.getpid(), number)
    print("goes on")
except KeyboardInterrupt:
    print("interrupted")
"""

TWICE = """
import os, signal, sys
from codemode_tui.cli.ending import interrupt_when_told_to_end
interrupt_when_told_to_end()
try:
    os.kill(os.getpid(), getattr(signal, sys.argv[1]))
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGHUP)
    print("put away")
"""
CANCELLED = """
import asyncio, os, signal, sys
from codemode_tui.cli.playing import finish

async def work():
    try:
        os.kill(os.getpid(), getattr(signal, sys.argv[1]))
        await asyncio.sleep(60)
    finally:
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.05)
        print("put away")

try:
    finish(work())
except KeyboardInterrupt:
    pass
"""


@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(("before", "what"), [("SIG_DFL", "interrupted"), ("SIG_IGN", "goes on")])
def test_being_told_to_end_interrupts_unless_that_is_ignored(number, before, what):
    done = subprocess.run([sys.executable, "-c", SCRIPT, number, before], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == what


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("program", [TWICE, CANCELLED], ids=["interrupted", "cancelled"])
def test_a_hangup_behind_another_end_does_not_break_into_what_is_put_away(number, program):
    """A terminal that is closed is told of twice, by its shell and by the kernel."""
    done = subprocess.run([sys.executable, "-c", program, number], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("put away", "")


def test_a_line_of_progress_that_cannot_be_written_ends_nothing(monkeypatch):
    class Gone(io.StringIO):
        def isatty(self):
            return True

        def write(self, text):
            raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(sys, "stderr", Gone())
    progress = ProgressLine()
    progress.say("step 1 of 9")
    progress.clear()


def test_a_mac_is_kept_awake_as_long_as_the_command_runs(tmp_path, monkeypatch):
    assert awake.awake_argv(7, "darwin") == ["/usr/bin/caffeinate", "-i", "-w", "7"]
    assert awake.awake_argv(7, "linux") == []
    program, said = tmp_path / "caffeinate", tmp_path / "said"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{said}"\n')
    program.chmod(0o755)
    for there in (tmp_path / "missing", program):
        monkeypatch.setattr(awake, "CAFFEINATE", str(there))
        awake.keep_awake.cache_clear()
        for _ in range(2):  # a command within another
            process = awake.keep_awake("darwin")
    process.wait(60)
    awake.keep_awake.cache_clear()
    assert said.read_text() == f"-i -w {os.getpid()}\n"
