"""In a real terminal: a draft that outlives kill -9, the colours of the terminal."""

from __future__ import annotations

import os
import re
import signal

from support.terminal import processes


def test_a_draft_outlives_kill_9(start, home):
    terminal = start()
    terminal.wait("ready")
    terminal.type("half a question")
    drafts = home / "data" / "drafts"
    terminal.until(lambda _: any("half a question" in file.read_text() for file in drafts.glob("*.json")))
    for pid in processes("-m codemode_tui", home):
        os.kill(pid, signal.SIGKILL)
    terminal.end()
    again = start()
    again.wait("half a question")


def test_the_sixteen_colours_are_those_of_the_terminal(start):
    terminal = start()
    terminal.wait("ready")
    terminal.type("/theme ansi\r")
    terminal.wait("from now on")
    terminal.raw = b""
    terminal.type("/help\r")
    terminal.wait("keys and commands")
    assert not re.search(rb"\x1b\[[0-9;]*[34]8;[25];", terminal.raw) and re.search(
        rb"\x1b\[[0-9;]*3[0-7]", terminal.raw
    )
