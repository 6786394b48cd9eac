"""Several questions are open in the plain REPL: a line answers the one right above it."""

from __future__ import annotations

import asyncio

import pytest
from support.scripted import ScriptedChat, answer, approval, call, run

from codemode_tui.chat import events as ev

from .stage import TURN
from .test_plain import CODE, Typist, no_signals  # noqa: F401 - a fixture

SECOND = "turn-2"
ASKED = [*call(SECOND, CODE), approval(SECOND, CODE, (), ()), *run(SECOND, CODE, "1\n"),
         *answer(SECOND, "It is 1.", step=1, probability=None)]  # fmt: skip


class SideBySide(ScriptedChat):
    """Its code calls everything at the same time."""

    async def _played(self, script, stopped):
        stop = self._stop = asyncio.Event()
        for event in script:
            yield event
        await self._rest(self._all(script), stop)
        for event in [stopped] if stop.is_set() else answer(TURN, "Both."):
            yield event

    async def _all(self, script):
        await asyncio.gather(*(self._replied(one.request) for one in script))


def deletions() -> list[ev.CallWanted]:
    return [ev.CallWanted(TURN, 0, f"request-{n}", "gh", "delete_issue", "gh_delete_issue", f'{{"number": {n}}}')
            for n in (1, 2)]  # fmt: skip


async def rated_down(*scripts, **more) -> Typist:
    """A first turn was wrong, and nobody has said why yet."""
    somebody = Typist(answer(TURN, "No."), *scripts, **more)
    await somebody.hears("The model is loaded.")
    somebody.line("one")
    await somebody.hears("87 tok/s.")
    somebody.line("/down")
    await somebody.hears("what was wrong?", "Enter alone: later.\n> ")
    return somebody


async def test_of_calls_side_by_side_each_is_answered_below_what_it_sends():
    somebody = Typist(deletions(), chat=SideBySide)
    somebody.line("tidy up")
    await somebody.hears('"number": 1', "call delete_issue", "> ")
    await asyncio.sleep(0.1)
    assert '"number": 2' not in somebody.said
    somebody.line("y")
    await somebody.hears('"number": 2', "Enter alone: deny.\n> ")
    somebody.line("n")
    await somebody.hears("Both.")
    assert somebody.chat.replies == [ev.WriteReply("once"), ev.WriteReply("deny")]
    await somebody.leave()


async def test_a_question_that_was_still_to_come_goes_with_its_turn():
    somebody = Typist(deletions(), chat=SideBySide)
    somebody.line("tidy up")
    await somebody.hears("call delete_issue")
    somebody.console._interrupt()
    await somebody.hears("Stopped")
    somebody.line("y")
    await asyncio.sleep(0.1)
    assert '"number": 2' not in somebody.said and somebody.chat.replies == []
    await somebody.leave()


async def test_may_this_run_goes_before_what_was_wrong_and_that_is_asked_again():
    somebody = await rated_down(ASKED)
    somebody.repl.ask("two")
    await somebody.hears("run this code?", "Enter alone: deny.\n> ")
    somebody.said = ""
    somebody.line("y")
    await somebody.hears("It is 1.", "Question: what was wrong?", "Enter alone: later.")
    assert [reply.action for reply in somebody.chat.replies] == ["run"]
    somebody.line("u")
    await somebody.hears("Thumbs-down undone.")
    assert [text for text, _ in somebody.chat.questions] == ["one", "two"]
    await somebody.leave()


async def test_editing_the_code_is_not_interrupted_by_what_was_wrong():
    somebody = await rated_down(ASKED)
    somebody.repl.ask("two")
    await somebody.hears("run this code?")
    somebody.said = ""
    for line in ("e", "print(2)"):
        somebody.line(line)
        await somebody.hears("a full stop alone ends it")
        await asyncio.sleep(0.1)
    assert "what was wrong?" not in somebody.said
    somebody.line(".")
    await somebody.hears("It is 1.", "what was wrong?")
    assert somebody.chat.replies == [ev.Approval("run", "print(2)")]
    await somebody.leave()


@pytest.mark.parametrize(("opened", "label"), [("c", "What was wrong, in your words."), ("/profile", "Its number")])
async def test_may_this_run_goes_before_words_that_are_being_written(opened, label):
    somebody = await rated_down(ASKED)
    somebody.line(opened)
    await somebody.hears(label)
    somebody.repl.ask("two")
    await somebody.hears("run this code?", "Enter alone: deny.\n> ")
    somebody.said = ""
    somebody.line("y")
    await somebody.hears("It is 1.", label)
    somebody.line("none of these")
    await asyncio.sleep(0.1)
    assert [reply.action for reply in somebody.chat.replies] == ["run"]
    comments = [body["text"] for _, kind, body in somebody.chat.said if kind == "comment"]
    assert comments == (["none of these"] if opened == "c" else [])
    assert [text for text, _ in somebody.chat.questions] == ["one", "two"]
    await somebody.leave()


async def test_a_line_that_comes_too_soon_after_a_question_is_for_the_one_before_it():
    somebody = await rated_down(ASKED, guard=60)
    somebody.repl.ask("two")
    await somebody.hears("run this code?")
    somebody.line("4")
    await asyncio.sleep(0.1)
    assert somebody.chat.replies == [] and somebody.repl.now.waiting == ()
    assert [body["codes"] for _, kind, body in somebody.chat.said if kind == "reason"] == [["wrong_answer"]]
    await somebody.leave()


async def test_what_was_found_in_code_is_said_once():
    found = "z.txt was not mentioned in the conversation"
    somebody = Typist([*call(TURN, CODE), approval(TURN, CODE, (), (), (found,)), *run(TURN, CODE, "1\n")])
    somebody.line("how many?")
    said = await somebody.hears("run this code?", "> ")
    assert said.count(found) == 1
    somebody.line("n")
    await somebody.leave()
