"""Who ends a long command gets what ctrl+c would have got; who has left it running on purpose does not end it."""

from __future__ import annotations

import subprocess
import sys

import pytest

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


@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(("before", "what"), [("SIG_DFL", "interrupted"), ("SIG_IGN", "goes on")])
def test_being_told_to_end_interrupts_unless_that_is_ignored(number, before, what):
    done = subprocess.run([sys.executable, "-c", SCRIPT, number, before], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == what
