"""Files and words that are offered, questions of before, drafts that outlive the program."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path

import pytest
from support.scripted import ScriptedChat
from textual import events

from codemode_tui import locations
from codemode_tui.front.completion import offers, without_at
from codemode_tui.front.drafts import Draft, Drafts
from codemode_tui.store.owner import Owner
from codemode_tui.tui import prompt
from codemode_tui.tui.hints import Hints

from .screen import app_for, ask, settle, until
from .states import _shelf
from .test_lists import Doors

FILES = ["README.md", "app/settings.py", "docs/my notes.md"]


@pytest.mark.parametrize(
    ("before", "found"),
    [("sum @set", ["app/settings.py "]), ("@", ["README.md ", "app/settings.py ", '"docs/my notes.md" ']),
     ("mail ada@set", []), ("sum @set now", []), ("/the", ["/theme "]), ("/theme pa", ["codemode-paper"]),
     ("/correct ", ["run", "answer", "edit", "retry"]), ("/new", ["/new"]), ("why /new", []), ("/tool que", [])],
)  # fmt: skip
def test_what_a_word_could_become(before, found):
    assert [one.text for one in offers(before, "", FILES, {"theme": ["codemode-paper"]}).offers] == found


@pytest.mark.parametrize(
    ("before", "line"),
    [("/theme pap ", "/theme codemode-paper"), ("/export m  ", "/export md"), ("/correct  ", "/correct  run"),
     ("/theme\tpap", "/theme\tcodemode-paper"), (" /theme pap ", " /theme codemode-paper"), (" /theme", None),
     ("/export md ", None)],
)  # fmt: skip
def test_what_is_taken_stands_in_the_place_of_the_word(before, line):
    found = offers(before, "", FILES, {"theme": ["codemode-paper"]})
    assert [before[: found.begin] + one.text for one in found.offers[:1]] == ([line] if line else [])


def test_a_mention_that_was_written_out_is_sent_as_a_path():
    assert without_at("sum @README.md, @property and a@README.md", ["README.md", "README.md,"]) == (
        "sum README.md, @property and a@README.md"
    )
    assert (
        without_at("who is (\"@README.md\"), in '@README.md'?", ["README.md"])
        == "who is (\"README.md\"), in 'README.md'?"
    )
    assert without_at("@README.md? @a. @b.!", ["README.md", "a", "b."]) == "README.md? a. b.!"
    assert without_at("@README.mdx @? x=@README.md", ["README.md"]) == "@README.mdx @? x=@README.md"


async def test_a_file_is_mentioned_by_a_few_letters():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(*"How long is @no")
        await until(pilot, lambda: app.main.query_one(Hints).display)
        await pilot.press("enter")
        assert app.main.prompt.text == 'How long is "docs/my notes.md" '
        await pilot.press(*"@rou", "tab", *"?", "enter")
        await settle(pilot)
        assert chat.questions == [('How long is "docs/my notes.md" app/routes.py ?', None)]


async def test_a_mention_that_fits_no_file_keeps_the_keyboard():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press(*"@zzz", "tab", "x")
        assert app.main.prompt.text == "@zzzx" and app.focused is app.main.prompt


async def test_arrows_choose_among_what_is_offered_and_escape_leaves_it():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(*"/re", "down", "tab")
        assert app.main.prompt.text == "/rename "
        await pilot.press(*["backspace"] * 5, "escape")
        await settle(pilot)
        assert not app.main.query_one(Hints).display
        await pilot.press("enter")
        await settle(pilot)
        assert app.main.prompt.text == "/re"


async def test_a_command_is_done_by_its_beginning():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        await pilot.press(*"/ne", "enter")
        await settle(pilot)
        assert chat.sessions == 2 and app.main.prompt.empty


async def test_questions_of_earlier_days_are_there_and_can_be_searched():
    app = app_for(ScriptedChat(), records=_shelf())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("up")
        assert app.main.prompt.text == "What is a decorator?"
        await pilot.press("down", "ctrl+r")
        await settle(pilot)
        await pilot.press(*"mention", "enter")
        await until(pilot, lambda: app.main.prompt.text == "Which files mention TODO?")
        assert app.focused is app.main.prompt and app.chat.questions == []


async def test_what_is_being_written_comes_back_behind_the_question_that_was_searched():
    app = app_for(ScriptedChat(), records=_shelf())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(*"half a thought", "ctrl+r")
        await settle(pilot)
        await pilot.press(*"mention", "enter")
        await until(pilot, lambda: app.main.prompt.text == "Which files mention TODO?")
        assert app.main.prompt.draft.text == "half a thought"
        for _ in app.main.prompt.asked:
            await pilot.press("down")
        assert app.main.prompt.text == "half a thought"


async def test_a_question_of_before_that_was_written_anew_is_a_draft_too():
    app = app_for(ScriptedChat(), records=_shelf())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(*"half", "up")
        assert app.main.prompt.draft.text == "half"
        shown = app.main.prompt.text
        await pilot.press("end", *" and more")
        assert app.main.prompt.draft.text == f"{shown} and more\n\nhalf"


async def test_a_draft_is_on_disk_and_comes_back_with_its_pastes(tmp_path):
    doors = Doors(tmp_path)
    app = app_for(doors.chat, records=_shelf(), reopen=doors.open)
    log = "a line\n" * 200
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(*"see ")
        app.main.prompt.post_message(events.Paste(log))
        await until(pilot, lambda: any("[pasted #1" in file.read_text() for file in folder().glob("*.json")))
    (file,) = folder().glob("*.json")
    assert json.loads(file.read_text())["text"].startswith("see [pasted #1")
    dead = file.with_name(file.name.replace(f"-{os.getpid()}.", "-999999999."))
    file.rename(dead)  # as if that program had been killed
    again = app_for(doors.chat, records=_shelf(), reopen=doors.open)
    async with again.run_test() as pilot:
        await until(pilot, lambda: not again.main.prompt.empty)
        await pilot.press("enter")
        await settle(pilot)
        assert doors.chat.questions == [(f"see {log}".strip(), None)]
        await until(pilot, lambda: not list(folder().glob("*.json")))


def folder() -> Path:
    return locations.data_dir() / "drafts"


def test_a_draft_that_somebody_is_writing_is_left_alone(tmp_path):
    mine = Drafts(tmp_path)
    mine.keep(Draft("mine", {}))
    (file,) = folder().glob("*.json")
    other = file.with_name(file.name.replace(f"-{os.getpid()}.", f"-{os.getppid()}."))
    other.write_text(json.dumps({"text": "theirs", "pastes": {}}))
    writing = Owner(folder(), other.stem)  # what the other program holds as long as it lives
    (folder() / file.name.replace(f"-{os.getpid()}.", "-999999999.")).write_text("{")
    assert mine.left() is None and other.exists() and mine.left() is None
    assert Drafts(tmp_path / "elsewhere").left() is None
    writing.close()
    assert mine.left() == Draft("theirs", {}) and not other.exists()


def dead(workspace: Path, text: str) -> Path:
    """The draft of a program that was killed."""
    others = set(folder().glob("*.json"))
    Drafts(workspace).keep(Draft(text, {}))
    (file,) = set(folder().glob("*.json")) - others
    return file.rename(file.with_name(file.name.replace(f"-{os.getpid()}.", "-999999999.")))


async def test_a_draft_goes_over_to_another_conversation_and_one_that_was_left_waits(tmp_path):
    doors = Doors(tmp_path)
    app = app_for(doors.chat, records=_shelf(), reopen=doors.open)
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(*"mine")
        before = app.main
        left = dead(tmp_path / "elsewhere", "left before")
        app.run_worker(app.reopened(workspace=tmp_path / "elsewhere"))
        await until(pilot, lambda: app.main is not before and app.main.prompt.text == "mine")
        await settle(pilot)
        assert app.main.prompt.text == "mine" and left.exists()
        app.main.prompt.clear()
        app.run_worker(app.reopened(workspace=tmp_path / "elsewhere"))
        await until(pilot, lambda: app.main.prompt.text == "left before")
        assert not left.exists()


async def test_what_is_typed_while_a_draft_that_was_left_is_read_comes_behind_it(tmp_path, monkeypatch):
    dead(tmp_path, "left before")
    doors, left = Doors(tmp_path), Drafts.left
    app = app_for(doors.chat, records=_shelf(), reopen=doors.open)

    def slowly(drafts):
        app.call_from_thread(app.main.prompt.insert, "typed")
        return left(drafts)

    monkeypatch.setattr(Drafts, "left", slowly)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.main.prompt.text == "left before\n\ntyped")
        await pilot.press("!")
        assert app.main.prompt.text == "left before\n\ntyped!"


async def test_a_question_that_waits_is_a_draft_until_it_is_asked(tmp_path):
    doors = Doors(tmp_path)
    hold = asyncio.Event()
    doors.chat.scripts = [[hold]]
    app = app_for(doors.chat, records=_shelf(), reopen=doors.open)

    def kept() -> list[str]:
        return [json.loads(file.read_text())["text"] for file in folder().glob("*.json")]

    async with app.run_test() as pilot:
        await settle(pilot)
        for text in ("one", "two", "/tool three"):
            app.main.prompt.put(text)
            await pilot.press("enter")
        await until(pilot, lambda: app.main.prompt.text == "/tool three")
        app.main.prompt.clear()
        await until(pilot, lambda: kept() == ["two"])
        hold.set()
        await until(pilot, lambda: len(doors.chat.questions) == 2 and not kept())


async def test_a_word_that_is_written_out_is_sent_as_it_stands_though_another_is_like_it():
    app = app_for(ScriptedChat(), theme="codemode-dark")
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(*"/theme codemode-light", "enter")
        await settle(pilot)
        assert app.theme == "codemode-light"


async def test_among_many_files_a_letter_is_looked_for_once_and_the_screen_does_not_wait(monkeypatch):
    looked = []

    def counted(before, *rest):
        looked.append((before, threading.current_thread() is threading.main_thread()))
        return offers(before, *rest)

    monkeypatch.setattr(prompt, "offers", counted)
    chat = ScriptedChat()
    chat.paths = [f"file_{n}.py" for n in range(prompt.MANY)] + ["the/one.py"]
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("@")
        await until(pilot, lambda: app.main.prompt.found.offers)
        looked.clear()
        await pilot.press("o")
        await settle(pilot)
        assert looked == [("@o", False)]
        for key in (*"ne", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        assert app.main.prompt.text == "the/one.py "
