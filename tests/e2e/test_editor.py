"""The official client of the Agent Client Protocol speaks with the real program and the bundled model."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

acp = pytest.importorskip("acp")

from acp import schema  # noqa: E402
from support.terminal import QUESTION, processes  # noqa: E402


class Editor(acp.Client):
    def __init__(self) -> None:
        self.updates: list[Any] = []
        self.asked: list[Any] = []

    async def session_update(self, session_id: str, update: Any, **_: Any) -> None:
        self.updates.append(update)

    async def request_permission(self, session_id: str, tool_call: Any, options: list[Any], **_: Any) -> Any:
        self.asked.append(tool_call)
        chosen = next(one for one in options if one.kind == "allow_once")
        return schema.RequestPermissionResponse(
            outcome=schema.AllowedOutcome(outcome="selected", option_id=chosen.option_id)
        )


async def test_an_editor_asks_allows_and_reads_the_answer(workspace, home):
    editor = Editor()
    env = {**os.environ, "CODEMODE_HOME": str(home)}
    async with acp.spawn_agent_process(
        editor, sys.executable, "-m", "codemode_tui", "acp", env=env, cwd=str(workspace)
    ) as (agent, process):
        hello = await agent.initialize(protocol_version=acp.PROTOCOL_VERSION)
        assert hello.agent_info.name == "codemode" and hello.agent_capabilities.load_session
        new = await agent.new_session(cwd=str(workspace), mcp_servers=[])
        assert new.modes.current_mode_id == "ask"
        end = await agent.prompt(session_id=new.session_id, prompt=[acp.text_block(QUESTION)])
        assert end.stop_reason == "end_turn" and end.usage.output_tokens > 0
        (asked,) = editor.asked
        assert "notes.txt" in asked.content[0].content.text
        said = "".join(u.content.text for u in editor.updates if u.session_update == "agent_message_chunk")
        assert "4 lines" in said
        await agent.prompt(session_id=new.session_id, prompt=[acp.text_block("/bad")])
        listed = await agent.list_sessions(cwd=str(workspace))
        assert [one.session_id for one in listed.sessions] == [new.session_id]
        with pytest.raises(acp.RequestError):
            await agent.new_session(cwd=str(workspace / "gone"), mcp_servers=[])
    assert process.returncode is not None
    assert processes("codemode_tui acp", home) == []
