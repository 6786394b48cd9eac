"""A call of an MCP server asks as the policy says, with what is sent; a yes for the session is for that tool."""

from __future__ import annotations

import asyncio

from codemode_tui.chat import events as ev
from codemode_tui.chat.gate import Gate
from codemode_tui.tools.types import CallRequest


async def test_a_yes_for_the_session_is_for_this_tool_of_this_server():
    events = []
    gate = Gate(None)  # type: ignore[arg-type]  # nothing of it is used here

    async def call(tool, reply=None):
        request = CallRequest("docs", tool, f"docs_{tool}", '{"q": 1}', ("only reads",))
        asking = asyncio.create_task(gate._may_call("t", 0, events.append, request))
        await asyncio.sleep(0)
        if reply:
            gate.reply(events[-1].request, ev.WriteReply(reply))
        return await asking

    assert await call("search", "deny") is False
    assert await call("search", "once") is True
    assert await call("search", "session") is True
    assert len(events) == 3 and await call("search") is True and len(events) == 3
    assert await call("write", "deny") is False
    assert (events[0].server, events[0].tool, events[0].arguments, events[0].claims) == (
        "docs", "search", '{"q": 1}', ("only reads",),
    )  # fmt: skip


async def test_a_turn_that_is_stopped_says_no():
    gate = Gate(None)  # type: ignore[arg-type]
    request = CallRequest("docs", "search", "search", "{}")
    asking = asyncio.create_task(gate._may_call("t", 0, lambda _: None, request))
    await asyncio.sleep(0)
    gate.abandon()
    assert await asking is False
