"""The thumbs-down: one key, any time, durable before it is said, undone by the same key."""

from __future__ import annotations

import asyncio

import pytest
from support.picture import FIRST
from support.scripted import ScriptedChat, answer, approval, call

from codemode_tui.errors import StoreError

from .screen import app_for, ask, settle, texts


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


@pytest.mark.parametrize(
    "script",
    [
        [*answer("turn-1", "Half an ans", end=False), asyncio.Event],
        [*call("turn-1", FIRST), approval("turn-1", FIRST, (), ())],
    ],
)
async def test_it_works_in_the_middle_of_a_turn_and_leaves_the_focus_alone(script):
    chat = ScriptedChat([item() if item is asyncio.Event else item for item in script])
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
        await pilot.press("alt+down", "alt+down")
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


async def test_without_a_turn_it_says_so():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+g")
        await settle(pilot)
        assert chat.ratings == [] and "no turn to rate" in texts(app)


async def test_good_is_a_thumbs_up():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await ask(pilot, "/good")
        assert chat.ratings == [("turn-1", 1)]
