"""The list that all of them are: keys, rows, what is said of the marked one."""

from __future__ import annotations

import asyncio

import pytest
from support.scripted import ScriptedChat
from textual import events
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from codemode_tui.chat.gate import Grant
from codemode_tui.errors import StoreError
from codemode_tui.tui.page import Page
from codemode_tui.tui.picker import Ask, Picker, Row, _drawn, among

from .screen import app_for, ask, lines, settle, until
from .states import _shelf


async def _slow(query):
    await asyncio.sleep(0.2)
    return [Row(n, title) for n, title in enumerate(("zero", "one", "two")) if query in title]


async def test_enter_right_behind_what_was_typed_takes_what_was_typed():
    app = app_for(ScriptedChat(), records=_shelf())
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await app.push_screen(Picker("sessions", _slow), (taken := []).append)
        for key in (*"two", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: taken == [2])


async def test_enter_that_comes_twice_takes_one_row_and_is_no_bug():
    app = app_for(ScriptedChat(), records=_shelf())
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await app.push_screen(Picker("sessions", _slow), (taken := []).append)
        for key in (*"two", "enter", "x", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: taken == [2])
        await settle(pilot)
        assert app.screen is app.main and taken == [2]


async def test_a_list_below_another_screen_is_left_after_it_not_in_its_place():
    app = app_for(ScriptedChat(), records=_shelf())
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        below, above = Picker("sessions", among([])), Ask("title", "another one")
        await app.push_screen(below, (taken := []).append)
        await app.push_screen(above)
        below.dismiss("too early")
        await settle(pilot)
        assert app.screen is above and taken == []
        await pilot.press("escape", "escape")
        await settle(pilot)
        assert app.screen is app.main and taken == [None]


async def test_a_session_that_cannot_be_looked_at_is_told_of_in_its_place():
    async def damaged(value):
        raise StoreError("a text of it is damaged")

    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        app.push_screen(Picker("some", among([Row("a", "a")]), preview=damaged))
        await settle(pilot)
        shown = str(app.screen.query_one(".preview Static", Static).render())
        assert "a text of it is damaged" in shown and app.is_running


async def test_a_key_held_down_deletes_one_row_and_asks_before_the_next():
    deleted = []

    async def delete(value):
        await asyncio.sleep(0.05)
        deleted.append(value)

    async def search(text):
        return [Row(one, one) for one in "abc" if one not in deleted]

    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        picker = Picker("some", search, acts={"delete": delete}, sure=lambda value: "sure?")
        app.push_screen(picker)
        await settle(pilot)
        for _ in range(4):
            await picker.action_delete()
            await asyncio.sleep(0.01)
        await settle(pilot)
        assert deleted == ["a"] and [row.title for row in picker.rows] == ["b", "c"]


async def test_the_keys_of_the_shell_lead_up_and_down_a_list_too():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        app.push_screen(picker := Picker("some", among([Row(one, one) for one in "abc"])))
        await settle(pilot)
        await pilot.press("ctrl+n", "ctrl+n", "ctrl+p")
        await settle(pilot)
        assert app.screen is picker and picker.marked.value == "b"


async def test_keys_are_named_that_act_on_the_row_and_on_a_page_that_scrolls():
    chat = ScriptedChat()
    chat.grants = (Grant("run", ("read_file",)),)
    app = app_for(chat)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "/tools")
        frame = app.screen.query_one(Vertical)
        assert str(frame.border_subtitle) == "ctrl+d ask again · esc close"
        await pilot.press("down")
        await settle(pilot)
        assert str(frame.border_subtitle) == "esc close"
        await pilot.press("escape")
        for command, hint in (("/sandbox", "esc close"), ("/help", "esc close · ↑ ↓ scroll")):
            await ask(pilot, command)
            assert str(app.screen.query_one(VerticalScroll).border_subtitle) == hint
            await pilot.press("escape")


@pytest.mark.parametrize(("columns", "left"), [(40, 0), (80, 0), (160, 38)])
async def test_a_dialog_leaves_no_strip_of_what_is_beneath_it_on_a_narrow_terminal(columns, left):
    app = app_for(ScriptedChat())
    async with app.run_test(size=(columns, 24)) as pilot:
        for dialog in (Ask("rename", "Empty: its first question."), Page("stats", Content("none"))):
            app.push_screen(dialog)
            await settle(pilot)
            box = dialog.children[0].region
            assert (box.x, box.right) == (left, columns - left)
            await pilot.press("escape")


async def test_the_marked_row_is_pointed_at_also_where_it_is_the_one_in_use():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.push_screen(Picker("some", among([Row("a", "a"), Row("b", "b", "", marked=True)])))
        await settle(pilot)
        for key, first, second in (("", "   a", "›● b"), ("up", "›  a", " ● b"), ("down", "   a", "›● b")):
            await pilot.press(*filter(None, [key]))
            await settle(pilot)
            shown = [line.strip(" │")[:4].strip() for line in lines(app)]
            assert first.strip() in shown and second.strip() in shown


async def test_the_marked_row_can_be_read_in_the_colours_of_a_terminal():
    app = app_for(ScriptedChat(), theme="codemode-ansi")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await settle(pilot)
        (row,) = (one for one in app.screen._compositor.render_strips() if "›" in one.text)
        assert all(part.style.bgcolor.is_default for part in row if part.text.strip())  # no color is lost on it


def test_titles_and_notes_of_wide_letters_stay_on_one_row():
    row = _drawn(Row(1, "日本語の長い題名" * 8, "メモ" * 12), 70)
    assert row.cell_length <= 70 and row.plain.count("…") == 2
