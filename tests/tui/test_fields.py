"""Fields that a key opens: what is typed right behind it, what is copied out of them, what leaving would throw away."""

from __future__ import annotations

import threading

import pytest
from support.scripted import ScriptedChat, answer, approval, call
from textual import events

from codemode_tui.chat import events as ev
from codemode_tui.front.highlight import highlight
from codemode_tui.tui import editing
from codemode_tui.tui.confirm_panel import ConfirmPanel
from codemode_tui.tui.editing import CodeEditor, WordsLine

from .screen import app_for, ask, settle, texts, until

T = "turn-1"
CODE = 'print(read_file("a.txt"))\n'


async def _asked(pilot):
    """The panel that asks about code."""
    await ask(pilot, "Read a.txt")
    return pilot.app.main.query_one(ConfirmPanel)


def _wanting():
    return ScriptedChat([*call(T, CODE), approval(T, CODE, ("read_file",), ("a.txt",))])


@pytest.mark.parametrize(("key", "text"), [("w", "not now"), ("e", "# why")])
async def test_what_is_typed_right_behind_the_key_that_opens_a_field_is_written_there(key, text):
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        panel = await _asked(pilot)
        for letter in key + text + "s":
            app.post_message(events.Key("space" if letter == " " else letter, letter))
        app.post_message(events.Key("backspace", None))
        app.post_message(events.Key("enter", "\r"))
        await settle(pilot)
        if key == "w":
            assert chat.replies == [ev.Approval("deny", reason=text)]
        else:
            assert panel.query_one(CodeEditor).text.startswith(f"{text}\nprint") and not chat.replies
        assert app.main.prompt.empty


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("key", ["w", "e"])
async def test_pasted_lines_are_lines_whatever_the_terminal_ends_them_with(key, end):
    app = app_for(_wanting())
    async with app.run_test() as pilot:
        panel = await _asked(pilot)
        await pilot.press(key)
        await settle(pilot)
        app.post_message(events.Paste(f"x = 1{end}print(x){end}"))
        await settle(pilot)
        if key == "w":
            assert panel.query_one(WordsLine).value == "x = 1 print(x)"
        else:
            assert panel.query_one(CodeEditor).text == f"x = 1\nprint(x)\n{CODE}"


@pytest.mark.parametrize("key", ["c", "e"])
async def test_what_is_typed_right_behind_a_word_about_a_turn_is_written_there(key):
    chat = ScriptedChat(answer(T, "one"))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+g")
        await settle(pilot)
        for letter in f"{key}recur":
            app.post_message(events.Key(letter, letter))
        await settle(pilot)
        field = app.main.query_one(WordsLine if key == "c" else CodeEditor)
        assert (field.value if isinstance(field, WordsLine) else field.text.removesuffix("one")) == "recur"
        assert app.main.prompt.empty and not chat.said[1:] and not chat.wishes
        await pilot.press("escape", "r")  # the line is there again, and hears
        await settle(pilot)
        assert chat.wishes


async def test_an_edit_that_is_no_python_is_run_only_by_a_second_press():
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await _asked(pilot)
        await pilot.press("e")
        await settle(pilot)
        await pilot.press("(", "ctrl+s")
        await settle(pilot)
        assert not chat.replies and panel.query(CodeEditor)
        assert str(panel.border_subtitle).startswith("ctrl+s again runs it · ▲ not valid Python on line 1")
        await pilot.press("backspace")
        await settle(pilot)
        assert str(panel.border_subtitle) == "ctrl+s run it · esc back"
        await pilot.press("x", "(", "ctrl+s")  # another mistake
        await settle(pilot)
        assert not chat.replies
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert chat.replies == [ev.Approval("run", code=f"x({CODE}")]


async def test_code_has_its_colours_while_it_is_changed_and_ctrl_end_leads_to_its_end():
    app = app_for(_wanting())
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await _asked(pilot)
        await pilot.press("e")
        await settle(pilot)
        editor = panel.query_one(CodeEditor)

        def colours() -> set[str]:
            return {str(span.style) for span in editor.get_line(0).spans if str(span.style) != "none"}

        tool, number = (app.theme_variables[f"code-{name}"].lower() for name in ("tool", "number"))
        assert tool in colours() and number not in colours()
        await pilot.press("1", "ctrl+end", "#", "ctrl+home", "2")
        await settle(pilot)
        assert editor.text == f"21{CODE}#" and number in colours()


async def test_long_code_is_coloured_beside_the_screen_and_what_is_not_typed_in_keeps_its_colours(monkeypatch):
    def beside(code):
        threads.add(threading.current_thread())
        return highlight(code)

    threads = set()
    monkeypatch.setattr(editing, "highlight", beside)
    monkeypatch.setattr(editing, "SETTLED", 0.0)
    app = app_for(ScriptedChat())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await app.main.mount(editor := CodeEditor("left = 1\n" * 400))
        editor.focus()

        def colours(line: int) -> set[str]:
            return {str(span.style) for span in editor.get_line(line).spans}

        number = app.theme_variables["code-number"].lower()
        await until(pilot, lambda: number in colours(0))
        monkeypatch.setattr(editing, "SETTLED", 3_600.0)
        await pilot.press("down", "x", "enter")
        await settle(pilot)
        assert editor.text.startswith("left = 1\nx\nleft = 1\n")
        assert [number in colours(line) for line in (0, 1, 2, 400)] == [True, False, True, True]
        assert threads and threading.current_thread() not in threads


async def test_only_the_key_that_was_given_to_a_choice_takes_it():
    chat = _wanting()
    app = app_for(chat, keys={"confirm.edit": "x"})
    async with app.run_test() as pilot:
        panel = await _asked(pilot)
        await pilot.press("e")
        await settle(pilot)
        assert not panel.query(CodeEditor)
        await pilot.press("x")
        await settle(pilot)
        assert panel.query(CodeEditor)


async def test_what_is_selected_in_a_line_is_copied():
    chat = _wanting()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await _asked(pilot)
        await pilot.press("w")
        await settle(pilot)
        await pilot.press(*"reason", "shift+home", "ctrl+c", "ctrl+c")
        await settle(pilot)
        assert app.is_running and app.clipboard == "reason" and "copied, 6 characters" in texts(app)


async def test_leaving_says_first_that_a_correction_would_be_lost():
    app = app_for(ScriptedChat(answer(T, "no")))
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+g")
        await settle(pilot)
        await pilot.press("e")
        await settle(pilot)
        await pilot.press("N", "ctrl+q")
        await settle(pilot)
        assert app.is_running and "a correction is being written" in texts(app)
        await app.action_quit()
        assert app._exit
