"""Sessions of an editor: loaded, resumed, listed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

acp = pytest.importorskip("acp", reason="the extra `acp` is not installed")

from support.fakes import FakeEngine, Said, call, conversation  # noqa: E402

from codemode_tui.acp.agent import Agent  # noqa: E402

from . import test_agent  # noqa: E402
from .test_agent import CODE, Editor, Waits, text  # noqa: E402

opened = test_agent.opened


async def test_a_loaded_session_shows_what_was_said(opened):
    editor = Editor("run")
    agent, session = await opened(editor, call(CODE), Said("notes.txt has 4 lines."))
    await agent.prompt(session_id=session, prompt=text("How many lines are in notes.txt?"))
    editor.updates.clear()
    cwd = str(agent._conversations[session].workspace)
    await agent.load_session(cwd=cwd, session_id=session, mcp_servers=[])
    (asked,) = [u for u in editor.updates if u.session_update == "user_message_chunk"]
    assert asked.content.text == "How many lines are in notes.txt?"
    assert "notes.txt has 4 lines." in editor.said and editor.calls("completed")
    listed = await agent.list_sessions(cwd=cwd)
    assert [one.session_id for one in listed.sessions] == [session]


async def test_a_session_is_named_by_its_whole_id(tmp_path):
    made: list[Any] = []

    async def opens(workspace: Path, session: str | None, servers: dict[str, Any]) -> Any:
        made.append(conversation(FakeEngine(), workspace))
        made[-1].services.session = "0123456789"  # as the store resolves a beginning
        return made[-1]

    agent = Agent(opens, sessions=lambda *_: None)  # type: ignore[arg-type, return-value]
    agent.on_connect(Editor(None))
    new = await agent.new_session(cwd=str(tmp_path), mcp_servers=[])
    for again in (agent.load_session, agent.resume_session):
        with pytest.raises(acp.RequestError):
            await again(cwd=str(tmp_path), session_id="012345", mcp_servers=[])
    assert agent._conversations == {new.session_id: made[0]}
    assert [one.services.engine.closed for one in made] == [False, True, True]
    await agent.close()


async def test_a_session_that_cannot_be_loaded_stays_open_as_it_is(opened):
    editor = Waits()
    agent, session = await opened(editor, call(CODE), Said("4."), call(CODE))
    conversation, opens = agent._conversations[session], agent._open
    times = []

    async def counted(*args: Any) -> Any:
        now = await opens(*args)
        times.append(now)
        return now

    agent._open = counted
    await agent.prompt(session_id=session, prompt=text("How many lines?"))
    turn = asyncio.create_task(agent.prompt(session_id=session, prompt=text("And now?")))
    await editor.asked.wait()
    for cwd in ("relative", "/gone"):
        for again in (agent.load_session, agent.resume_session):
            with pytest.raises(acp.RequestError):
                await again(cwd=cwd, session_id=session, mcp_servers=[])
    assert agent._conversations == {session: conversation} and conversation.busy and not turn.done()
    await agent.load_session(cwd=str(conversation.workspace), session_id=session, mcp_servers=[])
    assert (await turn).stop_reason == "cancelled"
    assert agent._conversations[session] is not conversation and conversation.closed
    # Once to see whether it can be, and once more with the turn that was stopped for it.
    assert [one.closed for one in times] == [True, False] and agent._conversations[session] is times[1]


async def test_every_session_is_listed_a_page_at_a_time(tmp_path):
    kept = [SimpleNamespace(id=f"{n}", workspace="/w", title="", last="2026-01-01") for n in range(250)]

    async def sessions(workspace: Path | None, limit: int) -> Any:
        return kept[:limit]

    agent, cursor, seen = Agent(None, sessions), None, []  # type: ignore[arg-type]
    for more in (True, True, False):
        page = await agent.list_sessions(cursor=cursor)
        seen += [one.session_id for one in page.sessions]
        cursor = page.next_cursor
        assert (cursor is not None) == more
    assert seen == [one.id for one in kept]
    for wrong in ({"cursor": "zzz"}, {"cursor": "-1"}, {"cursor": "9" * 30}, {"cwd": "relative"}, {"cwd": "/a\0b"}):
        with pytest.raises(acp.RequestError) as error:
            await agent.list_sessions(**wrong)
        assert error.value.code == -32602
