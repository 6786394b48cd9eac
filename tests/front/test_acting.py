"""What every front end does alike."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from codemode_tui.commands import slash
from codemode_tui.front.acting import Acting
from codemode_tui.front.pages import session_note
from codemode_tui.sandbox.types import FileChange
from codemode_tui.store.blobs import plain
from codemode_tui.store.records import StoredSession


def test_sessions_of_today_are_told_apart_by_their_time(tmp_path):
    now = datetime.now().astimezone().replace(hour=7, minute=24)
    for at, said in (
        (now, "1 turn · 07:24"),
        (now - timedelta(days=3), f"1 turn · {now - timedelta(days=3):%Y-%m-%d}"),
    ):
        one = StoredSession("s", "", at.isoformat(), str(tmp_path), "", 1)
        assert session_note(one, tmp_path) == said


class Front(Acting):
    driver = None

    def __init__(self, here, workspace):
        self.said, self.opened = [], []
        self.chat = SimpleNamespace(session="s-1", workspace=here)
        known = StoredSession("s-2", "", "", plain(str(workspace)), "", 1)

        async def session(_):
            return known

        self.records = SimpleNamespace(session=session)

    meant = None

    def say(self, text, severity="information"):
        self.said.append(text)

    async def reopened(self, **changes):
        self.opened.append(changes)
        return True


@pytest.mark.parametrize("line", ["/good night, moon", "/new shoes"])
async def test_a_command_with_words_behind_it_that_takes_none_does_nothing(tmp_path, line):
    front = Front(tmp_path, tmp_path)
    command, name, argument = slash(line)
    await front.perform(command, argument)  # it has no such action
    assert front.said == [f"{name} takes nothing behind it; nothing was done"]


async def test_an_undo_says_what_became_of_each_file_and_words_behind_it_undo_nothing(tmp_path):
    front = Front(tmp_path, tmp_path)
    front.driver = SimpleNamespace(running=False)
    asked, made = [], [FileChange("a.txt", "modified"), FileChange("new.txt", "deleted")]

    async def undo(name):
        asked.append(name)
        return f"run of {name}", made

    front.chat.undo = undo
    front.show_undone = lambda run, paths: asked.append((run, *paths))
    for line in ("/undo", "/undo undone", "/undo the last sentence"):
        command, _, argument = slash(line)
        await front.perform(command, argument)
    assert front.said[0] == "put back: a.txt · removed: new.txt (/undo undone takes that back)"
    assert front.said[2] == "/undo takes nothing behind it but undone; nothing was done"
    assert asked == ["last", ("run of last", "a.txt", "new.txt"), "undone", ("run of last",)]


async def test_what_cannot_be_copied_names_what_can(tmp_path):
    front = Front(tmp_path, tmp_path)
    for line in ("/copy nosuch", "/copy code"):
        command, _, argument = slash(line)
        await front.perform(command, argument)
    assert front.said == ["/copy answer, code, output, question, raw", "there is no code to copy"]


NO_UTF_8 = pytest.param(
    os.fsdecode(b"caf\xe9"),
    marks=pytest.mark.skipif(sys.platform == "darwin", reason="its folders have names in UTF-8"),
)


@pytest.mark.parametrize("name", ["here", "link", NO_UTF_8])
async def test_a_session_of_this_folder_is_opened_here_whatever_that_is_called(tmp_path, name):
    here = tmp_path / (name if name != "link" else "here")
    here.mkdir()
    if name == "link":
        (tmp_path / name).symlink_to(here)
    front = Front(here, tmp_path / name)
    await front.open_session("s-2")
    assert (front.opened, front.said) == ([{"session": "s-2"}], [])


async def test_a_session_of_another_folder_is_opened_there_if_that_is_there(tmp_path):
    (there := tmp_path / "there").mkdir()
    front = Front(tmp_path, there)
    await front.open_session("s-2")
    there.rmdir()
    await front.open_session("s-2")
    assert front.opened == [{"session": "s-2", "workspace": None, "folder": there}]
    assert "no longer there" in front.said[0] and "sessions fork s-2" in front.said[0]
