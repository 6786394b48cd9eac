"""Lists to choose from, and the conversation with what was chosen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.scripted import ScriptedChat

from codemode_tui import config, locations
from codemode_tui.chat.gate import Grant
from codemode_tui.commands import COMMANDS
from codemode_tui.config_file import unset
from codemode_tui.errors import StoreError, UsageError
from codemode_tui.front import pages
from codemode_tui.front.keys import clash
from codemode_tui.front.matching import ranked
from codemode_tui.front.ports import Opened
from codemode_tui.store.records import BEGIN, END, SearchHit
from codemode_tui.tui.choosing import _marked
from codemode_tui.tui.in_order import Line
from codemode_tui.tui.page import Page
from codemode_tui.tui.picker import Ask, Picker

from .screen import app_for, ask, lines, settle, texts, until
from .states import _shelf


class Doors:
    """Opens scripted conversations, and remembers with what."""

    def __init__(self, workspace: Path) -> None:
        self.workspace, self.asked, self.chat = workspace, [], ScriptedChat(workspace=workspace)

    async def open(self, **changes):
        if "broken" in changes.values():
            raise UsageError("it is broken")
        self.asked.append(changes)
        self.chat = ScriptedChat(workspace=changes.get("workspace") or self.workspace)
        return Opened(self.chat, [], _shelf(), None, config.load_settings(locations.config_file()))


@pytest.fixture
def doors(tmp_path):
    return Doors(tmp_path)


def opened(doors, **more):
    return app_for(doors.chat, records=_shelf(), reopen=doors.open, **more)


async def rows(pilot):
    await settle(pilot)
    assert isinstance(pilot.app.screen, Picker)
    return [row.title for row in pilot.app.screen.rows]


async def test_sessions_are_found_by_title_and_by_what_was_said(doors):
    app = app_for(ScriptedChat(), records=_shelf())
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await pilot.press("f2")
        assert len(await rows(pilot)) == 5
        await pilot.press(*"parser")
        assert await rows(pilot) == ["the parser"]
        await pilot.press(*["backspace"] * 6, *"decorator")
        assert await rows(pilot) == ["Which files mention TODO?"]
        await pilot.press("escape")
        await settle(pilot)
        assert app.focused is app.main.prompt


async def test_a_session_is_renamed_and_deleted_only_by_a_second_press(doors):
    app = opened(doors)
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await pilot.press("f2")
        await settle(pilot)
        await pilot.press(*"parser", "ctrl+e")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press(*" two", "enter")
        assert await rows(pilot) == ["the parser two"]
        await pilot.press("ctrl+d")
        assert await rows(pilot) == ["the parser two"]
        await pilot.press("ctrl+d")
        assert await rows(pilot) == []
        assert "s-3" not in app.records.all


async def test_another_session_goes_on_with_the_draft(doors, tmp_path):
    app = opened(doors)
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        first = doors.chat
        (other := tmp_path / "other").mkdir()
        app.records.all["s-2"] = config.msgspec.structs.replace(app.records.all["s-2"], workspace=str(other))
        app.main.prompt.insert("half a ")
        await pilot.press("f2")
        await settle(pilot)
        await pilot.press(*"prices", "enter")
        await until(pilot, lambda: app.chat is not first and app.main.prompt.text == "half a ")
        assert doors.asked == [{"session": "s-2", "workspace": None, "folder": other}] and first.closed
        await settle(pilot)
        assert app.screen is app.main and app.focused is app.main.prompt
        await pilot.press(*"draft", "enter")
        await settle(pilot)
        assert doors.chat.questions == [("half a draft", None)] and first.questions == []


async def test_what_cannot_be_opened_leaves_everything_as_it_is(doors):
    app = opened(doors)
    async with app.run_test() as pilot:
        await settle(pilot)
        before = app.chat
        await ask(pilot, "/profile broken")
        await until(pilot, lambda: "it is broken" in texts(app))
        assert app.chat is before and not before.closed


async def test_a_theme_is_shown_while_it_is_looked_at_and_kept_when_it_is_taken(doors):
    app = opened(doors)
    async with app.run_test() as pilot:
        await ask(pilot, "/theme")
        await pilot.press("down")
        await settle(pilot)
        assert app.theme == "codemode-dusk"
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == "codemode-dark")
        await ask(pilot, "/theme")
        await pilot.press("down", "enter")
        await until(pilot, lambda: "from now on" in texts(app))
        assert config.load_settings(locations.config_file()).ui.theme == app.theme == "codemode-dusk"


async def test_a_setting_is_changed_in_force_and_left_to_what_ships(doors):
    app = opened(doors)
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "/settings max_tokens")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press(*["backspace"] * 4, *"512", "enter")
        await until(pilot, lambda: app.chat.settings.sampling.max_tokens == 512)
        assert config.load_settings(locations.config_file()).sampling.max_tokens == 512
        assert doors.asked == []  # the same conversation, and all that was allowed in it
        await until(pilot, lambda: isinstance(app.screen, Picker))
        await pilot.press("escape")
        await ask(pilot, "/settings ui.theme codemode-dusk")
        assert app.theme == "codemode-dusk"
        before = app.main
        await ask(pilot, "/settings ui.reduced_motion true")
        assert app.main is before  # nothing is loaded anew for it
        await ask(pilot, "/settings tools.retries 1")
        await until(pilot, lambda: len(doors.asked) == 1)
        assert doors.asked == [{"session": "session-1"}]
        await settle(pilot)
        await ask(pilot, "/settings max_tokens")
        await pilot.press("ctrl+d")
        await settle(pilot)
        assert config.load_settings(locations.config_file()).sampling.max_tokens == 2048


async def test_after_a_setting_is_changed_the_list_is_there_again_and_a_wrong_value_can_be_mended(doors):
    app = opened(doors)
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "/settings sandbox.")
        while app.screen.marked.value != "sandbox.timeout":
            await pilot.press("down")
        assert app.screen.marked.note == "60"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press(*"a", "enter")
        await settle(pilot)
        assert (
            isinstance(app.screen, Ask)
            and "expected" in "".join(lines(app))
            and app.screen.query_one(Line).value == "60a"
        )
        await pilot.press("backspace", "1", "enter")
        await until(pilot, lambda: isinstance(app.screen, Picker))
        await settle(pilot)
        assert (app.screen.typed, app.screen.marked.value, app.screen.marked.note) == (
            "sandbox.",
            "sandbox.timeout",
            "601",
        )
        assert doors.asked == [{"session": "session-1"}]


async def test_a_setting_that_cannot_be_is_refused_with_the_reason(doors):
    app = opened(doors)
    async with app.run_test() as pilot:
        await ask(pilot, "/settings sampling.temp 9")
        await settle(pilot)
        assert "sampling.temp" in texts(app) and doors.asked == []


async def test_a_key_is_pressed_to_become_the_key(doors):
    app = opened(doors)
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "/keymap stop the turn")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press("ctrl+p")  # the palette has it
        await until(pilot, lambda: "is taken" in "".join(lines(app)))
        await pilot.press("f9")
        await until(pilot, lambda: app.keys == {"stop": "f9"})
        assert config.load_settings(locations.config_file()).keys == {"stop": "f9"}


@pytest.mark.parametrize(
    ("command", "key", "why"),
    [("stop", "f9", ""), ("stop", "ctrl+p", "is taken"), ("stop", "x", "writes a character"),
     ("thumbs-down", "1", "writes a character"), ("confirm.run", "n", "is taken"), ("confirm.run", "enter", "")],
)  # fmt: skip
def test_a_key_that_means_something_else_is_refused(command, key, why):
    assert (why in clash(command, key, {})) if why else clash(command, key, {}) == ""


async def test_what_was_allowed_can_be_taken_back():
    chat = ScriptedChat()
    again = ScriptedChat()  # of code that is run once more
    chat.grants = again.grants = (Grant("write", ("TODO.md",)),)
    again.grants += (Grant("run", ("read_file",)),)
    app = app_for(chat, rehearsal=again)
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "/tools")
        assert (await rows(pilot))[:3] == ["write TODO.md", "run code that calls read_file", "read_file"]
        for _ in range(2):
            await pilot.press("ctrl+d")
            await settle(pilot)
        assert chat.grants == again.grants == () and (await rows(pilot))[0] == "read_file"


@pytest.mark.parametrize(
    ("line", "words"),
    [("/system", "You are Punie"), ("/sandbox", "512 MB"), ("/stats", "3 done"), ("/help", "search what you asked")],
)
async def test_pages_show_what_their_name_says(line, words):
    app = app_for(ScriptedChat(), records=_shelf())
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, line)
        await settle(pilot)
        assert isinstance(app.screen, Page) and words in app.screen.text.plain


async def test_a_session_is_exported_into_a_new_file(tmp_path):
    app = app_for(ScriptedChat(workspace=tmp_path), records=_shelf())
    async with app.run_test() as pilot:
        await ask(pilot, "/export md")
        await ask(pilot, "/export md")
        await ask(pilot, "/export json")
    names = {f.name: f.read_text() for f in tmp_path.glob("session-*")}
    assert names == {
        "session-which-files-mention-todo.md": "md of session-1\n",
        "session-which-files-mention-todo-2.md": "md of session-1\n",
        "session-which-files-mention-todo.json": "json of session-1\n",
    }


def test_words_are_found_anywhere_and_letters_in_their_order():
    names = ["src/app.py", "src/store/app_state.py", "README.md", "tests/test_app.py"]
    assert ranked("app", names, str, 9) == ["src/app.py", "tests/test_app.py", "src/store/app_state.py"]
    assert ranked("rdm", names, str, 9) == ["README.md"] and ranked("xyz", names, str, 9) == []
    assert ranked("store app", names, str, 9) == ["src/store/app_state.py"] and ranked("", names, str, 2) == names[:2]


def test_every_setting_is_listed_with_what_it_means():
    found = {one.key: one for one in config.listed(locations.config_file())}
    assert found["ui.reduced_motion"].choices == ("true", "false") and found["model.default"].value == ""
    assert found["engine.kv_bits"].choices == ("0", "4", "8")
    assert "auto" in found["sandbox.backend"].choices and all(one.about for one in found.values())


def test_a_setting_left_to_what_ships_keeps_the_comments_of_its_file():
    file = locations.config_file()
    file.parent.mkdir(parents=True)
    file.write_text('# mine\n[ui]\ntheme = \'x\'  # why\nreduced_motion = true\n[keys]\n"prompt.send" = "f9"\n')
    unset("ui.theme")
    unset("keys.prompt.send")
    assert file.read_text() == "# mine\n[ui]\nreduced_motion = true\n[keys]\n"
    assert json.dumps(config.read_table(file)["keys"]) == "{}"


def test_every_place_of_the_table_is_in_the_help():
    from codemode_tui.tui.help_screen import SECTIONS

    assert {place for _, places in SECTIONS for place in places} >= {c.where for c in COMMANDS}


@pytest.mark.parametrize("command", ["/stats", "/rename x", "/export"])
async def test_a_store_that_cannot_is_told_of_and_takes_nothing_down(command):
    async def full(*_):
        raise StoreError("the disk is full", hint="free some space")

    shelf = _shelf()
    shelf.turns = shelf.rename_session = shelf.exported = full
    app = app_for(ScriptedChat(), records=shelf)
    async with app.run_test() as pilot:
        await ask(pilot, command)
        await until(pilot, lambda: "the disk is full" in texts(app))
        assert app.is_running


async def test_a_session_that_is_found_shows_the_words_that_were_looked_for():
    said = f"rows: list[str] = data[0], I did not run it. You said: look at {BEGIN}csv{END} files [1] and no others"
    shelf = _shelf()
    shelf.search = lambda query, limit: _found(shelf, said)
    found = await pages.sessions(shelf, Path("/"), "csv")
    (hit,) = (hit for _, hit in found if hit)
    assert hit.bracketed == "…look at [csv] files [1] and no others"
    shown = _marked(said)
    assert shown.plain == said.replace(BEGIN, "").replace(END, "")
    assert [shown.plain[at.start : at.end] for at in shown.spans if "$accent" in str(at.style)] == ["csv"]


async def _found(shelf, said):
    return [SearchHit("turn", next(iter(shelf.by_id.values())).session, "", "", said)]


async def test_on_a_low_terminal_a_list_leaves_room_for_what_is_said_of_the_marked_row():
    app = app_for(ScriptedChat(), records=_shelf())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("f3")
        await settle(pilot)
        shown = app.screen.query_one(".preview")
        assert shown.max_scroll_y == 0 and shown.region in shown.parent.content_region
