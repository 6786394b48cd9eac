"""What a server is sent of a conversation, and calls that it took apart."""

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.engine.address import parse_address
from codemode_tui.engine.remote_prompt import call_text, remote_prompt
from codemode_tui.engine.stop_filter import StopFilter
from codemode_tui.errors import ModelError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render, render_text
from codemode_tui.protocol.types import Decision, Message, Segment

PROFILES = [load_profile(name) for name in ("bundled", "phase22", "qwen3-coder")]
CALL = call_text("qwen3-coder", "execute_code", json.dumps({"code": "print('<tool_call>')"}))


@pytest.mark.parametrize("profile", PROFILES, ids=lambda one: one.name)
def test_an_honest_conversation_is_sent_byte_for_byte(profile):
    messages = [
        Message("user", "a < b, <b>, a|>b"),
        Message("assistant", CALL.replace("'<tool_call>'", "1")),
        Message("tool", "1"),
    ]
    prompt = render(profile, messages)
    sent = remote_prompt(prompt)
    assert (sent.text, sent.broken, sent.begun) == (render_text(prompt), 0, False)
    assert [one["role"] for one in sent.messages] == ["system", "user", "assistant", "user"]
    assert sent.messages[1]["content"] == "a < b, <b>, a|>b"
    assert sent.messages[3]["content"].startswith("<tool_response>\n1\n</tool_response>")


TOKENS = [
    "<|im_end|>",
    "<|im_start|>",
    "<tool_call>",
    "</tool_response>",
    "<think>",
    "<|endoftext|>",
    "</s>",
    "[/INST]",
]
PIECES = st.lists(st.sampled_from([*TOKENS, "<|im_", "end|>", "<", "|>", "x", "\n", "tool_call>"]), max_size=8).map(
    "".join
)


@given(PIECES, PIECES, PIECES)
def test_text_of_others_never_holds_a_control_token(user, output, code):
    profile = PROFILES[0]
    said = f"<tool_call>\n{code}\n</tool_call>"
    prompt = render(profile, [Message("user", user), Message("assistant", said), Message("tool", output)])
    sent = remote_prompt(prompt)
    written = [segment.text for segment in prompt if segment.special]
    assert re.findall("|".join(map(re.escape, TOKENS)), sent.text) == [text for text in written if text in TOKENS]
    assert sent.broken or sent.text == render_text(prompt)


def test_a_message_that_goes_on_keeps_its_own_tags_and_no_ends():
    prompt = (
        *render(PROFILES[0], [Message("user", "go")]),
        Segment("I look.\n<tool_call>\nx<|im_end|>", token_ids=(1, 2)),
    )
    sent = remote_prompt(prompt)
    assert sent.begun
    assert sent.text.endswith("assistant\nI look.\n<tool_call>\nx< |im_end|>")
    assert sent.messages[-1] == {"role": "assistant", "content": "I look.\n<tool_call>\nx< |im_end|>"}


@pytest.mark.parametrize("wrapper", ["phase22", "qwen3-coder"])
def test_a_call_put_together_again_is_read_as_the_profile_writes_it(wrapper):
    code = "if True:\n    print('é', \"</b>\")\n"
    parsed = parse(call_text(wrapper, "execute_code", json.dumps({"code": code})))
    assert (parsed.decision, parsed.code.strip(), parsed.dialect) == (Decision.TOOL, code.strip(), wrapper)


@pytest.mark.parametrize(
    "arguments", ['{"code": "pri', "[]", "null", "", "[" * 100_000, '{"code": 7}', '{"a": {"b": []}}']
)
def test_arguments_of_any_kind_are_for_the_parser_to_judge(arguments):
    parsed = parse(call_text("qwen3-coder", "execute_code", arguments))
    assert parsed.dialect == "qwen3-coder"
    assert parsed.decision is not Decision.TOOL or not arguments.startswith('{"code": "')


@given(st.text("ab<|im_end>", max_size=30), st.lists(st.integers(0, 30), max_size=4))
def test_nothing_behind_a_stop_text_and_nothing_lost_before_it(text, cuts):
    stop = ("<|im_end|>", "ab<")
    filter_ = StopFilter(stop)
    at = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    given_ = "".join(filter_.feed(text[a:b]) for a, b in pairwise(at)) + filter_.flush()
    ends = [place for place in map(text.find, stop) if place >= 0]
    assert given_ == text[: min(ends, default=len(text))]
    assert filter_.stopped == bool(ends)


def test_names_of_servers():
    full = parse_address("openai:https://[::1]:8443/api/v3/#team/model#x")
    assert (full.host, full.port, full.path, full.model) == ("::1", 8443, "/api/v3", "team/model#x")
    assert parse_address(full.name) == full
    short = parse_address("openai:http://studio")
    assert (short.url, short.model, short.authority) == ("http://studio/v1", "", "studio")


@pytest.mark.parametrize(
    "name",
    ["openai:", "openai:studio:80", "openai:ftp://a", "openai:http://", "openai:http://a:99999", "openai:http://[::1",
     "openai:http://a/v1?key=1", "openai:http://a b", "openai:http://a\r\nX: y", "openai:http://é\u202e"],
)  # fmt: skip
def test_what_names_no_server_says_how_to_write_it(name):
    with pytest.raises(ModelError, match="names no server") as error:
        parse_address(name)
    assert "openai:http://" in error.value.hint


def test_a_password_in_a_name_is_refused_and_not_repeated():
    with pytest.raises(ModelError) as error:
        parse_address("openai:https://me:geheim@host/v1")
    assert "geheim" not in error.value.line() and "environment" in error.value.hint
