"""Calls that a server parsed and text that it sends in parts, in the several ways that servers send them."""

import pytest
from support.openai_server import OpenAiServer, chatted
from support.remote import collect, started

from codemode_tui.engine.remote_calls import RemoteCalls
from codemode_tui.engine.remote_replies import CallPart
from codemode_tui.protocol.parser import parse

ONE, TWO = '{"code": "print(1)"}', '{"code": "print(2)"}'
RUN = "execute_code"
HEAD, TAIL = ONE[:12], ONE[12:]
WAYS = {
    "an index each": ([(0, RUN, ONE, "a"), (1, RUN, TWO, "b")], [(RUN, ONE), (RUN, TWO)]),
    "no index, ids": ([(0, RUN, ONE, "a"), (0, RUN, TWO, "b")], [(RUN, ONE), (RUN, TWO)]),
    "neither": ([(0, RUN, ONE, ""), (0, RUN, TWO, "")], [(RUN, ONE), (RUN, TWO)]),
    "neither, other names": ([(0, RUN, ONE, ""), (0, "f", "{}", "")], [(RUN, ONE), ("f", "{}")]),
    "a name alone": ([(0, RUN, "", "a"), (0, "", HEAD, ""), (0, "", TAIL, "")], [(RUN, ONE)]),
    "a name in two": ([(0, RUN[:4], "", "a"), (0, RUN[4:], "", "a"), (0, "", ONE, "")], [(RUN, ONE)]),
    "the name in each part": ([(0, RUN, HEAD, ""), (0, RUN, TAIL, "")], [(RUN, ONE)]),
    "name and id in each part": ([(0, RUN, HEAD, "a"), (0, RUN, TAIL, "a")], [(RUN, ONE)]),
    "an id made up for each part": ([(0, RUN, HEAD, "a"), (0, "", TAIL, "b")], [(RUN, ONE)]),
    "by turns": ([(1, "f", "{", "b"), (0, RUN, HEAD, "a"), (1, "", "}", ""), (0, "", TAIL, "")],
                 [(RUN, ONE), ("f", "{}")]),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_parts_become_the_calls_that_they_are_parts_of(way):
    parts, expected = WAYS[way]
    calls = RemoteCalls()
    for part in parts:
        calls.add(CallPart(*part))
    assert calls.whole == expected and not calls.endless


async def told(*deltas, finish="tool_calls"):
    """The message that a chat of ``deltas`` becomes."""
    async with OpenAiServer(chat__completions=chatted(*deltas, finish=finish)) as server:
        return (await collect(await started(server)))[-1]


async def test_of_two_calls_without_an_index_the_first_is_whole():
    calls = [{"tool_calls": [{"id": key, "function": {"name": RUN, "arguments": one}}]} for key, one in
             (("a", ONE), ("b", TWO))]  # fmt: skip
    assert parse((await told(*calls)).text).code == "print(1)"


async def test_a_call_as_older_servers_send_it_is_a_call():
    parts = [{"function_call": {"name": RUN, "arguments": HEAD}}, {"function_call": {"arguments": TAIL}}]
    assert parse((await told(*parts, finish="function_call")).text).code == "print(1)"


async def test_what_a_server_refuses_to_say_is_what_the_message_says():
    assert (await told({"refusal": "I can't"}, {"refusal": " help."}, finish="stop")).text == "I can't help."


async def test_text_in_a_list_of_parts_is_text():
    parts = [{"type": "text", "text": "Hel"}, {"type": "image"}, 3, {"type": "text", "text": None}]
    assert (await told({"content": parts}, {"content": [{"text": "lo"}]}, finish="stop")).text == "Hello"
