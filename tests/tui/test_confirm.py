"""The confirmation: what it shows, what each key does, and that nothing happens by accident."""

from __future__ import annotations

import asyncio

import pytest
from support.scripted import ScriptedChat, approval, call, run
from textual import events
from textual.geometry import Region

from codemode_tui.chat import events as ev
from codemode_tui.front.questions import choices, facts
from codemode_tui.tui.choices import ChoicePanel
from codemode_tui.tui.code_card import CodeCard
from codemode_tui.tui.confirm_panel import ConfirmPanel
from codemode_tui.tui.editing import CodeEditor, WordsLine
from codemode_tui.tui.open_questions import TYPING_PAUSE
from codemode_tui.tui.write_panel import DiffView, WritePanel

from .screen import app_for, ask, settle, texts
from .states import state

T = "turn-1"
CODE = 'print(read_file("a.txt"))\n'
WARNING = "a.txt does not exist"


def _wanting(*after):
    return ScriptedChat([*call(T, CODE), approval(T, CODE, ("read_file",), ("a.txt",), (WARNING,)), *after])


async def _open(pilot, chat, *keys):
    """The panel that asks about the code, once these keys were pressed in it."""
    await ask(pilot, "Read a.txt")
    if keys:
        await pilot.press(*keys)
        await settle(pilot)
    return pilot.app.main.query_one(ConfirmPanel)


async def test_it_shows_tools_paths_warnings_and_sandbox():
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await _open(pilot, chat)
        for what in ("read_file", "a.txt", WARNING, "bwrap+landlock+seccomp"):
            assert what in texts(app)


@pytest.mark.parametrize(
    ("code", "odd", "said"), [("1", (), "it only computes"), ("1", ("a",), "none named"), ("f(", ("a",), "unknown")]
)
def test_of_code_that_is_odd_or_cannot_be_read_nothing_good_is_said(code, odd, said):
    wanted = approval(T, code, (), (), odd)
    assert said in facts(wanted, None)[0].text
    assert any(one.action == "always" for one in choices(wanted)) is (said != "unknown")


@pytest.mark.parametrize(
    ("code", "paths"),
    [
        ("print(open(name).read())", ()),
        ("import os\nfor n in os.listdir('.'): print(n)", ()),
        ("from pathlib import Path\nfor p in Path('.').glob('*'): p.unlink()", ()),
        ("f('notes.txt')", ("notes.txt",)),
    ],
)
def test_of_code_that_may_reach_files_it_is_not_said_that_it_only_computes(code, paths):
    tools = next(fact for fact in facts(approval(T, code, (), paths), None) if fact.name == "tools")
    assert tools.text == "none named"


@pytest.mark.parametrize(
    ("keys", "reply"),
    [
        (["y"], ev.Approval("run")),
        (["a"], ev.Approval("always")),
        (["n"], ev.Approval("deny")),
        (["enter"], ev.Approval("deny")),
        (["left", "left", "enter"], ev.Approval("run")),
        (["w", *"not now", "enter"], ev.Approval("deny", reason="not now")),
    ],
)
async def test_each_key_does_what_it_says(keys, reply):
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await _open(pilot, chat)
        await pilot.press(*(k if k != " " else "space" for k in keys))
        await settle(pilot)
        assert chat.replies == [reply]
        assert app.focused is app.main.prompt


@pytest.mark.parametrize("key", ["1", "2", "q", "x", "space", "g"])
async def test_other_keys_do_nothing(key):
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await _open(pilot, chat, key)
        assert chat.replies == [] and chat.ratings == []
        assert app.main.query_one(ConfirmPanel).has_focus


async def test_keys_pressed_before_it_is_armed_are_ignored():
    chat = _wanting()
    app = app_for(chat, guard=3600.0)
    async with app.run_test() as pilot:
        panel = await _open(pilot, chat)
        await pilot.press("y", "enter", "a", "e")
        await settle(pilot)
        assert chat.replies == [] and not app.main.query(CodeEditor)
        panel.armed = True
        await pilot.press("y")
        await settle(pilot)
        assert chat.replies == [ev.Approval("run")]


async def test_a_draft_keeps_the_keyboard_and_tab_leads_to_the_question():
    go = asyncio.Event()
    chat = ScriptedChat([*call(T, CODE), go, approval(T, CODE, ("read_file",), ("a.txt",))])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "Read a.txt")
        await pilot.press("y", "o", "u")
        go.set()
        await settle(pilot)
        await pilot.press("n", "y")
        await settle(pilot)
        assert app.main.prompt.text == "youny" and chat.replies == []
        await pilot.press("tab")
        await pilot.pause()
        await pilot.press("y")
        await settle(pilot)
        assert chat.replies == [ev.Approval("run")]
        assert app.main.prompt.text == "youny"


async def test_editing_runs_the_edited_text_and_shows_it():
    edited = "print(2)\n" + CODE

    def ran():
        return ev.RunStarted(T, 0, "run", edited, "bwrap")

    chat = _wanting(ran, *run(T, edited, "2\n")[1:])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await _open(pilot, chat, "e")
        editor = app.main.query_one(CodeEditor)
        assert editor.has_focus and editor.text == CODE
        await pilot.press(*"print(2)".replace("(", "|").replace(")", "~").replace("|", "(").replace("~", ")"), "enter")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert chat.replies == [ev.Approval("run", code=edited)]
        assert app.main.query_one(CodeCard).text == edited
        assert "edited by you" in app.main.query_one(CodeCard).border_title


async def test_an_unchanged_edit_is_no_edit():
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await _open(pilot, chat, "e")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert chat.replies == [ev.Approval("run")]


@pytest.mark.parametrize("key", ["e", "w"])
async def test_escape_goes_back_from_editor_and_reason_before_it_stops_anything(key):
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        panel = await _open(pilot, chat, key)
        await pilot.press("escape")
        await settle(pilot)
        assert panel.has_focus and app.main.driver.running
        await pilot.press("n")
        await settle(pilot)
        assert chat.replies == [ev.Approval("deny")]


@pytest.mark.parametrize("key", ["e", "w"])
async def test_while_something_is_written_no_key_answers_and_the_keyboard_comes_back_to_it(key):
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        panel = await _open(pilot, chat, key)
        field = app.focused
        assert isinstance(field, CodeEditor | WordsLine)
        panel.focus()  # with the mouse, or a key that leads out
        await pilot.press("y", "a", "e", "enter")
        await settle(pilot)
        assert chat.replies == [] and len(app.main.query("CodeEditor, WordsLine")) == 1
        app.main.prompt.focus()
        await pilot.press("tab")
        await pilot.pause()
        assert app.focused is field


async def test_shift_tab_takes_an_indent_away_and_stays_in_the_editor():
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await _open(pilot, chat, "e")
        editor = app.main.query_one(CodeEditor)
        editor.text = "if x:\n        y()"
        editor.move_cursor((1, 10))
        await pilot.press("shift+tab", "shift+tab", "shift+tab")
        assert editor.text == "if x:\ny()" and editor.has_focus and editor.cursor_location == (1, 2)


async def test_hidden_characters_are_visible_in_card_and_editor():
    code = 'x = "a\u202eb"\n'
    chat = ScriptedChat([*call(T, code), approval(T, code, (), ())])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await _open(pilot, chat)
        shown = "".join(text for line in app.main.query_one(CodeCard).code.lines for text, _ in line)
        assert "\u202e" not in shown and "\\u202e" in shown
        await pilot.press("e")
        await settle(pilot)
        assert "\\u202e" in app.main.query_one(CodeEditor).text


def _writing(*paths):
    wanted = [
        ev.WriteWanted(T, 0, request=p, tool="write_file", path=p, change="modify", diff=f"--- {p}\n+++ {p}\n-a\n+b\n")
        for p in paths
    ]
    return ScriptedChat([*call(T, CODE), run(T, CODE, "")[0], *wanted])


@pytest.mark.parametrize(
    ("key", "action"), [("y", "once"), ("f", "path"), ("a", "session"), ("n", "deny"), ("enter", "deny")]
)
async def test_a_change_of_a_file_is_shown_and_answered(key, action):
    chat = _writing("TODO.md")
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "Write it")
        lines = ["".join(text for text, _ in line) for line in app.main.query_one(DiffView).lines]
        assert lines == ["--- TODO.md", "+++ TODO.md", "-a", "+b"]
        await pilot.press(key)
        await settle(pilot)
        assert chat.replies == [ev.WriteReply(action)]
        assert not app.main.query(WritePanel)


async def test_changes_that_wait_together_are_asked_one_after_another():
    chat = _writing("one.md", "two.md")
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "Write them")
        await pilot.press("y")
        await settle(pilot)
        assert app.main.query_one(WritePanel).wanted.path == "two.md"
        await pilot.press("n")
        await settle(pilot)
        assert chat.replies == [ev.WriteReply("once"), ev.WriteReply("deny")]


@pytest.mark.parametrize("size", [(80, 24), (50, 16), (30, 10)])
@pytest.mark.parametrize("name", ["crowded", "write"])
async def test_the_choices_are_on_the_screen_however_low_it_is(name, size):
    shown = state(name, "codemode-dark")
    async with shown.app.run_test(size=size) as pilot:
        await shown.reach(pilot)
        panel = shown.app.main.query_one(ChoicePanel)
        choices = panel.query_one(".choices")
        assert panel.region.contains_region(choices.region) and choices.region.height >= 1
        assert shown.app.main.region.contains_region(panel.region)
        assert "n deny" in choices.render().plain


async def test_what_does_not_fit_can_be_scrolled_to():
    shown = state("crowded", "codemode-dark")
    async with shown.app.run_test(size=(80, 24)) as pilot:
        await shown.reach(pilot)
        panel = shown.app.main.query_one(ConfirmPanel)
        assert "↑ ↓ scroll" in str(panel.border_subtitle)
        await pilot.press(*["down"] * 20)
        await settle(pilot)
        body = panel.query_one(".body")
        assert body.scroll_y == body.max_scroll_y > 0 and not shown.app.chat.replies


async def test_the_reason_can_be_read_while_it_is_written():
    shown = state("reason", "codemode-dark")
    async with shown.app.run_test(size=(80, 24)) as pilot:
        await shown.reach(pilot)
        lines = [strip.text for strip in shown.app.main._compositor.render_strips()]
        assert any("use wc" in line for line in lines)


async def test_who_types_on_when_the_question_appears_answers_nothing(monkeypatch):
    timers = []

    class Pending:
        def __init__(self, delay, callback):
            self.delay, self.callback, self.stopped = delay, callback, False
            timers.append(self)

        def stop(self):
            self.stopped = True

    monkeypatch.setattr(ConfirmPanel, "set_timer", lambda self, delay, callback: Pending(delay, callback))
    chat = _wanting()
    app = app_for(chat, guard=0.5)
    async with app.run_test() as pilot:
        panel = await _open(pilot, chat)
        await pilot.press(*"maybe")
        await settle(pilot)
        *before, last = timers
        assert len(before) == 5 and all(timer.stopped for timer in before)
        assert last.delay == TYPING_PAUSE and not panel.armed
        last.callback()
        await pilot.press("y")
        await settle(pilot)
        assert chat.replies == [ev.Approval("run")]


@pytest.mark.parametrize(("key", "kind"), [("e", CodeEditor), ("w", WordsLine)])
async def test_what_was_closed_can_be_drawn_once_more(key, kind):
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await _open(pilot, chat, key)
        closed = app.main.query_one(kind)
        await pilot.press("escape")
        await settle(pilot)
        drawn = closed.render_lines(Region(0, 0, 10, 2))
        assert [strip.text for strip in drawn] == [" " * 10] * 2


async def test_what_is_not_offered_is_no_answer():
    asked = approval(T, CODE, ("read_file",), ("a.txt",))
    chat = ScriptedChat([*call(T, CODE), asked])
    async with app_for(chat, guard=3600.0).run_test() as pilot:
        await _open(pilot, chat)
        await pilot.press("c")  # may commands write: it has none
        await settle(pilot)
        assert chat.replies == []
    wanted = ev.WriteWanted(T, 0, request="w", tool="write_file", path=".git/config", change="modify", diff="+x\n",
                            sensitive=True)  # fmt: skip
    chat = ScriptedChat([*call(T, CODE), wanted])
    async with app_for(chat).run_test() as pilot:
        await ask(pilot, "Change it")
        await pilot.press("a", "f")
        await settle(pilot)
        assert chat.replies == []
        await pilot.press("y")
        await settle(pilot)
        assert chat.replies == [ev.WriteReply("once")]


async def test_the_choices_take_no_more_room_than_they_need_when_the_terminal_has_grown():
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await _open(pilot, chat)
        heights = []
        for size in ((40, 10), (100, 40)) * 4:  # it depended on which of two layouts came first
            await pilot.resize_terminal(*size)
            await settle(pilot)
            heights.append(panel.query_one(".choices").size.height)
        assert heights == [3, 1] * 4


async def test_a_paste_goes_into_the_prompt_and_answers_nothing():
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        panel = await _open(pilot, chat)
        app.post_message(events.Paste("y\n"))
        await settle(pilot)
        assert app.main.prompt.text == "y\n" and chat.replies == []
        assert panel.has_focus


@pytest.mark.parametrize("size", [(80, 24), (80, 20), (80, 40)])
async def test_what_is_typed_and_the_line_below_it_stay_on_the_screen(size):
    asked = asyncio.Event()
    diff = "".join(f"-old {n}\n+new {n}\n" for n in range(40))
    chat = ScriptedChat([*call(T, CODE), asked, ev.WriteWanted(T, 0, "r1", "write_file", "a.txt", "modify", diff)])
    app = app_for(chat)
    async with app.run_test(size=size) as pilot:
        await ask(pilot, "Write")
        app.main.prompt.put("\n".join(f"draft {n}" for n in range(12)))
        asked.set()
        for key, widget in (("X", app.main.prompt), ("tab", None)):
            await pilot.press(key)
            await settle(pilot)
            panel = app.main.query_one(WritePanel)
            assert app.focused is (widget or panel)
            assert all(app.main.region.contains_region(one.region) for one in (panel, app.main.prompt, app.main.status))
            lines = [strip.text for strip in app.main._compositor.render_strips()]
            assert any("n deny" in line for line in lines)
            assert any("draft 11X" in line for line in lines) == (key == "X")
