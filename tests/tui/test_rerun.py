"""Code of a turn that is run once more, as it is or as the user's editor has changed it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal

import pytest
from support.scripted import ScriptedChat, answer, approval, call, parsed, record, run
from textual.drivers.headless_driver import HeadlessDriver

from codemode_tui.chat import events as ev
from codemode_tui.protocol.types import Decision
from codemode_tui.tui import leaving
from codemode_tui.tui.confirm_panel import ConfirmPanel
from codemode_tui.tui.turn_actions import Rerun

from .screen import app_for, ask, settle, texts, until

CODE = 'print(read_file("a.txt"))\n'
T = "turn-1"


def _called() -> list:
    return [*call(T, CODE), *run(T, CODE, "3\n"), *answer(T, "There are 3.", step=1, probability=None)]


async def _press(pilot, *keys):
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


class _Rehearsed(ScriptedChat):
    """Runs code that belongs to no turn."""

    ran: tuple[str, ...] = ()

    async def run(self, code, step):
        async for event in self._played([approval("", code, ("read_file",), ()), *run("", code, "4\n")], None):
            if isinstance(event, ev.RunStarted):
                self.ran += (event.code,)
            yield event


async def test_code_is_run_once_more_after_a_yes():
    chat, rehearsal = ScriptedChat(_called()), _Rehearsed()
    app = app_for(chat, rehearsal=rehearsal)
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "x")
        await until(pilot, lambda: bool(app.main.query(ConfirmPanel)))
        assert not rehearsal.ran
        assert str(app.main.query_one(ConfirmPanel).border_subtitle).endswith("esc stops it")  # no turn runs
        await _press(pilot, "y")
        await until(pilot, lambda: not app.main.driver.running)
        assert rehearsal.ran == (CODE,) and app.main.query_one(Rerun).output.text == "4"
        assert app.main.asker is chat


@pytest.mark.parametrize(("size", "above"), [((80, 24), 1), ((110, 34), 1), ((80, 24), 0)])
async def test_the_code_that_would_run_is_on_the_screen_when_it_is_asked_about(size, above):
    app = app_for(ScriptedChat(_called()), rehearsal=_Rehearsed())
    async with app.run_test(size=size) as pilot:
        for question in ("How many?", "What is a decorator?")[: 1 + above]:
            await ask(pilot, question)
        await _press(pilot, *["alt+up"] * (1 + above), "enter", "x")
        card = app.main.query_one("Rerun CodeCard")
        assert app.main.query(ConfirmPanel) and card.region.height > 2
        assert card.region in app.main.transcript.region


async def test_the_editor_of_the_user_gets_the_code_and_what_it_changed_is_asked_about(monkeypatch, tmp_path):
    app = app_for(ScriptedChat(_called()), rehearsal=(rehearsal := _Rehearsed()))
    editor = tmp_path / "editor"
    editor.write_text(f"#!/bin/sh\ncp $1 {tmp_path}/seen\nprintf 'print(4)' > $1\n")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "v")
        if app.main.query(ConfirmPanel):  # where the driver of the tests can be suspended
            assert (tmp_path / "seen").read_text() == CODE
            await _press(pilot, "y")
            assert rehearsal.ran == ("print(4)",)
        else:
            assert "cannot be started" in texts(app)


@pytest.fixture
def editor(monkeypatch, tmp_path):
    """Makes a program the editor of the user, on a screen that can be left for it and come back to."""
    back: list[bool] = []
    monkeypatch.setattr(HeadlessDriver, "can_suspend", property(lambda self: True))
    monkeypatch.setattr(HeadlessDriver, "resume_application_mode", lambda self: back.append(True))

    def use(script):
        file = tmp_path / "editor"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setenv("VISUAL", str(file) if script else "/no/such/editor")
        return back

    return use


async def test_code_that_could_not_be_run_afterwards_is_not_opened_in_the_editor(editor, tmp_path):
    back = editor("printf 'print(4)' > $1")
    app = app_for(ScriptedChat(_called(), [asyncio.Event()]), rehearsal=_Rehearsed())
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        card = app.main.transcript.cards[0]
        await ask(pilot, "And now?")
        await app.main.turns.act("open", card)
        await settle(pilot)
        assert not back and "a turn is running" in texts(app)
        await _press(pilot, "escape")
        app.rehearsal = None
        await app.main.turns.act("open", card)
        await settle(pilot)
        assert not back and "nothing can be run here" in texts(app)


async def test_code_that_was_cut_off_is_seen_in_the_editor_and_not_run(editor, tmp_path):
    editor(f"cp $1 {tmp_path}/seen; printf 'print(4)' > $1")
    cut = [parsed(T, 0, Decision.TRUNCATED, "", CODE, 0.9), ev.TurnDone(T, record(T, "", None))]
    app = app_for(ScriptedChat(cut), rehearsal=_Rehearsed())
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "v")
        assert (tmp_path / "seen").read_text() == CODE and not app.main.query(ConfirmPanel)
        assert "the code stays as it was" in texts(app)


async def test_what_an_editor_saves_in_another_encoding_is_not_lost(editor):
    editor("printf 'print(\"caf\\351\")' > $1")
    app = app_for(ScriptedChat(_called()), rehearsal=_Rehearsed())
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "v")
        await until(pilot, lambda: bool(app.main.query(ConfirmPanel)))
        assert app.main.query_one(ConfirmPanel).wanted.code == 'print("caf\ufffd")'
        assert "is not UTF-8" in texts(app)


async def test_ctrl_c_in_the_editor_is_not_for_this_program(editor):
    back, heard = editor("kill -INT $PPID"), []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append(True))
    try:
        app = app_for(ScriptedChat(_called()), rehearsal=_Rehearsed())
        async with app.run_test() as pilot:
            await ask(pilot, "How many?")
            await _press(pilot, "alt+up", "enter", "v")
            assert back and not heard
            signal.raise_signal(signal.SIGINT)
            assert heard
    finally:
        signal.signal(signal.SIGINT, before)


async def test_an_editor_of_blanks_is_none(editor, monkeypatch, tmp_path):
    editor("touch $0.ran")
    (tmp_path / "editor").rename(tmp_path / "vi")
    monkeypatch.setenv("VISUAL", " ")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    app = app_for(ScriptedChat(_called()), rehearsal=_Rehearsed())
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "v")
        assert (tmp_path / "vi.ran").exists()


async def test_an_editor_that_is_not_there_leaves_the_screen_as_it_was(editor):
    back = editor("")
    app = app_for(ScriptedChat(_called()), rehearsal=_Rehearsed())
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "v")
        assert back and "cannot be started" in texts(app)


class _Unhearing(_Rehearsed):
    """Does not stop when it is told to."""

    async def stop(self):
        pass


@pytest.mark.parametrize("rehearsal", [_Rehearsed, _Unhearing])
async def test_leaving_stops_code_that_is_run_once_more(monkeypatch, rehearsal):
    complaints = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    monkeypatch.setattr(leaving, "STOP_SECONDS", 0.05 if rehearsal is _Unhearing else 60.0)
    app = app_for(ScriptedChat(_called()), rehearsal=rehearsal())
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "x")
        await until(pilot, lambda: bool(app.main.query(ConfirmPanel)))
        await asyncio.wait_for(app.action_quit(), 30)
    await asyncio.sleep(0)
    gc.collect()
    assert complaints == []
