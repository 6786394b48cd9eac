"""Two terminals and `ask` on one engine: killed in mid-stream, without its starter, and gone with the last of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

from support.processes import left
from support.terminal import processes, settled, stored

WORKER = "codemode_tui.engine.worker"
GARBAGE = "\n[sampling]\ntemp = 5.0\nmax_tokens = 1500\n"


def test_the_engine_is_killed_while_one_of_two_terminals_reads_from_it(start, home):
    config = home / "config/config.toml"
    config.write_text(config.read_text() + GARBAGE)  # mostly a long message
    first = start()
    first.wait("ready")
    second = start()
    second.wait("ready")
    (worker,) = processes(WORKER, home)
    stopped_in_mid_stream(first, home, worker)
    os.kill(worker, signal.SIGKILL)
    first.wait("killed by SIGKILL", "f5 starts it again")
    second.wait("the engine has stopped", "f5 starts it again")
    turn = settled(home)[-1]
    assert turn.state == "failed" and turn.generations[0].raw
    second.type("\x1b[15~")
    second.wait("ready")
    first.type("\x1b[15~")
    first.wait("ready", "Tell me everything")
    (again,) = processes(WORKER, home)
    assert again != worker
    for terminal in (first, second):
        terminal.type("\x11")
        assert terminal.end() == 0 and terminal.sane
    assert left([again]) == []


def stopped_in_mid_stream(terminal, home, worker):
    """Ask until the engine stands still within a message whose beginning is stored: chance may end one at once."""
    for asked in range(1, 9):
        terminal.type("/direct Tell me everything\r")
        terminal.until(lambda _, n=asked: begun(stored(home), n), "a stored beginning")
        os.kill(worker, signal.SIGSTOP)
        deadline = time.monotonic() + 1  # what it wrote before may be on its way still
        while time.monotonic() < deadline and stored(home)[-1].state == "running":
            terminal.read()
        if stored(home)[-1].state == "running":
            return
        os.kill(worker, signal.SIGCONT)
    raise AssertionError(f"no message was caught while it was written; the screen shows\n{terminal.text}")


def begun(turns, asked):
    return len(turns) == asked and any(one.raw for one in turns[-1].generations)


def test_who_started_the_engine_is_killed_and_the_others_go_on(start, home, workspace):
    starter = start()
    starter.wait("ready")
    (worker,) = processes(WORKER, home)
    other = start()
    other.wait("ready")
    os.kill(starter.process.pid, signal.SIGKILL)
    starter.process.wait()
    env = {**os.environ, "CODEMODE_HOME": str(home), "CODEMODE_ENGINE": ""}
    asked = subprocess.run(
        [sys.executable, "-m", "codemode_tui", "ask", "What is a decorator?", "--json"],
        capture_output=True,
        text=True,
        env=env,
        cwd=workspace,
    )
    assert asked.returncode == 0 and json.loads(asked.stdout)["timing"]["load_ms"] == 0
    other.type("What is a decorator?\r")
    other.wait("DIRECT", "function")
    assert processes(WORKER, home) == [worker]
    other.type("\x11")
    assert other.end() == 0
    assert left([worker]) == []


def test_escape_stops_the_loading_and_one_key_begins_it_again(start, home):
    terminal = start()
    terminal.wait("esc stops")
    terminal.type("\x1b")
    terminal.wait("you stopped it", "f5 tries again")
    assert left(processes(WORKER, home)) == []
    terminal.type("\x1b[15~")
    terminal.wait("ready")
