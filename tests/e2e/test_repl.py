"""`codemode repl` in a real terminal, with the real model, sandbox and store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import termios

from support.terminal import QUESTION, processes, settled

from codemode_tui.store.store import Store, wait

SECOND = "What is a decorator?"


def cooked(terminal) -> bool:
    flags = termios.tcgetattr(terminal.process.child_fd)[3]
    return bool(flags & termios.ECHO and flags & termios.ICANON)


def test_question_yes_answer_thumbs_down_and_a_verified_pair(start, home):
    terminal = start("repl", rows=60)
    terminal.wait("ready", "bwrap")
    terminal.type(f"/direct {QUESTION}\r")
    terminal.wait("DIRECT", "tokens", "ready")
    terminal.type("\x1b[19~")
    terminal.wait("thumbs-down  saved", "1 should run")
    terminal.type("1")
    terminal.wait("run this code?", "← → enter")
    terminal.type("y")
    terminal.wait("is this what it should have been?", "y accept", "✓ ran in")
    terminal.wait_for_keys()
    terminal.type("y")
    terminal.wait("corrected · verified", "and then", "notes.txt has 4 lines")
    terminal.wait_for_keys()
    terminal.until(lambda text: "y accept" in text)
    terminal.type("y")
    terminal.until(lambda text: text.count("corrected · verified") == 2)
    (turn,) = settled(home)
    store = Store.open(home / "data/codemode.db")
    standing = wait(store.standing(turn.id))
    store.close()
    assert standing.state == "verified" and set(standing.proofs.values()) == {"run", "human"}
    terminal.type("\x04")
    assert terminal.end() == 0 and cooked(terminal)


def test_what_was_said_is_there_again_and_code_is_denied(start, home):
    terminal = start("repl")
    terminal.wait("❯")
    terminal.type("What is a decorator?\r")  # the model is still loading
    terminal.wait("DIRECT", "function", "tok/s", "ready")
    terminal.type("\x04")
    assert terminal.end() == 0
    again = start("repl", "--continue")
    again.wait("❯ What is a decorator?", "function", "ready")
    again.type(QUESTION + "\r")
    again.wait("run this code?", "← → enter")
    again.type("n")
    again.wait("not run: you denied it", "ready")
    first, second = settled(home)
    assert first.session == second.session and second.generations[0].runs[0].outcome.status == "denied"


def test_killed_it_leaves_the_terminal_as_it_was(start, home):
    terminal = start("repl")
    terminal.wait("ready", "bwrap")
    guard = terminal.process.pid
    (drawing,) = [pid for pid in processes("-m codemode_tui repl", home) if pid != guard]
    os.kill(drawing, signal.SIGKILL)
    assert terminal.end() == 128 + signal.SIGKILL and cooked(terminal)
    assert "codemode repl --continue" in terminal.text and b"\x1b[?1049" not in terminal.raw


def test_a_dumb_terminal_gets_words_and_nothing_that_moves(start, home):
    terminal = start("repl", TERM="dumb")
    terminal.wait("The model is loaded.\n>")
    terminal.type(QUESTION + "\r")
    terminal.wait("run this code?", "Type one of these and enter.")
    terminal.wait_for_keys(0.5)
    terminal.type("y\r")
    terminal.wait("Ran in", "notes.txt has 4 lines.", "tok/s.")
    terminal.type("\x03")
    terminal.wait("ctrl+d or /quit leaves".capitalize())
    terminal.type("\x04")
    assert terminal.end() == 0
    assert b"\x1b" not in terminal.raw
    assert settled(home)[0].generations[0].runs[0].confirmed_by == "user"


def test_in_a_pipe_each_line_is_a_question_and_nothing_runs(workspace, home):
    env = {**os.environ, "CODEMODE_HOME": str(home)}

    def piped(text: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "codemode_tui", "repl"]
        return subprocess.run(command, input=text, capture_output=True, text=True, cwd=workspace, env=env, timeout=120)

    done = piped(f"{QUESTION}\n{SECOND}\n")
    assert done.returncode == 0 and "\x1b" not in done.stdout
    assert done.stdout.index("Decision: run code") < done.stdout.index("Not run.") < done.stdout.index(SECOND)
    assert piped(QUESTION).returncode == 4
    assert piped("").returncode == 0
    assert {turn.generations[0].runs[0].outcome.status for turn in settled(home) if turn.query == QUESTION} == {
        "not_run"
    }
