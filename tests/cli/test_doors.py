"""Conversations for a front end, one in the place of another."""

from __future__ import annotations

import pytest
from support.fakes import FakeEngine, Said, conversation

from codemode_tui.chat import events as ev
from codemode_tui.cli import doors
from codemode_tui.cli.session import Options, open_conversation
from codemode_tui.errors import UsageError


async def ask(chat, query):
    return [event async for event in chat.ask(query)]


def said(chat):
    return [message.content for message in chat.services.context.messages()]


async def test_what_was_not_taken_leaves_no_trace_and_the_end_closes_what_is_open(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    asked: list[Options] = []

    async def opens(options: Options):
        asked.append(options)
        return conversation(FakeEngine(), tmp_path)

    monkeypatch.setattr(doors, "open_conversation", opens)
    those = doors.Doors(Options(workspace=tmp_path))
    first = (await those.open()).chat
    second = (await those.open(model="another")).chat
    await second.close()  # a question was faster
    third = (await those.open(profile="qwen")).chat
    assert [one.model for one in asked] == [None, "another", None] and asked[-1].profile == "qwen"
    await those.close()
    assert first.closed and third.closed


async def test_a_fork_that_is_opened_once_more_still_knows_what_was_said_before_it(tmp_path, monkeypatch):
    """With another model, or another setting; its own first question may have failed."""
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    (folder := tmp_path / "w").mkdir()
    engines = [FakeEngine("one", "two")]

    async def opens(options: Options):
        return await open_conversation(options, engine=engines.pop(0) if engines else FakeEngine(Said("", dies=True)))

    monkeypatch.setattr(doors, "open_conversation", opens)
    those = doors.Doors(Options(workspace=folder))
    chat = (await those.open()).chat
    turns = [(await ask(chat, query))[0].turn for query in ("first?", "second?")]
    old = chat.session
    new = await chat.fork(turns[0])
    chat = (await those.open(session=new)).chat
    assert said(chat) == ["first?", "one"] and chat.session == new
    assert isinstance((await ask(chat, "third?"))[-1], ev.TurnFailed)
    chat = (await those.open(session=new)).chat
    assert said(chat) == ["first?", "one"]
    assert said((await those.open(session=old)).chat) == ["first?", "one", "second?", "two"]
    await those.close()
    others = doors.Doors(Options(workspace=folder, fork=turns[1]))
    new = (await others.open()).chat.session
    chat = (await others.open(session=new, profile="bundled")).chat
    assert said(chat) == ["first?", "one", "second?", "two"] and chat.session == new
    await ask(chat, "third?")
    await others.close()
    chat = await open_conversation(Options(workspace=folder, resume_last=True), engine=FakeEngine())
    assert said(chat) == ["first?", "one", "second?", "two"] and chat.session == new
    await chat.close()


async def test_a_session_of_the_home_folder_is_not_opened_without_a_question(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (project := tmp_path / "project").mkdir()
    asked: list[Options] = []

    async def opens(options: Options):
        asked.append(options)
        return conversation(FakeEngine(), tmp_path)

    monkeypatch.setattr(doors, "open_conversation", opens)
    those = doors.Doors(Options(workspace=project))
    with pytest.raises(UsageError, match="your home folder") as refused:
        await those.open(session="s1", workspace=None, folder=tmp_path)
    assert "codemode sessions resume s1" in refused.value.hint and asked == []
    await those.open(session=None, workspace=tmp_path)  # the user has named it
    await those.open(workspace=None, folder=project)
    await those.open(session="s1", workspace=None, folder=tmp_path)  # and said it for good
    assert [(one.workspace, one.folder) for one in asked] == [(tmp_path, None), (None, project), (tmp_path, None)]
    await those.close()
