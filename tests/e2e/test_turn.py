"""The whole turn in a real terminal, with the real model, sandbox and store."""

from __future__ import annotations

import sqlite3

from support.terminal import QUESTION, processes, settled


def test_question_decision_yes_output_answer_thumbs_down_row(start, home):
    terminal = start()
    terminal.wait("Ask about", "ready")
    terminal.type(QUESTION + "\r")
    shown = terminal.wait("TOOL", "read_file", "run this code?")
    assert "notes.txt" in shown
    terminal.answer("y")
    terminal.wait("notes.txt has 4 lines")
    terminal.type("\x07")
    terminal.wait("thumbs-down")
    (turn,) = settled(home)  # while the program runs: what it showed is on disk
    assert (turn.query, turn.state, turn.rating) == (QUESTION, "done", -1)
    assert turn.generations[0].decision == "tool"
    assert turn.generations[0].runs[0].outcome.stdout == "4\n"
    assert turn.generations[0].runs[0].confirmed_by == "user"
    terminal.type("\x11")
    assert terminal.end() == 0
    assert terminal.sane
    assert processes("codemode", home) == []


def test_denied_code_does_not_run(start, home):
    terminal = start()
    terminal.wait("ready")
    terminal.type(QUESTION + "\r")
    terminal.wait("run this code?")
    terminal.answer("n")
    terminal.wait("denied", "ready")
    (turn,) = settled(home)
    assert turn.generations[0].runs[0].outcome.status == "denied"
    assert turn.answer is None


def test_a_question_typed_while_the_model_loads_is_answered(start):
    terminal = start()
    terminal.wait("Ask about")
    terminal.type("What is a decorator?\r")
    terminal.wait("DIRECT", "function")


def test_a_conversation_is_continued(start, home):
    terminal = start()
    terminal.wait("Ask about")
    terminal.type("What is a decorator?\r")
    terminal.wait("DIRECT", "function", "ready")
    terminal.type("\x11")
    terminal.end()
    again = start("--continue")
    again.wait("What is a decorator?", "function")
    again.type(QUESTION + "\r")
    again.wait("run this code?")
    again.type("\x11")
    assert again.end() == 0
    sessions = sqlite3.connect(home / "data/codemode.db").execute("SELECT count(DISTINCT session) FROM turn").fetchone()
    assert sessions == (1,)


def test_a_small_terminal_and_a_resize_in_the_middle(start):
    terminal = start(columns=80, rows=24)
    terminal.wait("ready")
    terminal.type(QUESTION + "\r")
    terminal.wait("run this code?", "y run")
    for columns, rows in ((60, 20), (160, 50), (80, 24)) * 3:
        terminal.process.setwinsize(rows, columns)
        terminal.screen.resize(rows, columns)
        terminal.read()
    terminal.wait("run this code?")
    terminal.answer("y")
    terminal.wait("notes.txt has 4 lines")


def test_a_paste_of_ten_megabytes_does_not_stop_the_screen(start):
    terminal = start()
    terminal.wait("ready")
    terminal.type("\x1b[200~")
    line = "0123456789" * 10 + "\n"
    for _ in range(100):
        terminal.type(line * 1000)
        terminal.read()
    terminal.type("\x1b[201~")
    terminal.wait("pasted", seconds=120)
    terminal.type("\r")
    terminal.wait("room for", seconds=240)  # refused with the numbers, not cut without a word
    terminal.type("What is a decorator?\r")
    terminal.wait("DIRECT", "function")
