"""The first start offers a model and blocks nothing; a download goes on beside the conversation."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from support.hub import serving
from support.scripted import ScriptedChat

from codemode_tui import config, locations
from codemode_tui.engine import choice, machine_memory, recommended
from codemode_tui.engine.machine_memory import Machine
from codemode_tui.errors import StoreError
from codemode_tui.front.ports import Opened
from codemode_tui.tui.picker import Picker

from .screen import app_for, ask, settle, texts, until
from .states import _shelf

SIZE = (110, 40)


class Doors:
    """Opens scripted conversations, and remembers with what."""

    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.chat = ScriptedChat()
        self.unlocked = asyncio.Event()
        self.unlocked.set()

    async def open(self, **changes):
        self.asked.append(changes)
        await self.unlocked.wait()
        self.chat = ScriptedChat()
        return Opened(self.chat, [], _shelf(), None, config.load_settings(locations.config_file()))


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setattr(recommended, "machine", lambda: Machine(36_000_000_000, "available memory"))
    monkeypatch.setattr(machine_memory, "machine", lambda: Machine(36_000_000_000, "available memory"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def doors() -> Doors:
    return Doors()


def opened(doors: Doors, first: bool = True):
    return app_for(doors.chat, records=_shelf(), reopen=doors.open, first=first)


async def test_a_first_start_offers_and_one_key_keeps_what_is_there(doors):
    app = opened(doors)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "this machine can hold it, with a context of" in texts(app))
        assert "21.0 GB" in texts(app) and app.focused is app.main.prompt
        await pilot.press("enter")
        await until(pilot, lambda: "the bundled model answers" in texts(app))
        assert "21.0 GB" not in texts(app) and not choice.undecided()
        assert doors.asked == []


async def test_who_keeps_the_model_keeps_its_profile(doors):
    locations.private_dir(locations.config_dir())
    locations.config_file().write_text('[model]\nprofile = "qwen3-coder"  # mine\n')
    app = opened(doors)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "21.0 GB" in texts(app))
        await pilot.press("enter")
        await until(pilot, lambda: "the bundled model answers" in texts(app))
    assert choice.current() == choice.Chosen("bundled", "qwen3-coder") and not choice.undecided()
    assert "# mine" in locations.config_file().read_text()


async def test_the_offer_blocks_no_question_and_is_gone_with_it(doors):
    app = opened(doors)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "21.0 GB" in texts(app))
        await ask(pilot, "2 + 2?")
        assert doors.chat.questions == [("2 + 2?", None)] and "21.0 GB" not in texts(app)
        await pilot.press("enter")
        await settle(pilot)
        assert choice.undecided()


async def test_a_machine_that_is_too_small_is_told(doors, monkeypatch):
    monkeypatch.setattr(recommended, "machine", lambda: Machine(8_000_000_000, "available memory"))
    app = opened(doors)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "too large for this machine" in texts(app))
        app.fetch(recommended.NAME)
        await until(pilot, lambda: "downloads it all the same" in texts(app))


async def test_what_was_chosen_is_not_offered_again(doors):
    app = opened(doors, first=False)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "21.0 GB" not in texts(app) and choice.undecided()


async def test_a_folder_that_is_taken_first_is_taken_for_good(doors, tmp_path):
    shutil.copytree(locations.bundled_model(), tmp_path / "mine")
    app = opened(doors)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(app.screen, Picker) and len(app.screen.rows) > 2)
        assert [row.title for row in app.screen.rows][1:] == ["bundled", recommended.NAME]
        await pilot.press(*str(tmp_path / "mine"), "enter")
        await until(pilot, lambda: doors.asked != [])
        (asked,) = doors.asked
        assert asked["model"] is None and asked["profile"] is None  # the settings name it now
        assert choice.current().model == str(tmp_path / "mine")


async def test_a_later_choice_is_for_this_conversation(doors, tmp_path):
    shutil.copytree(locations.bundled_model(), tmp_path / "mine")
    app = opened(doors, first=False)
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, f"/model {tmp_path / 'mine'}")
        await until(pilot, lambda: "for good: codemode model use" in texts(app))
        assert doors.asked[0]["model"] == str(tmp_path / "mine") and choice.undecided()


async def test_a_download_shows_how_far_it_is_and_is_chosen_when_it_is_whole(doors, tmp_path, monkeypatch):
    folder = Path(shutil.copytree(locations.bundled_model(), tmp_path / "origin"))
    app = opened(doors)
    with serving(folder) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        async with app.run_test(size=SIZE) as pilot:
            seen: list[str] = []
            await settle(pilot)
            app.main.watch(app.main.status, "fetching", lambda text: seen.append(text))
            app.fetch("team/tiny")
            await until(pilot, lambda: doors.asked != [])
            assert any(text.startswith("model ") and text.endswith("of 6 MB") for text in seen) and seen[-1] == ""
            assert choice.current().model == "team/tiny"
            app.fetch("team/other")
            await until(pilot, lambda: "there is no repository team/other" in texts(app))


async def test_another_download_does_not_stop_a_choice_in_its_midst(doors, tmp_path, monkeypatch):
    folder = Path(shutil.copytree(locations.bundled_model(), tmp_path / "origin"))
    app = opened(doors)
    first = doors.chat
    with serving(folder) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        async with app.run_test(size=SIZE) as pilot:
            doors.unlocked.clear()
            app.fetch("team/tiny")
            await until(pilot, lambda: doors.asked != [])
            app.fetch("team/other")
            await until(pilot, lambda: "there is no repository team/other" in texts(app))
            doors.unlocked.set()
            await until(pilot, lambda: app.chat is doors.chat and app.screen is app.main)
            await ask(pilot, "2 + 2?")
            assert doors.chat is not first and doors.chat.questions == [("2 + 2?", None)]


async def test_a_question_that_is_asked_meanwhile_keeps_its_conversation(doors, tmp_path):
    shutil.copytree(locations.bundled_model(), tmp_path / "mine")
    doors.chat = first = ScriptedChat([asyncio.Event()])
    app = opened(doors)
    async with app.run_test(size=SIZE) as pilot:
        doors.unlocked.clear()
        app.action_model(str(tmp_path / "mine"))
        await until(pilot, lambda: doors.asked != [])
        app.main.prompt.put("2 + 2?")
        await pilot.press("enter")
        await until(pilot, lambda: app.main.driver.running)
        doors.unlocked.set()
        await until(pilot, lambda: "a turn is running" in texts(app))
        assert app.chat is first and app.main.driver.running


async def test_a_question_that_waits_for_a_model_is_the_draft_of_the_conversation_with_another(doors, tmp_path):
    shutil.copytree(locations.bundled_model(), tmp_path / "mine")
    doors.chat = first = ScriptedChat(load=asyncio.Event())
    close = first.close

    async def closes():
        await first.stop()  # as a real one: what loads is told so
        await close()

    first.close = closes
    app = opened(doors)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.main.driver.loading)
        app.main.prompt.put("2 + 2?")
        await pilot.press("enter")
        await until(pilot, lambda: app.main.driver.queued is not None)
        app.action_model(str(tmp_path / "mine"))
        await until(pilot, lambda: app.chat is not first and app.main.prompt.text == "2 + 2?")
        assert first.questions == [] and "not loaded" not in texts(app)


async def test_a_conversation_that_cannot_be_closed_well_is_left_all_the_same(doors, tmp_path, monkeypatch):
    shutil.copytree(locations.bundled_model(), tmp_path / "mine")
    app = opened(doors)
    first = doors.chat

    async def torn():
        raise StoreError("the disk is full", hint="make room")

    monkeypatch.setattr(first, "close", torn)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.action_model(str(tmp_path / "mine"))
        await until(pilot, lambda: "the disk is full" in texts(app))
        await ask(pilot, "2 + 2?")
        assert app.chat is not first and app.chat.questions == [("2 + 2?", None)]
