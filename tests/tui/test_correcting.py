"""From a thumbs-down to a pair that was verified, in as many keys as are promised."""

from __future__ import annotations

import asyncio

import pytest
from support.scripted import ScriptedChat, answer, approval, call, candidate, parsed, run
from textual import events

from codemode_tui.chat import events as ev
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.types import Outcome
from codemode_tui.tui.candidate_card import CandidateCard
from codemode_tui.tui.confirm_panel import ConfirmPanel
from codemode_tui.tui.editing import CodeEditor, WordsLine
from codemode_tui.tui.step_view import StepView

from .screen import app_for, ask, settle, texts, until

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


async def test_what_is_forced_is_called_so_from_its_first_token_on():
    begun = [ev.Likelihood(T, 0, 0.03), ev.CodeDelta(T, 0, CODE), asyncio.Event()]
    app = app_for(ScriptedChat(answer(T, ANSWER), begun, corrections=[begun]))
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "What is a decorator?")
        await _press(pilot, "ctrl+g", "1", "escape")
        app.main.prompt.focus()
        await ask(pilot, "/tool How?")
        shown = [view.badge.render().plain for view in app.main.query(StepView) if view.code is not None]
        assert len(shown) == 2 and all("TOOL 3 %" in text and "forced" in text for text in shown)


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


async def test_of_several_codes_the_one_that_crashed_is_written():
    failed = ev.RunFinished(T, 1, "run-1", Outcome("error", 1))
    chat = ScriptedChat(
        [*call(T, CODE), *run(T, CODE, "7\n"), *call(T, "1/0\n", step=1), failed, *answer(T, "7", step=2)],
        corrections=[_called()],
    )
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "5", "e")
        editor = app.main.query_one(CodeEditor)
        assert editor.text == "1/0\n"
        editor.text = CODE
        await _press(pilot, "ctrl+s")
        assert chat.wishes[-1] == (T, "edit", {"step": 1, "code": CODE})


async def test_the_editor_refuses_what_was_not_changed_and_escape_goes_back():
    chat = ScriptedChat(answer(T, "no"))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "e", "ctrl+s")
        assert chat.wishes == [] and "nothing has been changed" in texts(app)
        await _press(pilot, "escape")
        assert not app.main.query(CodeEditor) and app.focused is app.main.bar.strip


async def test_hidden_characters_of_an_answer_outlive_a_change_elsewhere_and_a_paste_keeps_its_own():
    text = "\u0645\u06cc\u200c\u0631\u0648\u062f \u202eabc"
    chat = ScriptedChat(answer(T, text))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "e")
        editor = app.main.query_one(CodeEditor)
        assert editor.text == text.replace("\u202e", "\\u202e")
        app.post_message(events.Paste("\u0646\u0645\u06cc\u200c\u0634\u0648\u062f\x1b. "))
        await _press(pilot, "N", "ctrl+s")
        pasted = "\u0646\u0645\u06cc\u200c\u0634\u0648\u062f\\x1b. "
        assert chat.wishes == [(T, "edit", {"step": 0, "answer": f"{pasted}N{text}"})]


async def test_what_was_written_is_there_again_after_a_look_at_the_other_text():
    app = app_for(ScriptedChat(answer(T, "no")))
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "e")
        app.main.query_one(CodeEditor).text = "Yes, of course."
        await _press(pilot, "alt+down", "alt+down")
        assert app.main.query_one(CodeEditor).text == "Yes, of course."


async def test_a_question_takes_no_letters_from_a_comment():
    go = asyncio.Event()
    chat = ScriptedChat(answer(T, "no"), [*call("turn-2", CODE), go, approval("turn-2", CODE, ("read_file",), ("a",))])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        app.main.prompt.put("two")
        await pilot.press("enter")
        await until(pilot, lambda: app.main.driver.running)
        app.main.transcript.cards[0].focus()
        await pilot.press("ctrl+g")
        await until(pilot, lambda: app.main.bar.has_focus_within)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.focused, WordsLine))
        await pilot.press(*"it w")
        go.set()
        await settle(pilot)
        assert app.main.query_one(ConfirmPanel)
        await pilot.press(*"as any", "enter")
        await settle(pilot)
        assert chat.replies == [] and any("it was any" in str(one) for one in chat.said)


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


async def test_what_is_written_is_about_the_turn_it_was_begun_for():
    chat = ScriptedChat(answer(T, "no"), answer("turn-2", "neither"))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await ask(pilot, "two")
        await _press(pilot, "ctrl+g", "c", "l", "o", "n", "g")
        await _press(pilot, "alt+up", "alt+up", "ctrl+g")
        assert chat.ratings == [("turn-2", -1), ("turn-1", -1)] and app.focused is app.main.query_one(WordsLine)
        await _press(pilot, "enter")
        assert chat.said == [("turn-2", "comment", {"text": "long"})]
        assert app.focused is app.main.bar.strip and app.main.bar.card is app.main.transcript.cards[0]


async def test_what_is_taken_back_is_not_written_about():
    chat = ScriptedChat(answer(T, "no"))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "e", "ctrl+g")
        assert chat.ratings == [(T, -1), (T, 0)]
        assert not app.main.query(CodeEditor) and app.focused is app.main.prompt


async def test_an_answer_that_was_wanted_at_once_stands_where_the_code_was():
    chat = ScriptedChat([*call(T, CODE), *run(T, CODE, "7\n"), *answer(T, "7", step=1)], corrections=[_answered()])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "What is a decorator?")
        await _press(pilot, "ctrl+g", "2", "n", "e")
        app.main.query_one(CodeEditor).text = ANSWER
        await _press(pilot, "ctrl+s")
        assert chat.wishes[-1] == (T, "edit", {"step": None, "answer": ANSWER})


async def test_a_candidate_that_was_left_gets_no_key_that_is_not_meant_for_it():
    chat = ScriptedChat(
        answer(T, "no"), [*call("turn-2", CODE), approval("turn-2", CODE, (), ()), asyncio.Event()],
        corrections=[_answered()],
    )  # fmt: skip
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "7", "r")
        assert app.focused is app.main.query_one(CandidateCard).strip
        app.set_focus(app.main.prompt)
        await ask(pilot, "two")
        await _press(pilot, "y", "y")
        assert chat.accepted == [] and app.main.prompt.text.endswith("y")


async def test_a_new_conversation_takes_everything_about_the_old_one_along():
    chat = ScriptedChat(answer(T, "no"), corrections=[_answered()])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "7", "r", "ctrl+g", "e", "ctrl+g")
        await app.action_new()
        await settle(pilot)
        assert not app.main.bar.open and not app.main.query(CodeEditor) and app.focused is app.main.prompt
        await _press(pilot, "y")
        assert chat.accepted == [] and app.main.prompt.text == "y"


async def test_the_choices_of_a_long_candidate_are_on_the_screen():
    code = "".join(f"print({n})\n" for n in range(60))
    chat = ScriptedChat(answer(T, "no"), corrections=[[*call(T, code), *run(T, code, "7\n"), candidate(T, code=code)]])
    app = app_for(chat)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "1")
        strip = app.main.query_one(CandidateCard).strip
        assert app.main.transcript.region.contains_region(strip.region)


async def test_of_several_tries_only_those_that_were_offered_are_shown():
    script = [*call(T, "half", probability=0.4), *_answered()[:1], *_answered()]
    chat = ScriptedChat(answer(T, "no"), corrections=[script])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "1")
        shown = app.main.query_one(CandidateCard)
        assert len(shown.query("StepView")) == 1


async def test_what_was_written_is_not_lost_where_nothing_came_of_it():
    failed = [ev.CorrectionFailed(T, "sandbox", "there is no sandbox here", "")]
    chat = ScriptedChat(answer(T, "no"), corrections=[failed, _called()])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await _press(pilot, "ctrl+g", "e", "alt+down")
        app.main.query_one(CodeEditor).text = CODE
        await _press(pilot, "ctrl+s", "e")
        assert app.main.query_one(CodeEditor).text == CODE
        await _press(pilot, "ctrl+s")
        assert chat.wishes == [(T, "edit", {"step": 0, "code": CODE})] * 2


async def test_what_was_written_while_another_turn_runs_stays_in_the_editor():
    chat = ScriptedChat([*call(T, CODE), *run(T, CODE, "7\n"), *answer(T, "7", step=1)],
                        [*call("turn-2", CODE), approval("turn-2", CODE, (), ())])  # fmt: skip
    app = app_for(chat)
    async with app.run_test(size=(80, 30)) as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "ctrl+g", "e")
        app.main.query_one(CodeEditor).text = "print(8)"
        app.main.prompt.focus()
        await ask(pilot, "And now?")
        app.main.query_one(CodeEditor).focus()
        await _press(pilot, "ctrl+s")
        assert app.main.query_one(CodeEditor).text == "print(8)" and not chat.wishes
        assert "once the turn is over" in texts(app)


@pytest.mark.parametrize("key", ["r", "f", "/new", "ctrl+n", "ctrl+g"])
async def test_a_correction_that_is_being_written_is_not_thrown_away(key):
    chat = ScriptedChat(*(answer(f"turn-{n}", "no") for n in (1, 2, 3)))
    app = app_for(chat)
    async with app.run_test() as pilot:
        for question in ("one", "two", "three"):
            await ask(pilot, question)
        await _press(pilot, "ctrl+g", "e", "N")
        if key == "/new":
            app.main.prompt.focus()
            await ask(pilot, key)
        elif key.startswith("ctrl+"):
            await _press(pilot, key)  # another word on the same turn
        else:
            app.main.transcript.cards[0].focus()
            await _press(pilot, "enter", key)
        assert "a correction is being written" in texts(app)
        assert app.main.query_one(CodeEditor).text == "Nno"
        assert len(app.main.transcript.cards) == 3 and (chat.sessions, len(chat.questions)) == (1, 3)
        app.main.prompt.focus()
        await ask(pilot, "/correct edit")  # nor does the next one take its place
        assert app.main.query_one(CodeEditor).text == "Nno"
