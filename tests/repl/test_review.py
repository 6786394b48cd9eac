"""`/review` and `/keymap` in a line."""

from __future__ import annotations

import asyncio
import json

import pytest
from support.archive import Archive, turn
from support.scripted import answer, candidate, parsed

from codemode_tui import locations
from codemode_tui.chat import events as ev
from codemode_tui.protocol.types import Decision
from codemode_tui.store.records import Standing

from .stage import HOSTILE
from .test_plain import CODE, Typist, no_signals  # noqa: F401 - a fixture


def _archive() -> Archive:
    return Archive(
        (turn("a", "How many files are here?", text="812", probability=0.5), Standing(-1)),
        (turn("b", f"Which is the largest? {HOSTILE}", code=CODE, probability=0.9), Standing(-1)),
        (turn("c", "Which is the newest?", text="It is a.", probability=0.95), Standing(-1, review="skipped")),
    )


async def test_what_was_rated_down_is_gone_through_and_corrected():
    made = [parsed("a", 0, Decision.DIRECT, "7", None, 0.4), candidate("a", text="7")]
    somebody = Typist(records=_archive(), corrections=[made])
    somebody.line("/review")
    await somebody.hears("1 of 3", "You asked: How many files are here?", "812", "what was wrong?", "Enter alone: next")
    somebody.line("r")
    await somebody.hears("is this what it should have been?")
    somebody.line("y")
    await somebody.hears("2 of 3", "Which is the largest?")
    somebody.line("s")
    await somebody.hears("3 of 3", "Which is the newest?")
    somebody.line("k")
    await asyncio.sleep(0.05)
    somebody.line("d")
    await asyncio.sleep(0.05)
    somebody.line("q")
    await somebody.hears("The review is over: 3 of 3 done")
    assert somebody.chat.wishes == [("a", "retry", {})] and somebody.chat.accepted == ["fix"]
    assert somebody.chat.said == [("b", "review", {"state": "skipped"}), ("b", "review", {"state": "dropped"})]
    assert not {c for c in somebody.said if (c < " " and c != "\n") or "\x7f" <= c < "\xa0" or c == "\u202e"}
    await somebody.leave()


async def test_undo_takes_back_all_that_was_said_and_the_turn_above_follows():
    past = [[ev.TurnStarted("a", "session-1", "How many?"), *answer("a", "812")]]
    records = Archive((turn("a", "How many?", text="812"), Standing(-1, reasons=("wrong_answer",))))
    somebody = Typist(records=records, past=past)
    somebody.line("/review")
    await somebody.hears("1 of 1", "wrong answer, chosen")
    somebody.line("u")
    await somebody.hears("The review is over: 1 of 1 done")
    somebody.line("/down")
    await somebody.hears("Thumbs-down saved, /bad again undoes.", "4: wrong answer;")
    await somebody.leave()


@pytest.mark.parametrize("interactive", [True, False])
async def test_what_is_corrected_waits_no_more(interactive):
    done = [
        (turn("c", "Which is the newest?", text="a"), Standing(-1, chosen={0: "fix"})),
        (turn("v", "Which is the oldest?", text="b"), Standing(-1, chosen={0: "fix"}, proofs={"fix": "human"})),
    ]
    somebody = Typist(records=Archive(*done), interactive=interactive)
    somebody.line("/review")
    await somebody.hears("Nothing to review")
    await somebody.leave()
    some = Typist(records=Archive(*done, (turn("o", "How many?", text="7"), Standing(-1))), interactive=interactive)
    some.line("/review")
    said = await some.hears("1 of 1" if interactive else "1 to review", "How many?")
    assert "Which" not in said
    some.line("q")
    await some.leave()


async def test_whoever_asks_something_else_has_left_the_review():
    somebody = Typist(records=_archive())
    somebody.line("/review")
    await somebody.hears("1 of 3")
    somebody.line("What is new?")
    await somebody.hears("The review is over: 0 of 3 done")
    await somebody.hears("You asked: What is new?")
    assert somebody.chat.questions == [("What is new?", None)] and somebody.chat.said == []
    await somebody.leave()


async def test_with_nobody_there_it_says_what_waits():
    somebody = Typist(records=_archive(), interactive=False)
    for line in ("/review", "/review phase22", None):
        somebody.line(line)
    await asyncio.wait_for(somebody._running, 10)
    said = " ".join(somebody.said.split())
    assert "3 to review" in said and "Which is the newest?" in said and "what was wrong?" not in said
    assert "codemode review --source phase22" in said


@pytest.mark.parametrize(
    ("words", "heard", "kept"),
    [
        ("thumbs-down f9", "keys.thumbs-down", "f9"), ("thumbs-down f7", "F7 is taken", None), ("thumbs", "f8", None),
        ("nonsense", "no command is about nonsense", None), ("nonsense f9", "no command nonsense;", None),
        ("thumbs-down shipped", "as it ships", None), ("thumbs-down x", "writes a character", None),
    ],
)  # fmt: skip
async def test_a_key_is_changed_or_it_is_said_why_not(words, heard, kept, tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    somebody = Typist()
    somebody.line(f"/keymap {words}")
    for _ in range(300):
        if heard.lower() in somebody.said.lower():
            break
        await asyncio.sleep(0.01)
    assert heard.lower() in somebody.said.lower()
    file = locations.config_file()
    assert json.dumps(kept) in file.read_text() if kept else not file.exists()
    await somebody.leave()
