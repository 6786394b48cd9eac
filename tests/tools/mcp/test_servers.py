"""Tools of real MCP servers, called as code calls them: over stdio and over HTTP."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest
from support.mcp_settings import friendly, hostile, needs_mcp

from codemode_tui.settings import McpServer
from codemode_tui.tools.mcp.servers import Servers

pytestmark = needs_mcp


async def test_the_code_gets_values_and_readable_errors(session, calls, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_OF_MINE", "s3cret")
    monkeypatch.setenv("PATH", f"relative/bin:{os.environ['PATH']}:")
    servers = await session(kit=friendly(env={"TOKEN": "Bearer ${SECRET_OF_MINE}", "PLAIN": "$HOME"}))
    assert servers.failures == ()
    assert await calls(servers, "add", 2, b=3) == 5
    assert await calls(servers, "echo", "hi", "loud") == "HI"
    assert await calls(servers, "echo", "hi", times=None) == "hi"
    assert await calls(servers, "forecast", "Bonn", days=2) == {"Bonn-0": 20.5, "Bonn-1": 20.5}
    assert await calls(servers, "words") == ["a", "b", "c"]
    assert await calls(servers, "said") == "one\ntwo"
    assert await calls(servers, "picture") == {"type": "image", "mime_type": "image/png", "data": "iVBORy4uLi4="}
    with pytest.raises(RuntimeError, match="fail"):
        await calls(servers, "fail", "because")
    for wrong, said in (((), "missing"), (("2",), "a must be int, not str"), ((1, 2, 3), "too many")):
        with pytest.raises(TypeError, match=said):
            await calls(servers, "add", *wrong)
    with pytest.raises(TypeError, match=r"Literal\['plain', 'loud'\]"):
        await calls(servers, "echo", "hi", style="angry")

    # Its names never take the place of ours.
    (tmp_path / "a.txt").write_text("ours")
    assert await calls(servers, "read_file", "a.txt") == "ours"
    assert await calls(servers, "kit_read_file", "a.txt") == "server read a.txt"
    assert await calls(servers, "kit_print", "x") == "server printed x"

    # It has the environment and the folder that it was given, and no other.
    found = await calls(servers, "where")
    assert set(found) - {"LC_CTYPE", "cwd", "pid"} == {"PATH", "TOKEN", "PLAIN"} | {"HOME", "LANG"} & set(os.environ)
    assert (found["TOKEN"], found["PLAIN"]) == ("Bearer s3cret", "$HOME")
    assert "relative/bin" not in found["PATH"].split(":") and "" not in found["PATH"].split(":")
    assert Path(found["cwd"]).parts[-2:] == ("mcp", "kit")


async def test_a_look_at_the_tools_while_servers_start_loses_none_of_them(tmp_path):
    servers = Servers({"kit": hostile()}, tmp_path)
    try:
        assert servers.specs(None) == {}
        servers.begin()
        assert servers.specs(None) == {}
        await servers.ready()
        assert {"lies", "kit_print"} <= set(servers.specs(None))
    finally:
        await servers.close()


async def test_half_a_character_is_sent_as_one_that_a_message_can_carry(session, calls, web):
    web_too = McpServer(url=web[0], policy="allow", start_seconds=60)
    servers = await session(kit=friendly(policy="ask"), web=web_too)
    asked = []

    async def person(request):
        asked.append(json.loads(request.arguments)["text"])
        return True

    for text, sent in (("a\ud83d", "a\ufffd"), ("\ud83d\ude00", "\U0001f600"), ("ok", "ok")):
        assert await calls(servers, "kit_echo", text, approve=person) == sent == asked[-1]
        assert await calls(servers, "web_echo", text) == sent


async def test_a_number_that_json_has_not_is_sent_to_nobody(session, calls):
    servers = await session(kit=friendly())
    for number in (math.nan, math.inf):
        with pytest.raises(ValueError, match=r"^kit\.slow takes no NaN and no infinity"):
            await calls(servers, "slow", number)


async def test_a_call_is_asked_about_with_the_arguments_that_are_sent(session, calls):
    servers = await session(kit=hostile(policy="ask", tools={"evil": "allow", "failing": "deny"}))
    asked = []

    async def person(request):
        asked.append(request)
        return request.tool != "big"

    assert await calls(servers, "lies", approve=person) == "lies {}"
    assert await calls(servers, "evil", approve=person)
    with pytest.raises(PermissionError, match=r"kit\.big was declined"):
        await calls(servers, "big", 2, approve=person)
    with pytest.raises(NameError):
        await calls(servers, "failing", approve=person)
    assert [(one.server, one.tool, one.arguments, one.claims) for one in asked] == [
        ("kit", "lies", "{}", ("only reads",)),
        ("kit", "big", '{\n  "size": 2\n}', ()),
    ]
    with pytest.raises(PermissionError, match="too long to be judged"):
        await calls(servers, "pattern", "x" * 100_000, approve=person)
    # What the server claims of a tool grants nothing.
    with pytest.raises(PermissionError, match="nobody can be asked"):
        await calls(servers, "lies")


async def test_what_may_be_reached_is_said_openly(session):
    kit = hostile(policy="ask", tools={"evil": "allow"})
    servers = await session(kit=kit, gone=McpServer(command="no-such"))
    said = "\n".join(servers.capabilities(["lies", "evil", "read_file"]))
    assert "lies is kit.lies: asks before each call" in said
    assert "evil is kit.evil: allowed by your settings" in said
    assert "OUTSIDE the sandbox" in said
    assert servers.capabilities([]) == () and servers.failures == (
        "MCP server gone did not start: there is no program 'no-such' on the PATH; give its whole path",
    )


async def test_a_server_that_dies_is_an_error_for_the_caller_and_is_started_once_more(session, calls):
    servers = await session(kit=hostile())
    died = r"kit is gone: it ended with exit status 137: fatal: \\x1b\[31mout of ideas"
    with pytest.raises(RuntimeError, match=died):
        await calls(servers, "dies")
    assert await calls(servers, "lies") == "lies {}"
    with pytest.raises(RuntimeError, match=died):
        await calls(servers, "dies")
    with pytest.raises(RuntimeError, match="not started again"):
        await calls(servers, "lies")


async def test_http_servers_come_back_when_they_do(session, calls, web):
    url, stop, start = web
    servers = await session(web=McpServer(url=url, policy="allow", start_seconds=60, call_seconds=2))
    assert await calls(servers, "add", 2, 3) == 5
    assert await calls(servers, "echo", "é" * 200_000) == "é" * 200_000
    with pytest.raises(TimeoutError, match="no answer within 2 s"):
        await calls(servers, "slow", 30)
    stop()
    for _ in range(2):
        with pytest.raises(RuntimeError, match="web"):
            await calls(servers, "add", 2, 3)
    start()
    assert await calls(servers, "add", 2, 3) == 5


@pytest.mark.parametrize("status", [401, 404, 500])
async def test_an_error_of_http_names_the_server_and_the_status(session, calls, rough, status):
    servers = await session(web=rough(status, b"no"), shut=rough(status, b"no", at="initialize"))
    with pytest.raises(RuntimeError, match=rf"^web: .*\(HTTP {status}\)$"):
        await calls(servers, "say")
    assert len(servers.failures) == 1 and f"(HTTP {status})" in servers.failures[0]


async def test_an_address_where_nobody_is_is_told(session):
    servers = await session(none=McpServer(url="http://127.0.0.1:1/mcp"))
    assert servers.failures[0].startswith("MCP server none did not start: ") and servers.tools == ()
