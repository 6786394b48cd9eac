"""A server that means no good: it gets nowhere, takes nothing with it, and its text reaches no terminal raw."""

from __future__ import annotations

import asyncio
import sys
import unicodedata

import pytest
from support.mcp_settings import HOSTILE, hostile, needs_mcp

from codemode_tui.settings import McpServer

pytestmark = needs_mcp

GARBLED = """
import runpy, sys

class Garbled:
    def write(self, text):
        sys.__stdout__.buffer.write(text.encode().replace(b"lies {}", bytes.fromhex(sys.argv[3])))

    def flush(self):
        sys.__stdout__.buffer.flush()

sys.stdout = Garbled()
runpy.run_path(sys.argv[2])
"""


def inert(text: str) -> bool:
    return not any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") and c != "\n" for c in text)


async def test_names_and_schemas_that_are_nonsense_become_functions_that_are_none(session, calls, tmp_path):
    servers = await session(bad=hostile())
    specs = servers.specs(None)
    assert len(servers.tools) > 20 and servers.failures == ()
    for name, spec in specs.items():
        assert inert(spec.stub) and spec.stub.count('"""') == 2 and len(spec.doc) <= 200
        compile(f"{spec.stub}\n    return {name}", "x", "exec")
    assert all(inert(line) for line in servers.capabilities(list(specs)))
    (tmp_path / "a.txt").write_text("ours")
    assert await calls(servers, "read_file", "a.txt") == "ours"
    assert await calls(servers, "bad_print") == "print {}"
    assert await calls(servers, "loop", class_=1) == 'loop {"class": 1}'
    assert await calls(servers, "odd") == "odd {}"


async def test_results_that_are_none_are_errors_and_the_next_call_works(session, calls):
    servers = await session(bad=hostile())
    assert await calls(servers, "garbage") == "after the garbage"
    for name in ("noresult", "asks"):
        with pytest.raises(RuntimeError, match="no result of a tool"):
            await calls(servers, name)
    with pytest.raises(RuntimeError, match=r" no$"):
        await calls(servers, "failing")
    assert len(await calls(servers, "big", 20_000_000)) == 20_000_000
    assert await calls(servers, "pattern", s="a" * 40) == {"s": "a" * 40 + "!"}  # its own pattern is never run
    assert await calls(servers, "lies") == "lies {}"


@pytest.mark.parametrize(("sent", "read"), [(rb"\ud83d!", "\ufffd!"), (b"caf\xe9", "caf\ufffd")])
async def test_an_answer_that_is_no_text_everywhere_is_an_answer(session, calls, sent, read):
    args = ("-c", GARBLED, "tools", HOSTILE, sent.hex())
    servers = await session(bad=McpServer(command=sys.executable, args=args, policy="allow", call_seconds=5))
    assert await calls(servers, "lies") == read


SAID = b'{"jsonrpc": "2.0", "id": {id}, "result": {"content": [{"type": "text", "text": "%b"}]}}'


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream; charset=cp037"])
@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (rb"\ud83d!", "\ufffd!"),
        (rb"\ude00\uD83D\ud83d\ude00", "\ufffd\ufffd\U0001f600"),
        (rb"\\ud83d \\\ud83d", "\\ud83d \\\ufffd"),
        (b"caf\xe9", "caf\ufffd"),
        ("é😀".encode(), "é😀"),
    ],
)
async def test_an_answer_over_http_that_is_no_text_everywhere_is_an_answer(session, calls, rough, kind, sent, read):
    body = SAID.replace(b"%b", sent)
    servers = await session(bad=rough(200, body if "json" in kind else b"data: " + body + b"\n\n", kind=kind))
    assert await calls(servers, "say") == read


async def test_half_a_character_over_http_costs_no_server(session, rough):
    tool = b'{"name": "say", "description": "caf\xe9 \\ud83d", "inputSchema": {"type": "object"}}'
    body = b'{"jsonrpc": "2.0", "id": {id}, "result": {"tools": [' + tool + b"]}}"
    servers = await session(bad=rough(200, body, at="tools/list"))
    assert servers.failures == () and [one.tool.doc for one in servers.tools] == ["caf\ufffd \ufffd"]


async def test_what_cannot_be_sent_costs_one_call(session, calls):
    servers = await session(bad=hostile())
    loop = next(one.tool for one in servers.tools if one.name == "loop")
    with pytest.raises(RuntimeError, match="bad is gone"):
        await servers.all[0].call(loop, {"class": "\ud83d"})
    assert await calls(servers, "lies") == "lies {}"


async def test_a_message_without_end_ends_the_server_and_not_the_memory(session, calls):
    servers = await session(bad=hostile(call_seconds=60))
    with pytest.raises(RuntimeError, match="more than 64 MB"):
        await calls(servers, "endless")


async def test_a_message_of_too_many_parts_is_not_read(session, calls):
    servers = await session(bad=hostile())
    with pytest.raises(RuntimeError, match="no result of a tool"):
        await calls(servers, "blocks")
    with pytest.raises(RuntimeError, match="bad is gone: it sent more than 1 MB of JSON that is no text"):
        await calls(servers, "parts")


@pytest.mark.parametrize(("kind", "said"), [("application/json", "is gone"), ("text/event-stream", "stream ended")])
async def test_an_answer_over_http_of_too_many_parts_is_not_read(session, calls, rough, kind, said):
    body = b'{"jsonrpc": "2.0", "id": {id}, "result": {"content": [], "structuredContent": {"a": [%b0]}}}' % (
        b"{}," * 400_000
    )
    servers = await session(bad=rough(200, body if "json" in kind else b"data: " + body + b"\n\n", kind=kind))
    with pytest.raises(RuntimeError, match=said):
        await calls(servers, "say")


async def test_questions_of_a_server_that_reads_no_answer_fill_no_memory(session, calls):
    servers = await session(bad=hostile())
    assert await calls(servers, "pings") == "pings {}"
    assert len(asyncio.all_tasks()) < 80


async def test_a_server_that_hangs_costs_one_call_and_ends_with_the_session(session, calls):
    servers = await session(bad=hostile(call_seconds=0.5))
    with pytest.raises(TimeoutError, match=r"bad: hang gave no answer within 0.5 s"):
        await calls(servers, "hang")


async def test_a_call_that_is_given_up_leaves_the_server_usable(session, calls):
    servers = await session(bad=hostile())
    running = asyncio.create_task(calls(servers, "slow"))
    await asyncio.sleep(0.1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await calls(servers, "lies") == "lies {}"


async def test_a_tool_that_is_another_after_a_restart_is_not_called(session, calls):
    servers = await session(bad=hostile("changing"))
    with pytest.raises(RuntimeError, match="gone"):
        await calls(servers, "dies")
    assert await calls(servers, "steady") == "steady {}"
    with pytest.raises(RuntimeError, match="another tool now"):
        await calls(servers, "turns")


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (hostile("silent", start_seconds=1.0), "within 1 s"),
        (hostile("exits"), "exit status 1: no licence found"),
        (McpServer(command="yes", start_seconds=1.0), "within 1 s"),
        (McpServer(command="/dev/null"), "no program"),
        (McpServer(command="./cat"), "no program"),
        (McpServer(command="cat", env={"A": "${NOBODY_SET_THIS}"}), "NOBODY_SET_THIS is not set"),
        (McpServer(command="cat", cwd="here"), "no folder"),
    ],
)
async def test_a_server_that_does_not_start_says_why_in_time(session, server, said):
    servers = await session(bad=server)
    assert len(servers.failures) == 1 and said in servers.failures[0] and inert(servers.failures[0])
    assert servers.tools == () and servers.specs(None) == {}


async def test_a_list_of_tools_without_end_is_cut(session):
    assert len((await session(bad=hostile("many"))).tools) <= 200


@pytest.mark.parametrize(("entry", "kept"), [(1, 0), ({"name": 5}, 0), ({"name": "good"}, 200)])
def test_how_much_of_a_list_of_tools_is_checked_has_a_bound(monkeypatch, entry, kept):
    from mcp_types import JSONRPCResponse

    from codemode_tui.tools.mcp import mending

    checked = []
    check = mending.validate_server_result

    def counted(method, version, result):
        checked.append(len(result))
        check(method, version, result)

    monkeypatch.setattr(mending, "validate_server_result", counted)
    result = {"tools": [entry] * 20_000, "_meta": {str(i): i for i in range(1000)}, "nextCursor": "again"}
    message = JSONRPCResponse(jsonrpc="2.0", id=1, result={**result, **{f"more{i}": i for i in range(100)}})
    mending.mend(message)
    assert len(message.result["tools"]) == kept
    assert len(checked) <= 2000 and all(size <= 5 for size in checked)


async def test_one_bad_server_does_not_keep_the_others_away(session, calls):
    servers = await session(bad=hostile("silent", start_seconds=0.5), kit=hostile())
    assert await calls(servers, "lies") == "lies {}"
