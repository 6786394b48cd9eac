"""Writing a question."""

from __future__ import annotations

import pytest
from support.scripted import ScriptedChat
from textual import events
from textual._xterm_parser import XTermParser

from codemode_tui import commands
from codemode_tui.tui.editing import CodeEditor
from codemode_tui.tui.hints import Hints
from codemode_tui.tui.in_order import Line
from codemode_tui.tui.prompt import Prompt

from .screen import app_for, ask, settle, texts


async def test_enter_sends_and_other_keys_begin_a_new_line():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+j", "b", "alt+enter", "c", "enter")
        await settle(pilot)
        assert chat.questions == [("a\nb\nc", None)] and app.main.prompt.text == ""


async def test_nothing_is_sent_when_nothing_is_written():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await pilot.press("space", "enter")
        await settle(pilot)
        assert chat.questions == []


async def test_up_and_down_walk_through_what_was_asked_and_back_to_the_draft():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await ask(pilot, "two")
        prompt = app.main.prompt
        await pilot.press("d", "up")
        assert prompt.text == "two"
        await pilot.press("up")
        assert prompt.text == "one"
        await pilot.press("up", "down", "down")
        assert prompt.text == "d"


async def test_a_paste_of_ten_megabytes_is_folded_and_sent_whole():
    chat = ScriptedChat()
    app = app_for(chat)
    text = "line of a log file\n" * 550_000
    async with app.run_test() as pilot:
        await pilot.pause()
        app.main.prompt.post_message(events.Paste(text))
        await pilot.pause()
        assert app.main.prompt.text == "[pasted #1: 550,000 lines]"
        await pilot.press("enter")
        await settle(pilot)
        assert chat.questions == [(text.strip(), None)]


async def test_a_small_paste_is_text_without_control_characters():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await pilot.pause()
        app.main.prompt.post_message(events.Paste("ls\r\n\x1b[2Jrm"))
        await pilot.pause()
        assert app.main.prompt.text == "ls\n\\x1b[2Jrm"


async def test_commands_complete_with_tab():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await pilot.press("slash", "m", "o")
        await pilot.pause()
        assert app.main.query_one(Hints).display
        await pilot.press("tab")
        assert app.main.prompt.text == "/model "


async def test_what_is_typed_faster_than_the_screen_follows_is_sent_as_it_was_typed():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await pilot.press("slash")
        await pilot.pause()
        assert app.main.prompt.found.offers
        for key in "direct what is a list?":
            app.main.prompt.post_message(events.Key(key, key))
        app.main.prompt.post_message(events.Key("enter", "\r"))
        await settle(pilot)
        assert chat.questions == [("what is a list?", "direct")]


async def test_an_unknown_command_stays_in_the_prompt_and_a_path_is_a_question():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "/nonsense")
        assert "there is no /nonsense" in texts(app) and app.main.prompt.text == "/nonsense"
        await ask(pilot, "/etc/hosts has how many lines?")
        assert [q for q, _ in chat.questions] == ["/etc/hosts has how many lines?"]


async def test_letters_and_pastes_reach_the_prompt_while_a_turn_has_the_focus():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("alt+up")
        assert app.focused is app.main.transcript.cards[0]
        for chosen in (app.main.transcript.cards[0], app.main.menu):  # terminals send the letter along
            chosen.focus()
            app.post_message(events.Key("alt+q", "q"))
            await pilot.pause()
            assert app.focused is chosen and app.main.prompt.text == ""
        app.main.transcript.cards[0].focus()
        await pilot.press("h", "i", "space")
        assert app.focused is app.main.prompt and app.main.prompt.text == "hi "
        await pilot.press("alt+up")
        app.main.transcript.cards[0].post_message(events.Paste("there"))
        await pilot.pause()
        assert app.focused is app.main.prompt and app.main.prompt.text == "hi there"


async def test_what_is_typed_right_behind_enter_is_the_next_draft():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        for key in ("a", "enter", "b", "c"):
            app.post_message(events.Key(key, key if len(key) == 1 else "\r"))
        await settle(pilot)
        assert chat.questions == [("a", None)] and app.main.prompt.text == "bc" and app.main.prompt.asked == ["a"]


async def test_up_and_down_walk_through_the_rows_of_the_screen_before_they_leave_a_question():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(60, 24)) as pilot:
        await ask(pilot, "one")
        prompt = app.main.prompt
        prompt.put("word " * 20 + "end")
        await pilot.pause()
        assert prompt.document.line_count == 1 and prompt.wrapped_document.height == 2
        prompt.move_cursor(prompt.document.end)
        draft = prompt.text
        await pilot.press("up")
        assert prompt.text == draft
        await pilot.press("down")
        assert prompt.text == draft
        await pilot.press("up", "up")
        assert prompt.text == "one"
        await pilot.press("down")
        assert prompt.text == draft


async def test_a_question_of_before_that_was_changed_is_there_again_until_one_is_sent():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await ask(pilot, "two")
        prompt = app.main.prompt
        await pilot.press("d", "up", *" long edit", "up")
        assert prompt.text == "one" and prompt.draft.text == "two long edit\n\nd"
        prompt.remember(["zero"])
        await pilot.press("down")
        assert prompt.text == "two long edit"
        await pilot.press("down")
        assert prompt.text == "d"
        await pilot.press("up", "enter")
        await settle(pilot)
        assert chat.questions[-1] == ("two long edit", None) and prompt.draft.text == ""
        await pilot.press("up", "up")
        assert prompt.text == "two"


@pytest.mark.parametrize("question", ["word " * 400, "line\n" * 40], ids=["long", "of many lines"])
async def test_a_long_question_is_there_to_be_changed_and_not_folded(question):
    app = app_for(ScriptedChat())
    question = question.strip()
    async with app.run_test() as pilot:
        await ask(pilot, question)
        prompt = app.main.prompt
        await pilot.press("up")
        assert prompt.text == question
        await pilot.press("down")
        app.main.turns.edit(app.main.transcript.cards[-1])
        assert prompt.text == question


@pytest.mark.parametrize(
    "keys",
    [
        ("backspace",), ("ctrl+w",), ("ctrl+u",), ("left", "delete"), ("left", "alt+d"), ("left", "ctrl+k"),
        ("left", "shift+right", "backspace"), ("shift+left", "delete"), ("ctrl+left", "delete"),
    ],
    ids=" ".join,
)  # fmt: skip
async def test_a_folded_paste_goes_whole(keys):
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        prompt = app.main.prompt
        prompt.pasted("x\n" * 40)
        assert prompt.text == "[pasted #1: 40 lines]"
        await pilot.press(*keys)
        assert prompt.text == ""


async def test_a_folded_paste_is_passed_in_one_step_and_nothing_is_written_in_its_middle():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        prompt = app.main.prompt
        await pilot.press(*"see ")
        prompt.pasted("x\n" * 40)
        await pilot.press("left", "a", "right", "b")
        assert prompt.text == "see a[pasted #1: 40 lines]b"
        prompt.move_cursor((0, 9))  # as a click does
        prompt.insert("c")
        await pilot.press("d")
        assert prompt.text == "see acd[pasted #1: 40 lines]b"
        prompt.insert("!", (0, 12))
        assert prompt.text == "see acd[pasted #1: 40 lines]!b"
        await pilot.press("enter")
        await settle(pilot)
        assert chat.questions == [("see acd" + "x\n" * 40 + "!b", None)]


@pytest.mark.parametrize("field", [Prompt, CodeEditor])
async def test_what_a_key_took_away_comes_back(field):
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        if field is CodeEditor:
            await app.main.mount(CodeEditor("", numbers=False))
        text = app.main.query_one(field)
        text.focus()
        await pilot.pause()
        await pilot.press(*"one two")
        for key in ("ctrl+u", "ctrl+w"):
            before = text.text
            await pilot.press(key)
            assert text.text != before
            await pilot.press("ctrl+underscore")
            assert text.text == before
        await pilot.press("ctrl+y")
        assert text.text == "one "
        await pilot.press("ctrl+slash")
        assert text.text == "one two"
        if field is Prompt:
            text.pasted("x\n" * 40)
            await pilot.press("backspace", "ctrl+underscore")
            assert text.text == "one two[pasted #1: 40 lines]"
            await pilot.press("enter")
            await settle(pilot)
            await pilot.press("ctrl+underscore")
            assert text.text == "" and app.chat.questions == [(("one two" + "x\n" * 40).strip(), None)]


async def test_lines_that_undo_and_redo_take_away_may_have_had_the_cursor():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        prompt = app.main.prompt
        prompt.pasted("line\n" * 14)
        await settle(pilot)
        await pilot.press("ctrl+underscore")
        assert prompt.text == ""
        await pilot.press("ctrl+y")
        assert prompt.text == "line\n" * 14 and prompt.cursor_location == prompt.document.end


def test_the_key_for_undo_is_what_terminals_send():
    for sent in ("\x1f", "\x1b[45;6u", "\x1b[47;5u"):
        keys = [event.key for event in XTermParser().feed(sent) if isinstance(event, events.Key)]
        assert set(keys) <= set(commands.command("prompt.undo").keys.split(",")) and keys


@pytest.mark.parametrize("field", [Prompt, CodeEditor, Line])
async def test_a_key_with_alt_takes_a_word_and_writes_no_letter(field):
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        if field is not Prompt:
            await app.main.mount(field(""))
        line = app.main.query_one(field)
        line.focus()
        await pilot.pause()

        async def sees(*keys: str) -> str:
            for key in keys:  # terminals send the letter along
                app.post_message(events.Key(key, key[-1] if key[-2:-1] == "+" else None))
            await settle(pilot)
            return line.value if isinstance(line, Line) else line.text

        await pilot.press(*"one two three")
        assert await sees("alt+x", "alt+shift+x") == "one two three"
        assert await sees("alt+backspace") == "one two "
        assert await sees("ctrl+backspace") == "one "
        await pilot.press(*"two")
        assert (await sees("home", "alt+d")).strip() == "two"


@pytest.mark.parametrize("field", [Prompt, CodeEditor, Line])
async def test_keys_that_come_all_at_once_act_in_the_order_of_typing(field):
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        if field is CodeEditor:
            await app.main.mount(CodeEditor(""))
        elif field is Line:
            await app.main.mount(Line())
        line = app.main.query_one(field)
        line.focus()
        await pilot.pause()
        for key in ("a", "b", "backspace", "c", "left", "left", "d", "home", "e", "end", "f"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        assert (line.value if isinstance(line, Line) else line.text) == "edacf"
        if field is Prompt:  # a question that comes now gives somebody who is writing time to see it
            assert app.main.questions._typed > 0


async def test_what_is_typed_right_before_the_key_that_takes_it_is_taken():
    taken = []
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        await app.main.mount(editor := CodeEditor(""))
        editor.action_submit = lambda: taken.append(editor.text)
        editor.focus()
        await pilot.pause()
        for key in ("a", "b", "ctrl+s"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        assert taken == ["ab"]


async def test_what_is_offered_for_a_word_is_never_put_in_the_place_of_what_follows_it():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        prompt = app.main.prompt
        prompt.put("explain the function")
        await pilot.press("home", "space", "home")
        await pilot.press("@", "f", "o", "o")
        await settle(pilot)
        prompt.offer_files(["foo.py", "fool.py"])
        assert prompt.found.offers
        await pilot.press("end", "enter")
        await settle(pilot)
        assert chat.questions == [("@foo explain the function", None)]


@pytest.mark.parametrize("size", [(7, 24), (1, 1)])
async def test_a_terminal_without_room_for_a_word_ends_nothing(size):
    app = app_for(ScriptedChat())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.resize_terminal(*size)
        await settle(pilot)
        await pilot.press("a")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert app.main.prompt.text == "a" and app.is_running
