"""From a thumbs-down to a pair that was verified, in as many keys as are promised."""

from __future__ import annotations

import asyncio

import pytest
from support.scripted import ScriptedChat, answer, approval, call, candidate, parsed, run

from codemode_tui.chat import events as ev
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.types import Outcome
from codemode_tui.tui.candidate_card import CandidateCard
from codemode_tui.tui.confirm_panel import ConfirmPanel
from codemode_tui.tui.editing import CodeEditor

from .screen import app_for, ask, settle, texts

T = "turn-1"
CODE = 'print(len(read_file("a.txt")))\n'
ANSWER = "A decorator wraps a function."


def _called() -> list:
    return [
        *call(T, CODE),
        approval(T, CODE, ("read_file",), ("a.txt",)),
        *run(T, CODE, "7\n"),
        candidate(T, code=CODE),
    ]


def _answered(text: str = ANSWER) -> list:
    return [parsed(T, 0, Decision.DIRECT, text, None, 0.4), candidate(T, text=text)]


async def _press(pilot, *keys):
    """Each key when what the one before has brought about is there. Returns how many there were."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return len(keys)


async def test_two_keys_and_a_yes_make_a_pair_of_a_wrong_call():
    chat = ScriptedChat([*call(T, CODE), *run(T, CODE, "7\n"), *answer(T, "7", step=1)], corrections=[_answered()])
    app = app_for(chat)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "What is a decorator?")
        assert await _press(pilot, "ctrl+g", "2", "y") <= 4
        assert chat.wishes == [(T, "direct", {})] and chat.accepted == ["fix"]
        assert chat.said == [(T, "reason", {"codes": ["should_answer"], "enum_version": 1})]
        card = app.main.transcript.cards[0]
        assert card.standing.state == "verified" and "corrected · verified" in texts(app)
        assert app.focused is app.main.prompt


async def test_four_keys_make_a_verified_pair_of_a_wrong_answer_and_code_runs_only_after_a_yes():
    chat = ScriptedChat(answer(T, "Use len()."), corrections=[_called(), _answered("There are 7.")])
    app = app_for(chat)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "How long is a.txt?")
        keys = await _press(pilot, "ctrl+g", "1")
        assert app.main.query_one(ConfirmPanel).has_focus and chat.replies == []
        keys += await _press(pilot, "y")
        assert chat.replies == [ev.Approval("run")] and chat.accepted == []
        keys += await _press(pilot, "y")
        assert keys == 4 and chat.accepted == ["fix"]
        assert app.main.transcript.cards[0].standing.state == "verified"
        # What it would have said after that run is there to be taken too.
        assert [how for _, how, _ in chat.wishes] == ["tool", "continue"]
        assert len(app.main.query(CandidateCard)) == 2


async def test_of_several_tries_the_failed_ones_are_gone_and_one_is_picked():
    script = [
        *call(T, "one()\n"), *run(T, "one()\n", "1\n"), candidate(T, code="one()\n", name="one"),
        *call(T, "bad()\n"), ev.RunFinished(T, 0, "run", Outcome("error")),
        *call(T, "two()\n"), *run(T, "two()\n", "2\n"), candidate(T, code="two()\n", name="two"),
    ]  # fmt: skip
    chat = ScriptedChat(answer(T, "3"), corrections=[script])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "r")
        card = app.main.query_one(CandidateCard)
        assert [view.code.text for view in card._views] == ["one()\n", "two()\n"]
        assert "1 of 3 failed" in str(card.border_subtitle)
        await _press(pilot, "3", "2")
        assert chat.accepted == ["two"] and [view.code.text for view in card.query("StepView")] == ["two()\n"]


async def test_dropping_leaves_the_turn_uncorrected_and_the_line_open():
    chat = ScriptedChat(answer(T, "no"), corrections=[_called()])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "1", "y", "n")
        assert chat.accepted == [] and not app.main.query(CandidateCard)
        assert app.focused is app.main.bar.strip
        assert app.main.transcript.cards[0].standing.state == "open"


async def test_written_code_is_run_and_a_written_answer_is_meant():
    chat = ScriptedChat(answer(T, "no"), corrections=[_called(), _answered("Yes.")])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "e")
        editor = app.main.query_one(CodeEditor)
        assert editor.text == "no"
        editor.text = "Yes."
        chat.corrections.reverse()
        await _press(pilot, "ctrl+s")
        assert chat.wishes[-1] == (T, "edit", {"step": 0, "answer": "Yes."}) and chat.accepted == ["fix"]
        await _press(pilot, "ctrl+g", "e", "alt+down")
        editor = app.main.query_one(CodeEditor)
        assert editor.text == ""
        editor.text = CODE
        await _press(pilot, "ctrl+s")
        assert chat.wishes[-1] == (T, "edit", {"step": 0, "code": CODE}) and app.main.query_one(ConfirmPanel)


async def test_the_editor_refuses_what_was_not_changed_and_escape_goes_back():
    chat = ScriptedChat(answer(T, "no"))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "e", "ctrl+s")
        assert chat.wishes == [] and "nothing has been changed" in texts(app)
        await _press(pilot, "escape")
        assert not app.main.query(CodeEditor) and app.focused is app.main.bar.strip


async def test_what_cannot_be_corrected_says_why():
    failed = [ev.CorrectionFailed(T, "error", "with the profile x its prompt cannot be made again", "--profile y")]
    chat = ScriptedChat(answer(T, "no"), corrections=[failed])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "1")
        assert "cannot be made again" in texts(app) and "--profile y" in texts(app)
        await _press(pilot, "y", "n")
        assert chat.accepted == [] and not app.main.query(CandidateCard)


async def test_escape_stops_a_correction_and_undo_takes_it_away():
    chat = ScriptedChat(answer(T, "no"), corrections=[[*call(T, CODE)[:2], asyncio.Event()]])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "1", "escape")
        assert not app.main.driver.running and "stopped" in texts(app)
        await _press(pilot, "ctrl+g", "u")
        assert not app.main.query(CandidateCard) and app.main.transcript.cards[0].rating == 0


async def test_a_draft_is_never_touched_by_a_candidate():
    go = asyncio.Event()
    chat = ScriptedChat(answer(T, "no"), corrections=[[go, *_answered()]])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "7", "r")
        await _press(pilot, "w", "y")
        go.set()
        await settle(pilot)
        await _press(pilot, "y", "n")
        assert app.main.prompt.text == "wyyn" and chat.accepted == []
        await _press(pilot, "tab", "y")
        assert chat.accepted == ["fix"] and app.main.prompt.text == "wyyn"


@pytest.mark.parametrize(("script", "key"), [(answer(T, "no"), "2"), (call(T, CODE), "1")])
async def test_the_decision_that_was_made_is_not_forced_again(script, key):
    chat = ScriptedChat(script)
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", key)
        assert chat.wishes == [] and "tries again" in texts(app)
