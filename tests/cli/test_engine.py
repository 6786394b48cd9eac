"""`codemode engine`: what is shared now, and ending it. A heavy job ends engines that nobody uses."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from argparse import Namespace

import pytest
from support.processes import left

from codemode_tui.cli import checks
from codemode_tui.cli.engine import line, run
from codemode_tui.engine import engines
from codemode_tui.engine.engines import Running, running
from codemode_tui.engine.framing import pack
from codemode_tui.engine.lock import memory_lock, runtime_folder
from codemode_tui.engine.messages import State
from codemode_tui.engine.peer import Peer
from codemode_tui.settings import Settings


@pytest.fixture
def codemode(tmp_path, monkeypatch):
    """Runs the command with a shared engine of its own."""
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))

    def run(*args: str) -> str:
        env = {name: value for name, value in os.environ.items() if name != "CODEMODE_ENGINE"}
        done = subprocess.run([sys.executable, "-m", "codemode_tui", *args], capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield run
    run("engine", "stop")


def test_ask_finds_the_model_that_the_one_before_it_has_loaded(codemode):
    question = ("ask", "What is a decorator?", "--no-store", "--json")
    first = json.loads(codemode(*question))
    second = json.loads(codemode(*question))
    assert first["raw"] == second["raw"]
    assert first["timing"]["load_ms"] > 0 == second["timing"]["load_ms"]
    assert first["usage"]["cached_tokens"] == second["usage"]["cached_tokens"]  # --no-store leaves nothing behind

    (engine,) = json.loads(codemode("engine", "status", "--json"))["engines"]
    assert engine["answers"] and engine["loaded"] and not engine["busy"]
    assert engine["clients"] == 0 and 0 < engine["ends_in_seconds"] <= 180 and engine["memory_bytes"] > 10_000_000
    assert f"process {engine['pid']}: bundled, " in codemode("engine", "status")

    with memory_lock("training"):
        assert left([engine["pid"]]) == [] and running() == []
        told = json.loads(codemode("engine", "stop", "--json"))
        assert told["stopped"] == [] and told["memory_held_by"] == f"training (process {os.getpid()})"
    assert codemode("engine", "status") == "no engine is running\n"


def test_lines_for_people(tmp_path):
    state = State(7, "/models/mine", True, 2, 1, True, 0.0, None, 3_000_000_000)
    assert line(Running(7, tmp_path, state)) == "process 7: mine, 3.0 GB, 2 clients, at work, 1 waiting"
    assert "does not answer" in line(Running(7, tmp_path, None))


def test_doctor_never_says_to_kill_a_process_that_cannot_be_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    monkeypatch.setattr("codemode_tui.engine.engines.running", lambda: [Running(0, tmp_path, None)])
    (found,) = checks.engine(Settings())
    assert found.fix == "codemode engine stop" and "process unknown" in found.text


def test_an_engine_in_another_container_is_never_taken_for_a_process_here(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    monkeypatch.setattr(engines, "peer", lambda _: Peer(os.getuid(), 0))
    state = State(os.getpid(), "/models/mine", True, 0, 0, False, 0.0, 1.0, 0)  # the number that it has over there
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(runtime_folder() / "s.sock"))
        listener.listen()

        def answer() -> None:
            with listener.accept()[0] as client:
                client.sendall(pack(state))
                while client.recv(1 << 16):  # closed before it was asked it would be none
                    pass

        threading.Thread(target=answer, daemon=True).start()
        assert run(Namespace(action="stop", unused=False, json=False)) == 0
    told = capsys.readouterr()
    assert "nothing was stopped" in told.out and "not stopped: process unknown: mine" in told.err
