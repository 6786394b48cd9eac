"""In a real terminal: a draft that outlives kill -9, a session taken up again, the colours of the terminal."""

from __future__ import annotations

import os
import re
import signal

from support.terminal import QUESTION, processes


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


def test_a_session_is_found_by_its_answer_and_goes_on(start, home):
    terminal = start()
    terminal.wait("ready", "◆")
    terminal.type("What is a decorator?\r")
    terminal.wait("DIRECT", "tok/s", "ready")
    terminal.type("/new\r")
    terminal.wait("Nothing leaves this machine")
    terminal.type("\x1bOQ")  # f2
    terminal.wait("type to search", "What is a decorator?")
    terminal.type("function")
    terminal.wait("[function]")
    terminal.type("\r")
    terminal.wait("DIRECT", "What is a decorator?", "ready", "enter send")
    terminal.type("@no")
    terminal.wait("› notes.txt")
    terminal.type("\t\x15" + QUESTION + "\r")
    terminal.wait("run this code?")


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
