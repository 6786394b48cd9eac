"""The table of commands, and what the commands do."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import chain

import pytest
from support.picture import FIRST, PRINTED
from support.scripted import ScriptedChat, answer, approval, call, run
from textual._xterm_parser import XTermParser
from textual.binding import Binding
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input, Static, TextArea

from codemode_tui import commands
from codemode_tui.chat import events as ev
from codemode_tui.front import keys as front_keys
from codemode_tui.front.corrections import ALL, STRIP
from codemode_tui.front.keys import first_key
from codemode_tui.help import topics
from codemode_tui.sandbox.types import FileChange, Outcome
from codemode_tui.tui import palette, turn_menu
from codemode_tui.tui.app import CodemodeApp
from codemode_tui.tui.chat_screen import ChatScreen
from codemode_tui.tui.code_card import CodeLines
from codemode_tui.tui.confirm_panel import ConfirmPanel
from codemode_tui.tui.editing import CodeEditor
from codemode_tui.tui.help_screen import HelpScreen
from codemode_tui.tui.picker import Picker
from codemode_tui.tui.prompt import Prompt
from codemode_tui.tui.row_review import CHOICES
from codemode_tui.tui.topic_screen import TopicScreen
from codemode_tui.tui.turn_review import TurnReview
from codemode_tui.tui.write_panel import WritePanel

from .screen import app_for, ask, lines, settle, texts, until

PLACES = {
    "app": CodemodeApp, "chat": ChatScreen, "scroll": ChatScreen, "prompt": Prompt,
    "list": Picker, "confirm": ConfirmPanel, "editor": CodeEditor, "write": WritePanel, "review": TurnReview,
}  # fmt: skip
LINES = {"strip": STRIP, "turn": turn_menu.CHOICES, "candidate": ALL, "row": CHOICES}
"""Places whose keys are choices in a line."""


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda c: c.id)
def test_every_command_can_be_done(command):
    if command.where in LINES:
        assert command.id in {choice.id for choice in LINES[command.where]}
    else:
        assert callable(getattr(PLACES[command.where], f"action_{command.action}"))
    assert command.keys or command.slash


def test_no_name_and_no_key_means_two_things():
    assert max(Counter(c.id for c in commands.COMMANDS).values()) == 1
    assert max(Counter(c.slash for c in commands.COMMANDS if c.slash).values()) == 1
    everywhere = ("app", "chat", "scroll")
    for place in ("prompt", "confirm", "editor", "write"):
        keys = Counter(chain.from_iterable(c.keys.split(",") for c in commands.at(*everywhere, place)))
        twice = {key for key, count in keys.items() if count > 1}
        assert twice <= {"escape", "alt+up", "alt+down"}  # the innermost open thing takes it
    for place in LINES:
        around = ("app", "chat") if place == "turn" else ("app", "review")
        keys = Counter(chain.from_iterable(c.keys.split(",") for c in commands.at(*around, place)))
        assert max(keys.values()) == 1


def test_feedback_is_never_on_a_bare_letter_or_digit():
    for name in ("thumbs-down", "thumbs-up"):
        assert all("+" in key for key in commands.command(name).keys.split(","))


def test_the_keys_for_feedback_are_free_where_people_write():
    taken = {b.key for widget in (Prompt, TextArea, Input, Screen) for b in map(_binding, widget.BINDINGS)}
    keys = {key for b in taken for key in b.split(",")}
    assert not keys & {commands.command(name).keys for name in ("thumbs-down", "thumbs-up")}


def _binding(binding):
    return binding if isinstance(binding, Binding) else Binding(*binding)


@pytest.mark.parametrize(
    ("line", "id_", "argument"),
    [("/help", "help", ""), ("/KEYS", "help", ""), ("/theme  codemode-light ", "theme", "codemode-light"),
     ("/q", "quit", ""), ("/nope", None, ""), ("/nope at all", None, "at all"),
     ("/tool\nwhat is\nthis", "tool", "what is\nthis"), ("/tool\twhat", "tool", "what"),
     ("/theme\u00a0dark", "theme", "dark")],
)  # fmt: skip
def test_a_slash_line_is_read(line, id_, argument):
    command, _, rest = commands.slash(line)
    assert (command.id if command else None, rest) == (id_, argument)


@pytest.mark.parametrize("line", ["hello", "/etc/hosts?", "/", "a /help", "/two\nlines"])
def test_a_question_is_no_command(line):
    assert commands.slash(line) is None


async def test_help_shows_every_key_and_command():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(100, 80)) as pilot:
        await pilot.press("f1")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        shown = app.screen.text.plain
        assert all(c.summary in shown for c in commands.COMMANDS)
        await pilot.press("escape")
        assert isinstance(app.screen, ChatScreen) and app.focused is app.main.prompt


async def test_what_is_too_long_for_a_line_of_the_help_goes_on_below_itself():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f1")
        await settle(pilot)
        lines = app.screen.query_one(Static).render().plain.split("\n")
        assert max(map(len, lines)) <= app.screen.query_one(Static).size.width
        assert not any(line.startswith("  goes on") for line in lines)
        await pilot.resize_terminal(160, 50)
        await settle(pilot)
        assert len(app.screen.query_one(Static).render().plain.split("\n")) < len(lines)


async def test_a_topic_of_the_help_is_read_over_the_conversation():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(100, 40)) as pilot:
        for name, seen in (("keys", TopicScreen), ("nonsense", ChatScreen)):
            app.main.prompt.text = f"/help {name}"
            await pilot.press("enter")
            await settle(pilot)
            assert isinstance(app.screen, seen)
            if seen is TopicScreen:
                assert app.screen.topic.text.startswith("# ") and "`ctrl+g`" in app.screen.topic.text
                await pilot.press("escape")
                await settle(pilot)
        assert "nothing to read about nonsense" in texts(app)


@pytest.mark.parametrize("name", ["turn", "feedback"])
async def test_a_topic_is_read_whole_on_a_small_screen_and_its_title_once(name):
    diagram = topics.source(name).split("```\n")[1]
    app = app_for(ScriptedChat())
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, f"/help {name}")
        shown = "\n".join(lines(app))
        assert all(line.strip() in shown for line in diagram.splitlines())
        assert topics.titles()[name] not in shown and name in lines(app)[1]
        assert {color for line in app.screen.query_one(CodeLines).lines for _, color in line} == {"code-name"}


async def test_the_key_that_opens_help_closes_it():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("f1", "f1")
        await settle(pilot)
        assert isinstance(app.screen, ChatScreen) and app.focused is app.main.prompt


async def test_model_names_path_bits_size_profile_and_hash():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await ask(pilot, "/model")
        assert isinstance(app.screen, Picker)
        shown = app.screen.query_one(".preview Static").render().plain
        for fact in ("qwen3-coder-30b-codemode-5bit", "5, groups of 64", "21.5 GB", "phase22", "5b1f0c9d"):
            assert fact in shown


async def test_new_empties_the_screen_and_begins_a_session():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await ask(pilot, "/new")
        assert chat.sessions == 2 and app.main.transcript.cards == []
        assert (app.main.status.used, app.main.status.rate) == (0, 0)  # of a conversation that is no more


async def test_a_question_waits_for_the_session_that_the_palette_begins():
    stored = asyncio.Event()

    class Slow(ScriptedChat):
        async def new_session(self) -> str:
            await stored.wait()
            return await super().new_session()

    chat = Slow()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+p", *"new", "enter")
        await ask(pilot, "two")
        assert [text for text, _ in chat.questions] == ["one"]
        stored.set()
        await until(pilot, lambda: len(chat.questions) == 2)
        await settle(pilot)
        assert chat.sessions == 2 and [card.question for card in app.main.transcript.cards] == ["two"]


async def test_a_run_that_was_undone_no_longer_says_that_its_files_are_there():
    made = FileChange("new.txt", "created"), FileChange("log.txt", "created")  # one by a command, which stays
    ran = ev.RunFinished("turn-1", 0, "run", Outcome("ok", 0, undo="journal", files_changed=made))
    begun = [*call("turn-1", FIRST), *run("turn-1", FIRST, "3\n")[:-1]]
    chat = ScriptedChat([*begun, ran, *answer("turn-1", "Done.", step=1)])

    async def undo(name):
        return ("journal" if name == "last" else "undo"), [FileChange("new.txt", "deleted")]

    chat.undo = undo
    app = app_for(chat)
    async with app.run_test(size=(80, 40)) as pilot:
        for line, new, way in (
            ("Make it", "● created new.txt", "/undo puts it back"),
            ("/undo", "○ created new.txt, undone", "/undo undone takes that back"),
            ("/undo undone", "● created new.txt", "/undo undone puts it back"),
        ):
            await ask(pilot, line)
            shown = "\n".join(lines(app))
            assert new in shown and way in shown and "● created log.txt" in shown
            assert ("● created new.txt" in shown) is new.startswith("●")


async def test_theme_changes_colours_at_once_and_refuses_what_is_not_there():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await ask(pilot, "/theme light")
        assert app.theme == "codemode-light"
        await ask(pilot, "/theme neon")
        assert app.theme == "codemode-light" and "there is no theme neon" in texts(app)


async def test_tool_and_direct_force_the_decision():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "/tool count the lines")
        await ask(pilot, "/direct what is a list?")
        assert chat.questions == [("count the lines", "tool"), ("what is a list?", "direct")]


async def test_copy_takes_answer_code_or_output():
    script = [*call("turn-1", FIRST), *run("turn-1", FIRST, PRINTED), *answer("turn-1", "Seven.", step=1)]
    app = app_for(ScriptedChat(script))
    async with app.run_test() as pilot:
        await ask(pilot, "go")
        await pilot.press("ctrl+o")
        assert app.clipboard == "Seven."
        assert app.chat.said == [("turn-1", "copied", {"what": "answer"})]
        await ask(pilot, "/copy code")
        assert app.clipboard == FIRST
        await ask(pilot, "/copy output")
        assert app.clipboard == PRINTED.rstrip("\n")


async def test_the_palette_runs_a_command():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await settle(pilot)
        await pilot.press(*"model that", "enter")
        await until(pilot, lambda: isinstance(app.screen, Picker) and app.screen.heading == "model")


@pytest.mark.parametrize(
    ("typed", "first"),
    [("undo", "undo"), ("/undo", "undo"), ("bad", "thumbs-down"), ("down", "thumbs-down"), ("new", "new"),
     ("profile", "profile"), ("keymap", "keymap"), ("stats", "stats"), ("export", "export"), ("quit", "quit"),
     ("rev", "review"), ("f2", "sessions"), ("what the last run", "undo"), ("fork", "turn.fork"), ("scroll", "page-up"),
     ("tool", "tool"), ("paper", "codemode-paper")],
)  # fmt: skip
async def test_a_command_is_found_by_its_names_by_what_it_does_and_by_its_key(typed, first):
    found = await palette.commands({}, ["codemode-paper"], ["fork", "copy"])(typed)
    assert getattr(found[0].value, "id", found[0].value) == first
    assert all(row.value.id not in ("palette", "interrupt", "turn.copy", "turn.run") for row in found[:-1])


async def test_the_palette_has_what_can_be_done_with_the_turn_and_leads_to_what_must_be_written():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+p", *"fork", "enter")
        await until(pilot, lambda: chat.forks == [("turn-1", False)])
        app.main.prompt.put("how many?")
        await pilot.press("ctrl+p", *"/tool", "enter")
        await until(pilot, lambda: app.main.prompt.text == "/tool how many?")


async def test_enter_pressed_twice_in_the_palette_leaves_it_once():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await pilot.press("ctrl+p", "r", "a", "w")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.screen is app.main)


async def test_keys_can_be_changed_and_hints_follow():
    chat = ScriptedChat([*call("turn-1", FIRST), approval("turn-1", FIRST, (), ())])
    keys = {"thumbs-down": "f8", "confirm.run": "r", "prompt.send": "ctrl+s"}
    app = app_for(chat, keys=keys)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "ctrl+s send" in str(app.main.prompt.border_subtitle)
        await pilot.press("g", "o", "ctrl+s")
        await settle(pilot)
        await pilot.press("y", "ctrl+g")
        await settle(pilot)
        assert chat.replies == [] and chat.ratings == []
        await pilot.press("f8", "r")
        await settle(pilot)
        assert chat.ratings == [("turn-1", -1)] and chat.replies == [ev.Approval("run")]


async def test_a_key_that_is_taken_away_does_nothing_and_the_hints_name_the_command():
    app = app_for(ScriptedChat(), keys={"quit": "", "help": "", "previous": ""})
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await pilot.press("ctrl+q", "f1", "alt+up")
        await settle(pilot)
        assert app.screen is app.main and app.focused is app.main.prompt and app._exit is False
        assert "/help help" in str(app.main.prompt.border_subtitle)
        assert [key for key, *_ in app.main.status.keys] == ["ctrl+g", "ctrl+p"]
        await pilot.press("ctrl+c", "ctrl+c")
    assert app.return_code == 0


def test_alt_enter_of_an_older_terminal_is_a_new_line_and_not_enter() -> None:
    keys = [event.key for event in XTermParser().feed("a\x1b\rb\r") if isinstance(event, Key)]
    assert keys[:2] == ["a", "ctrl+j"]
    assert "ctrl+j" in commands.command("prompt.newline").keys


def test_on_a_mac_a_key_without_alt_is_named_where_there_is_one(monkeypatch):
    assert first_key("prompt.newline", {}) == "alt+enter"
    monkeypatch.setattr(front_keys, "MAC", True)
    assert [first_key(name, {}) for name in ("prompt.newline", "previous", "quit")] == ["ctrl+j", "alt+↑", "ctrl+q"]
    assert first_key("prompt.newline", {"prompt.newline": "alt+enter"}) == "alt+enter"
    assert first_key("quit", {"quit": ""}) == "/quit"
