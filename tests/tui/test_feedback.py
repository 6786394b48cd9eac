"""The thumbs-down: one key, any time, durable before it is said, undone by the same key."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace
from support.picture import FIRST
from support.scripted import ScriptedChat, answer, approval, call, candidate, parsed, run

from codemode_tui.errors import StoreError
from codemode_tui.protocol.types import Decision
from codemode_tui.tui.candidate_card import CandidateCard
from codemode_tui.tui.editing import WordsLine, WritingPanel

from .screen import app_for, ask, settle, texts
from .states import _shelf


async def test_ctrl_g_records_the_last_turn_and_again_takes_it_back():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+g")
        await settle(pilot)
        assert chat.ratings == [("turn-1", -1)]
        assert "thumbs-down saved" in texts(app) and app.main.transcript.cards[0].rating == -1
        await pilot.press("ctrl+g")
        await settle(pilot)
        assert chat.ratings[-1] == ("turn-1", 0) and app.main.transcript.cards[0].rating == 0


async def test_it_works_in_the_middle_of_a_turn():
    chat = ScriptedChat([*answer("turn-1", "Half an ans", end=False), asyncio.Event()])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+g", "4", "2")
        await settle(pilot)
        assert chat.ratings == [("turn-1", -1)] and app.main.driver.running
        assert chat.said[0] == ("turn-1", "reason", {"codes": ["wrong_answer"], "enum_version": 1})
        assert chat.wishes == [] and "once the turn is over" in texts(app)


async def test_an_open_question_keeps_the_keyboard():
    chat = ScriptedChat([*call("turn-1", FIRST), approval("turn-1", FIRST, (), ())])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        before = app.focused
        await pilot.press("ctrl+g")
        await settle(pilot)
        assert chat.ratings == [("turn-1", -1)] and app.focused is before
        assert app.main.driver.running


async def test_it_never_touches_a_draft():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("g", "1", "ctrl+g", "2")
        await settle(pilot)
        assert app.main.prompt.text == "g12" and app.focused is app.main.prompt
        assert chat.ratings == [("turn-1", -1)]


async def test_it_means_the_focused_turn():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        for question in ("one", "two", "three"):
            await ask(pilot, question)
        await pilot.press("alt+up", "alt+up", "ctrl+g")
        await settle(pilot)
        assert chat.ratings == [("turn-2", -1)]
        await pilot.press("ctrl+g")  # said again, it is undone: of that turn, not of the last one
        await settle(pilot)
        assert chat.ratings == [("turn-2", -1), ("turn-2", 0)]
        await pilot.press("alt+down", "alt+down", "alt+down")
        assert app.focused is app.main.prompt


async def test_what_was_not_stored_is_not_claimed():
    class Failing(ScriptedChat):
        async def rate(self, turn, value):
            raise StoreError("the disk is full", hint="make room")

    app = app_for(Failing())
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+g")
        await settle(pilot)
        assert "not recorded: the disk is full; make room" in texts(app)
        assert app.main.transcript.cards[0].rating == 0


async def test_what_is_chosen_is_about_no_other_turn_where_the_rating_was_not_stored():
    class Full(ScriptedChat):
        async def rate(self, turn, value):
            if turn == "turn-2":
                raise StoreError("the disk is full", hint="make room")
            return await super().rate(turn, value)

    chat = Full()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+g", "enter")
        await settle(pilot)
        await ask(pilot, "two")
        await ask(pilot, "/correct retry")
        await ask(pilot, "/correct edit")
        assert app.main.bar.card is app.main.transcript.cards[0]
        assert chat.wishes == [] and not app.main.query(WritingPanel)


async def test_without_a_turn_it_says_so():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+g")
        await settle(pilot)
        assert chat.ratings == [] and "no turn to rate" in texts(app)


async def test_a_thumbs_up_has_a_key_and_a_name():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+n")
        await ask(pilot, "/good")
        assert chat.ratings == [("turn-1", 1), ("turn-1", 0)] and not app.main.bar.open


@pytest.mark.parametrize("over", ["f1", "f2", "ctrl+r", "ctrl+p"])
async def test_keys_about_a_turn_do_nothing_while_something_lies_over_it(over):
    chat = ScriptedChat()
    app = app_for(chat, records=_shelf())
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press(over)
        await settle(pilot)
        await pilot.press("ctrl+g", "ctrl+n", "ctrl+t", "ctrl+o")
        await settle(pilot)
        assert app.screen is not app.main and not app.main.bar.open and not app.main.query(".raw")
        assert chat.ratings == chat.said == []


# -- the line of choices ---------------------------------------------------------------------------


async def test_the_line_takes_the_keyboard_and_gives_back_what_is_no_choice():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+g")
        await settle(pilot)
        assert app.focused is app.main.bar.strip
        await pilot.press("w", "h", "y", "3")
        await settle(pilot)
        assert app.focused is app.main.prompt and app.main.prompt.text == "why3" and chat.said == []


async def test_reasons_are_stored_one_by_one_and_taken_back():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+g", "6", "4", "6", "enter")
        await settle(pilot)
        assert [body["codes"] for _, _, body in chat.said] == [["unsafe"], ["wrong_answer", "unsafe"], ["wrong_answer"]]
        assert app.focused is app.main.prompt and not app.main.bar.open
        assert "wrong answer" in texts(app)


@pytest.mark.parametrize("keys", [["u"], ["escape", "ctrl+g", "ctrl+g"]])
async def test_the_line_can_be_left_opened_again_and_undone(keys):
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+g", *keys)
        await settle(pilot)
        assert chat.ratings == [("turn-1", -1), ("turn-1", 0)]
        assert app.main.transcript.cards[0].rating == 0 and not app.main.bar.open


async def test_a_comment_is_kept_and_whatever_is_in_it_is_only_text():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+g", "c")
        await settle(pilot)
        app.main.query_one(WordsLine).value = "[red]no\x1b[2J"
        await pilot.press("enter")
        await settle(pilot)
        assert chat.said == [("turn-1", "comment", {"text": "[red]no\x1b[2J"})]
        assert "“[red]no\\x1b[2J”" in texts(app) and app.focused is app.main.bar.strip


async def _corrected(app, pilot):
    """A turn whose answer was rated down and corrected."""
    await ask(pilot, "one")
    await pilot.press("ctrl+g")
    await settle(pilot)
    await pilot.press("2")
    await settle(pilot)
    await pilot.press("y")
    await settle(pilot)
    (card,) = app.main.transcript.cards
    assert card.standing.state == "verified"
    return card


def _correctable() -> ScriptedChat:
    fix = [parsed("turn-1", 0, Decision.DIRECT, "Yes.", None, 0.4), candidate("turn-1", text="Yes.")]
    return ScriptedChat([*call("turn-1", FIRST), *run("turn-1", FIRST, "7\n")], corrections=[fix])


async def test_a_thumbs_up_says_that_it_drops_the_correction_and_taken_back_it_stands_again():
    app = app_for(_correctable())
    async with app.run_test() as pilot:
        card = await _corrected(app, pilot)
        (accepted,) = card.query(CandidateCard)
        await pilot.press("ctrl+n")
        await settle(pilot)
        assert "thumbs-up saved, the correction is dropped; ctrl+n undoes" in texts(app)
        assert card.standing.state == "approved" and not accepted.display
        await pilot.press("ctrl+n")
        await settle(pilot)
        assert "thumbs-up undone: the correction stands again" in texts(app)
        assert card.standing.state == "verified" and card.standing.reasons == ("should_answer",) and accepted.display


@pytest.mark.parametrize("keys", [["ctrl+g", "u"], ["ctrl+g", "ctrl+g"]])
async def test_a_thumbs_down_that_was_corrected_is_not_taken_back_by_a_slip(keys):
    chat = _correctable()
    app = app_for(chat)
    async with app.run_test() as pilot:
        card = await _corrected(app, pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        assert "the correction would be lost with it" in texts(app) and card.standing.state == "verified"
        await pilot.press(keys[-1])
        await settle(pilot)
        assert "thumbs-down undone, and its correction with it" in texts(app) and card.standing.state == "none"
        assert chat.ratings == [("turn-1", -1), ("turn-1", 0)]


async def test_correct_is_a_command_that_rates_and_takes_the_choice():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await ask(pilot, "/correct run")
        assert chat.ratings == [("turn-1", -1)] and chat.wishes == [("turn-1", "tool", {})]
        app.set_focus(app.main.prompt)
        await ask(pilot, "/correct sideways")
        assert len(chat.wishes) == 1 and "run, answer, edit, retry" in texts(app)


async def test_a_wish_for_what_it_did_is_refused_before_anything_is_recorded():
    chat = ScriptedChat()  # it answers
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await ask(pilot, "/correct answer")
        assert "it did answer" in texts(app)
        assert chat.ratings == chat.said == chat.wishes == []
        await pilot.press("ctrl+g", "2")
        await settle(pilot)
        assert chat.ratings == [("turn-1", -1)] and chat.said == chat.wishes == []


@pytest.mark.parametrize(("ok", "said"), [(True, "✓ accepted · verified"), (False, "▲ accepted, not verified")])
async def test_what_was_accepted_though_its_code_failed_is_not_shown_as_good(ok, said):
    made = [*call("turn-1", FIRST), *run("turn-1", FIRST, "7\n"), replace(candidate("", code=FIRST), verified=ok)]
    app = app_for(ScriptedChat(answer("turn-1", "no"), corrections=[made, []]))
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        for key in ("ctrl+g", "1", "y"):
            await pilot.press(key)
            await settle(pilot)
        card = app.main.query(CandidateCard).first()
        assert str(card.border_subtitle) == said and card.has_class("-unsure") is not ok
