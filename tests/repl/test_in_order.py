"""The plain REPL without a terminal as input: line by line, each when the one before is done, and all of them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest
from support.scripted import TURN as NUMBERED
from support.scripted import ScriptedChat, answer, candidate

from codemode_tui.chat import events as ev
from codemode_tui.front.status import used

from .test_plain import TURN, Typist, no_signals  # noqa: F401 - a fixture

REPL = [sys.executable, "-m", "codemode_tui", "repl", "--plain", "--model", "openai:http://127.0.0.1:9"]


async def piped(*lines: str, **more: object) -> Typist:
    """What came of ``lines`` once the program has left."""
    somebody = Typist(interactive=False, **more)
    while somebody.repl.now.state != "ready":
        await asyncio.sleep(0.01)
    for text in (*lines, None):
        somebody.line(text)
    await asyncio.wait_for(somebody._running, 10)
    return somebody


async def test_a_wish_is_asked_before_what_stands_behind_it():
    somebody = await piped("/tool one", "two", "/direct three", "/new", "four", "/tool five")
    assert somebody.chat.questions == [
        ("one", "tool"), ("two", None), ("three", "direct"), ("four", None), ("five", "tool"),
    ]  # fmt: skip
    assert somebody.repl.asked_last is somebody.repl.turns[-1] and somebody.repl.asked_last.end is not None
    order = [somebody.said.index(words) for words in ("asked: three", "A new conversation", "asked: four")]
    assert order == sorted(order)


class Stored(ScriptedChat):
    """A store that takes a while for a rating."""

    async def rate(self, turn, value):
        await asyncio.sleep(0.02)
        return await super().rate(turn, value)


async def test_a_correction_is_over_before_the_next_line_and_before_the_end():
    fixes = [[*answer(TURN, f"{n} fix.", end=False), candidate(TURN, text=n)] for n in ("First", "Second", "Third")]
    lines = ("one", "/correct retry", "/correct retry", "/new", "two", "/correct retry")
    somebody = await piped(*lines, corrections=fixes, chat=Stored)
    parts = ("You asked: one", "First fix.", "Second fix.", "A new conversation", "You asked: two", "Third fix.")
    order = [somebody.said.index(words) for words in parts]
    assert order == sorted(order) and "is running" not in somebody.said and "noted" not in somebody.said.lower()
    assert [turn for turn, _, _ in somebody.chat.wishes] == [NUMBERED.format(n) for n in (1, 1, 2)]


async def test_the_gauge_of_a_session_that_goes_on_counts_what_was_said():
    past = [ev.TurnStarted("old", "session-1", "old question"), *answer("old", "Old.")]
    somebody = await piped(past=[past])
    assert somebody.repl.now.used == sum(map(used, past)) > 0


async def test_a_wish_for_what_it_did_is_refused_before_anything_is_recorded():
    somebody = await piped("one", "/correct answer")
    assert "It did answer:" in somebody.said and somebody.chat.ratings == somebody.chat.said == []
    somebody = Typist(answer(TURN, "It is one."))
    somebody.line("one")
    await somebody.hears("87 tok/s.")
    somebody.line("/down")
    await somebody.hears("Enter alone: later.\n> ")
    somebody.line("2")
    await somebody.hears("It did answer:")
    assert somebody.chat.ratings == [(TURN, -1)] and somebody.chat.said == []
    await somebody.leave()


async def test_a_command_that_fails_unforeseen_keeps_nothing_behind_it_back(monkeypatch):
    async def broken(self, argument: str = "") -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("codemode_tui.repl.repl.Repl.action_stats", broken)
    somebody = await piped("one", "/stats", "two")
    assert "Unexpected RuntimeError" in somebody.said and [text for text, _ in somebody.chat.questions] == [
        "one",
        "two",
    ]


@pytest.mark.parametrize(
    ("lines", "asked"),
    [
        (['"""What does """ mean in Python?'], ['"""What does """ mean in Python?']),
        (['"""What is a list?"""  '], ["What is a list?"]),
        (['"""', 'x = """a""" + b', "y", '"""'], ['x = """a""" + b\ny']),
        (['"""', "never ended", ""], ["never ended"]),
        (['"""', ""], []),
        (['"""'], []),
        (['""""""', "one"], ["one"]),
    ],
)
async def test_marks_end_a_question_where_nothing_stands_behind_them(lines, asked):
    assert [text for text, _ in (await piped(*lines)).chat.questions] == asked


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path):
    lines = "\ufeff/nonsense\n/help\n"
    ended = subprocess.run(
        [*REPL, "--profile", "bundled"], input=lines.encode(), capture_output=True, cwd=tmp_path, timeout=60,
        env=os.environ | {"CODEMODE_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert b"There is no /nonsense" in ended.stdout and ended.returncode == 0


async def test_every_tool_is_listed():
    somebody = await piped("/tools")
    for spec in somebody.chat.tools():
        assert f"\n{spec.name}: " in somebody.said and spec.doc in somebody.said
