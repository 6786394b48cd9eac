"""A model that loads, fails to load, or dies: nothing that was written is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.archive import Archive
from support.scripted import MODEL, ScriptedChat, answer, record

from codemode_tui.chat import events as ev
from codemode_tui.errors import ModelError, SandboxError, UsageError
from codemode_tui.store.records import StoredSession

from .screen import app_for, ask, settle, texts

T = "turn-1"


async def test_a_question_waits_for_the_model_and_is_then_asked():
    load = asyncio.Event()
    chat = ScriptedChat(answer(T, "Here."), load=load)
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "first")
        assert app.main.status.state == "loading" and app.main.status.progress
        assert chat.questions == [] and "next: first" in texts(app)
        load.set()
        await settle(pilot)
        assert chat.questions == [("first", None)]
        assert app.main.transcript.cards[0].answer == "Here."


async def test_escape_stops_the_loading_and_one_key_begins_it_again():
    chat = ScriptedChat(load=asyncio.Event())
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.main.status.state == "loading" and "esc stops" in app.main.status.render().plain
        await pilot.press("escape")
        await settle(pilot)
        assert app.main.status.state == "failed" and "you stopped it" in texts(app)
        chat.load_gate.set()
        await pilot.press("f5")
        await settle(pilot)
        assert app.main.status.state == "ready" and chat.starts == 2


async def test_another_terminals_question_comes_first_and_that_is_said():
    hold = asyncio.Event()
    chat = ScriptedChat([ev.Waiting(T, "queue", 0, 0), hold, *answer(T, "Here.")])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        assert "another terminal's question comes first" in app.main.status.render().plain
        hold.set()
        await settle(pilot)
        assert app.main.transcript.cards[0].answer == "Here."


async def test_only_one_question_waits_and_the_second_stays_in_the_prompt():
    chat = ScriptedChat(load=asyncio.Event())
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "first")
        await ask(pilot, "second")
        assert app.main.prompt.text == "second"
        assert "one question is waiting" in texts(app)


async def test_escape_takes_the_waiting_question_back():
    chat = ScriptedChat(load=asyncio.Event())
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "first")
        bottom = app.main.status
        assert "esc takes it back" in texts(app) and "esc esc stops" in bottom.render().plain
        await pilot.press("escape")
        await settle(pilot)
        assert app.main.prompt.text == "first" and app.main.driver.queued is None
        assert "esc stops" in bottom.render().plain and "esc esc" not in bottom.render().plain


async def test_a_question_taken_back_leaves_a_draft_alone_and_is_in_the_history():
    chat = ScriptedChat(load=asyncio.Event())
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "first")
        await pilot.press("d", "escape")
        await settle(pilot)
        assert app.main.prompt.text == "d" and app.main.driver.queued is None
        assert "taken back" in texts(app)
        await pilot.press("up")
        assert app.main.prompt.text == "first"


async def test_a_question_taken_back_keeps_its_forced_decision():
    app = app_for(ScriptedChat(load=asyncio.Event()))
    async with app.run_test() as pilot:
        await ask(pilot, "/tool count the lines")
        await pilot.press("escape")
        await settle(pilot)
        assert app.main.prompt.text == "/tool count the lines"


async def test_a_turn_is_marked_as_asked_again_only_once_that_is_so():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        first = app.main.transcript.cards[0]
        chat.engine_running, chat.load_gate = False, asyncio.Event()

        async def press(*keys):
            for key in keys:
                await pilot.press(key)
                await settle(pilot)

        again = ("f5", "alt+up", "enter", "r")
        await press(*again)
        assert app.main.driver.queued is not None and not first.superseded
        await press("escape", "escape")
        assert app.main.driver.queued is None and "asked again below" not in texts(app)
        await press(*again)
        chat.load_gate.set()
        await settle(pilot)
        assert chat.again[-1] == ("turn-1", False) and "asked again below" in texts(app)


async def test_a_turn_whose_question_is_refused_stands_and_the_question_can_be_asked_once_more():
    class Refusing(ScriptedChat):
        async def ask(self, query, *, force=None, again=None, go_on=False):
            if again:
                raise UsageError("this message cannot go on where it ended")
            async for event in super().ask(query, force=force, again=again, go_on=go_on):
                yield event

    app = app_for(chat := Refusing())
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        for key in ("alt+up", "enter", "r"):
            await pilot.press(key)
            await settle(pilot)
        first, second = app.main.transcript.cards
        assert not first.superseded and "asked again below" not in texts(app)
        assert second.over and {one.action for one in app.main.menu._choices} == {"again", "edit"}
        for key in ("tab", "r"):
            await pilot.press(key)
            await settle(pilot)
        assert len(chat.questions) == 2


async def test_a_question_without_a_model_leaves_the_state_true():
    def no_model():
        return ev.TurnFailed(T, "model", "shard 3 is missing", "download it again", record(T, "", None))

    chat = ScriptedChat([no_model], load_error=ModelError("shard 3 is missing", hint="download it again"))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        assert app.main.status.state == "failed"
        assert texts(app).count("✗ the model cannot be loaded") == 2  # found at the start and for the question


async def test_a_question_asked_during_a_turn_comes_next():
    hold = asyncio.Event()
    chat = ScriptedChat([*answer(T, "Half", end=False), hold, *answer(T, "Half")[-3:]], answer("turn-2", "Two."))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await ask(pilot, "two")
        assert [q for q, _ in chat.questions] == ["one"]
        hold.set()
        await settle(pilot)
        assert [q for q, _ in chat.questions] == ["one", "two"]


async def test_a_model_that_cannot_be_loaded_says_how_to_mend_it_and_one_key_tries_again():
    chat = ScriptedChat(load_error=ModelError("shard 3 is missing", hint="download it again"))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "shard 3 is missing" in texts(app) and "download it again" in texts(app)
        assert app.main.status.state == "failed"
        bottom = app.main.status.render().plain
        assert "f4 another, f5 tries again" in bottom and "that was wrong" not in bottom  # nothing is there to rate
        chat.load_error = None
        await pilot.press("f5")
        await settle(pilot)
        assert app.main.status.state == "ready" and chat.starts == 2


async def test_an_engine_that_dies_marks_the_turn_and_one_key_restarts_it():
    chat = ScriptedChat()

    def died():
        chat.engine_running = False
        return ev.TurnFailed(T, "engine", "the engine died (signal 9)", "ask again", record(T, "", None))

    chat.scripts = [[*answer(T, "Half an", end=False), died], answer("turn-2", "Whole.")]
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        card = app.main.transcript.cards[0]
        assert card.failed and "the engine died (signal 9)" in texts(app)
        assert app.main.status.state == "dead"
        await pilot.press("f5")
        await settle(pilot)
        assert app.main.status.state == "ready"
        await ask(pilot, "two")
        assert app.main.transcript.cards[1].answer == "Whole."


async def test_a_death_between_turns_is_noticed():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        chat.engine_running = False
        app.main.driver.look_after_engine()
        assert app.main.status.state == "dead"


async def test_no_sandbox_is_said_at_once_and_questions_still_work():
    chat = ScriptedChat(answer(T, "Yes."), sandbox=SandboxError("bwrap is missing", hint="apt install bubblewrap"))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "no sandbox" in app.main.header.render().plain and "apt install bubblewrap" in texts(app)
        await ask(pilot, "one")
        assert app.main.transcript.cards[0].answer == "Yes."


async def test_a_model_with_a_wide_name_leaves_room_to_say_that_there_is_no_sandbox(monkeypatch):
    monkeypatch.setattr("support.scripted.MODEL", replace(MODEL, name="日本" * 9, quantization=None))
    app = app_for(ScriptedChat(sandbox=SandboxError("bwrap is missing")))
    async with app.run_test(size=(42, 24)) as pilot:
        await settle(pilot)
        shown = app.main.header.render()
        assert shown.cell_length == 40 and "日本日" in shown.plain and shown.plain.endswith("✗ no sandbox")


async def test_leaving_in_mid_turn_stops_it_first():
    ended = []

    class Watched(ScriptedChat):
        async def ask(self, query, **how):
            async for event in super().ask(query, **how):
                ended.append(type(event).__name__)
                yield event

    chat = Watched([*answer(T, "Half", end=False), asyncio.Event()])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+q")
    assert ended[-1] == "TurnFailed" and app.return_code == 0


@pytest.mark.parametrize(("newest", "turns"), [("session-1", 1), ("session-1", 0), ("another", 1)])
async def test_who_leaves_is_told_how_to_go_on_where_that_opens_this_conversation(capsys, newest, turns):
    session = StoredSession(newest, "", "", str(Path.cwd().resolve()), "", turns)
    app = app_for(ScriptedChat(), records=Archive(sessions=[session]))
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+q")
    assert ("codemode --continue goes on with it" in capsys.readouterr().err) is (newest == "session-1" and turns > 0)


async def test_ctrl_c_leaves_only_at_the_second_time():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("ctrl+c")
        await settle(pilot)
        assert "again to quit" in texts(app) and app.is_running
        await pilot.press("ctrl+c")
    assert app.return_code == 0
