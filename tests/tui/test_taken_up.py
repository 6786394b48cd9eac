"""A question that is taken up again: where it is asked and when that ends; and what one that waits is meant for."""

from __future__ import annotations

import asyncio

import pytest
from support.scripted import ScriptedChat

from .screen import app_for, ask, settle, texts

WAITS = "a question waits for the model; esc takes it back"


async def _press(pilot, *keys):
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def _asked(app) -> list[str]:
    return [card.question for card in app.main.transcript.cards]


@pytest.mark.parametrize("force", ["tool", "direct"])
async def test_a_question_that_is_forced_keeps_the_place_of_the_edited_one_which_ends_the_edit(force):
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "first")
        await _press(pilot, "alt+up", "enter", "e")
        await ask(pilot, f"/{force} How many?")
        assert chat.questions[-1] == ("How many?", force) and chat.again[-1] == ("turn-1", False)
        await ask(pilot, "something else")
        assert chat.again[-1] == (None, False) and not chat.forks
        assert _asked(app) == ["first", "How many?", "something else"]


async def test_an_edit_ends_when_another_question_is_asked():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "first")
        await _press(pilot, "alt+up", "enter", "e")
        assert str(app.main.prompt.border_title) == "asked in place of the first one"
        await _press(pilot, "ctrl+u", "alt+up", "enter", "r")
        assert chat.again[-1] == ("turn-1", False) and not app.main.prompt.border_title
        await ask(pilot, "something else")
        assert chat.again[-1] == (None, False) and not chat.forks


async def test_an_edit_goes_on_where_the_question_is_refused():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "first")
        await _press(pilot, "alt+up", "enter", "e")
        app.main.driver.running = True
        await pilot.press("x", "enter")
        await settle(pilot)
        assert app.main.prompt.text == "firstx" and "a turn is running" in texts(app)
        app.main.driver.running = False
        await _press(pilot, "enter")
        assert chat.questions[-1][0] == "firstx" and chat.again[-1] == ("turn-1", False)


@pytest.mark.parametrize("leads", ["r", "f", "/new"])
async def test_a_question_that_waits_is_asked_in_the_session_that_it_was_written_for(leads):
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await ask(pilot, "two")
        chat.engine_running, chat.load_gate = False, asyncio.Event()
        await _press(pilot, "f5")
        await ask(pilot, "and then?")
        if leads == "/new":
            await ask(pilot, leads)
        else:
            app.main.prompt.put("my draft")
            await _press(pilot, "alt+up", "alt+up", "enter", leads)
            assert app.main.prompt.text == "my draft"
        assert WAITS in texts(app) and not chat.forks and chat.sessions == 1
        chat.load_gate.set()
        await settle(pilot)
        assert _asked(app) == ["one", "two", "and then?"]


async def test_what_is_refused_stands_on_lines_of_its_own_before_what_was_typed_meanwhile():
    app = app_for(ScriptedChat(load=asyncio.Event()))
    async with app.run_test() as pilot:
        await ask(pilot, "first")
        app.main.prompt.put("my draft")
        app.main.ask("second", "tool")  # as when it was sent, and typed on before anybody had read it
        await settle(pilot)
        assert app.main.prompt.text == "/tool second\nmy draft"
