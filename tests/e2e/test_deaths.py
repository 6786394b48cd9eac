"""kill -9, at the worst moments: the store opens, what was finished is whole, the terminal is sane."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest
from support.terminal import QUESTION, processes, settled, stored

WORKER = "codemode_tui.engine.worker"


def test_a_killed_worker_marks_the_turn_and_the_next_question_starts_a_new_one(start, home):
    terminal = start()
    terminal.wait("ready")
    (worker,) = processes(WORKER, home)
    terminal.type(QUESTION + "\r")
    terminal.wait("run this code?")
    os.kill(worker, signal.SIGKILL)
    terminal.answer("y")
    terminal.wait("killed by SIGKILL")
    terminal.type("What is a decorator?\r")
    terminal.wait("DIRECT", "function")
    first, second = settled(home)
    assert (first.state, second.state) == ("failed", "done")
    assert first.generations[0].runs[0].outcome.stdout == "4\n"
    assert processes(WORKER, home) != [worker]


def test_a_killed_interface_leaves_a_sane_terminal_and_no_process(start, home):
    terminal = start()
    terminal.wait("ready", "◆")  # the search for a sandbox, which starts processes of its own, is over
    guard = terminal.process.pid
    (drawing,) = [pid for pid in processes("-m codemode_tui", home) if pid != guard and WORKER not in _line(pid)]
    os.kill(drawing, signal.SIGKILL)
    assert terminal.end() == 128 + signal.SIGKILL
    assert terminal.sane
    assert "finished turns are stored" in terminal.raw.decode()
    _gone(home)


def test_a_killed_guard_ends_the_interface_properly(start, home):
    terminal = start()
    terminal.wait("ready")
    os.kill(terminal.process.pid, signal.SIGKILL)
    terminal.process.wait()
    _gone(home)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_window_ends_everything(start, home, number):
    terminal = start()
    terminal.wait("ready")
    terminal.type(QUESTION + "\r")
    terminal.wait("run this code?")
    os.kill(terminal.process.pid, number)
    terminal.end()
    _gone(home)
    (turn,) = stored(home)
    assert turn.state == "cancelled"


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_a_random_moment_nothing_that_was_finished_is_lost(start, home, seed):
    moment = random.Random(seed)
    terminal = start()
    terminal.wait("ready")
    terminal.type("What is a decorator?\r")
    terminal.wait("DIRECT", "function", " tokens ")
    terminal.type("\x07")
    terminal.wait("thumbs-down")
    terminal.type(QUESTION + "\r")
    time.sleep(moment.uniform(0, 0.6))
    for pid in processes("-m codemode_tui", home):
        os.kill(pid, signal.SIGKILL)
    terminal.end()
    first, *rest = settled(home)  # a killed process is not gone at once
    assert (first.query, first.state, first.rating) == ("What is a decorator?", "done", -1)
    assert "function" in first.answer
    # The screen may hear that its terminal has gone, by the death of the one before it, and stop in time.
    assert {turn.state for turn in rest} <= {"interrupted", "cancelled", "done"}
    again = start("--continue")
    again.wait("What is a decorator?", "ready")
    again.type("What is a decorator?\r")
    again.until(lambda text: text.count("DIRECT") >= 2 or "tok/s" in text, "an answer")


def _line(pid: int) -> str:
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().replace(b"\0", b" ").decode(errors="replace")


def _gone(home) -> None:
    """Every process of this home ends by itself."""
    deadline = time.monotonic() + 60
    while processes("codemode", home) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [_line(pid) for pid in processes("codemode", home)] == []
