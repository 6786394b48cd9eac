"""Raw assistant text to a decision: tolerant, honest, and without losing a character."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemode_tui.protocol.foreign import SEVERAL
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.stream import StreamParser
from codemode_tui.protocol.types import Decision

D = Decision
CODE = "x = 1\nprint(x)"
CALL = f"<tool_call>\n<function=execute_code>\n<parameter=code>\n{CODE}\n</parameter>\n</function>\n</tool_call>"
PHASE22 = CALL.replace("<tool_call>\n", "<tool_call>", 1).replace("\n</tool_call>", "</tool_call>")


def _with(code: str) -> str:
    return CALL.replace(CODE, code)


MESSAGES: dict[str, tuple[str, Decision, str | None]] = {
    "a call": (CALL, D.TOOL, CODE),
    "a call as phase22 writes it": (f"I'll use the execute_code tool.\n\n{PHASE22}", D.TOOL, CODE),
    "an empty message": ("", D.DIRECT, None),
    "prose": ("A list is ordered.", D.DIRECT, None),
    "prose after the call": (f"{CALL}\nDone.", D.TOOL, CODE),
    "a closing tag in a string": (_with('print("</parameter>")'), D.TOOL, 'print("</parameter>")'),
    "all closing tags in a string": (
        _with('s = "</parameter>\\n</function>\\n</tool_call>"\nprint(s)'),
        D.TOOL,
        's = "</parameter>\\n</function>\\n</tool_call>"\nprint(s)',
    ),
    "an opening tag in a string": (_with('print("<tool_call>")'), D.TOOL, 'print("<tool_call>")'),
    "a comparison that looks like a tag": (_with("print(a<b>c)"), D.TOOL, "print(a<b>c)"),
    "indented code": (_with("if x:\n    y()"), D.TOOL, "if x:\n    y()"),
    "cut off in the code": (CALL[: CALL.index("print")], D.TRUNCATED, None),
    "a promise": ("I'll read the file now.", D.ANNOUNCED, None),
    "a promise with a colon": ("Let me check the file:", D.ANNOUNCED, None),
    "an offer is no promise": ("I can read the file if you like.", D.DIRECT, None),
    "no wrapper": (CALL.removeprefix("<tool_call>\n").removesuffix("\n</tool_call>"), D.MALFORMED, CODE),
    "a JSON fence": (
        '```json\n{"name": "execute_code", "arguments": {"code": "print(1)"}}\n```',
        D.MALFORMED,
        "print(1)",
    ),
    "a tag in backticks": ("Write `<tool_call>` to begin.", D.DIRECT, None),
    "a call in a fence": (f"For example:\n```\n{CALL}\n```\nThat is a call.", D.DIRECT, None),
    "windows line ends": (CALL.replace("\n", "\r\n"), D.TOOL, None),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_are_told_apart(name):
    raw, decision, code = MESSAGES[name]
    parsed = parse(raw, load_profile("qwen3-coder"))
    assert parsed.decision is decision, parsed
    if code is not None:
        assert parsed.code == code


def test_a_message_that_ran_out_of_tokens_is_never_a_call_unless_it_closed():
    assert parse(CALL[:-20], truncated=True).decision is D.TRUNCATED
    assert parse(CALL, truncated=True).decision is D.TOOL


def test_a_missing_closer_at_the_end_is_forgiven_when_the_message_ended_by_itself():
    parsed = parse(CALL.removesuffix("\n</tool_call>"), load_profile("qwen3-coder"))
    assert parsed.decision in (D.TOOL, D.MALFORMED)
    assert parsed.code == CODE


def test_of_two_calls_the_first_counts_and_the_rest_is_a_warning():
    parsed = parse(f"{CALL}\n{_with('second()')}", load_profile("qwen3-coder"))
    assert (parsed.decision, parsed.code) == (D.TOOL, CODE)
    assert parsed.warnings


def test_two_functions_in_one_block_do_not_become_one_code():
    inner = "<function=execute_code>\n<parameter=code>\nsecond()\n</parameter>\n</function>\n"
    parsed = parse(CALL.replace("</tool_call>", f"{inner}</tool_call>"), load_profile("qwen3-coder"))
    assert parsed.code is None or "function=" not in parsed.code


READ = '{"name": "read_file", "arguments": {"path": "a"}}'
DELETE = '{"name": "delete_file", "arguments": {"path": "b"}}'
OTHERS = {
    "a fence, a tag": f"```json\n{READ}\n```\n{CALL}",
    "a fence that is not closed, a tag": f"```json\n{READ}\n\n{CALL}",
    "naked, a tag": f"I'll look.\n{READ}\n{CALL}",
    "naked, a tag on its line": f"{READ}{CALL}",
    "naked and a brace too few, a tag": f"{READ[:-1]}\n{CALL}",
    "another family's, a tag": f"[TOOL_CALLS] [{READ}]\n{CALL}",
    "a list": f"[{READ}, {DELETE}]",
    "a list in Python's spelling": f"<tool_call>[{READ}, {DELETE}]</tool_call>".replace('"', "'"),
    "a list of OpenAI's": f'```json\n{{"tool_calls": [{{"function": {READ}}}, {{"function": {DELETE}}}]}}\n```',
    "a list of another family": f"[TOOL_CALLS] [{READ}, {DELETE}]",
    "a line each": f"{READ}\n{DELETE}",
    "a line each in a fence": f"```json\n{READ}\n{DELETE}\n```",
    "a line each in the wrapper": f"<tool_call>{READ}\n{DELETE}</tool_call>",
    "a wrapper that is not closed, another": f"<tool_call>{READ}\n<tool_call>{DELETE}</tool_call>",
    "two fences": f"```json\n{READ}\n```\n```json\n{DELETE}\n```",
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_call_in_json_decides_where_it_is_the_first_and_others_are_a_warning(name):
    parsed = parse(OTHERS[name])
    assert (parsed.decision, parsed.dialect, parsed.code) == (D.MALFORMED, "json", "print(read_file(path='a'))")
    assert [one for one in parsed.warnings if "several" in one or "text after" in one] == [SEVERAL]


@pytest.mark.parametrize("rest", [READ, f"\n{READ}", f"\n```json\n{READ}\n```", f"\n[TOOL_CALLS] [{READ}]"])
def test_a_call_in_json_behind_a_tagged_one_is_named_as_a_call(rest):
    parsed = parse(CALL + rest)
    assert (parsed.decision, parsed.code, parsed.warnings) == (D.TOOL, CODE, (SEVERAL,))


def test_a_tagged_call_in_json_that_was_cut_off_is_its_text_and_never_runs():
    raw = json.dumps({"name": "execute_code", "arguments": {"code": f"write_file('a', {CALL!r}"}})
    parsed = parse(raw.removesuffix('"}}'))
    assert (parsed.decision, parsed.dialect) == (D.TRUNCATED, "json")


@pytest.mark.parametrize(
    "prose",
    [
        f"`{READ}` it is.",
        f"```{READ}``` is a call in JSON.",
        f"~~~\n```json\n{READ}\n```\n~~~",
        f"````md\n```json\n{READ}\n```\n````",
        f"~~~\n{READ}\n~~~",
        f"> {READ}",
        '```json\n{"name": "x", "version": "1.0"}\n```',
        '{"name": "Ann", "age": 3}',
        '```json\n{"name": "f", "description": "reads", "parameters": {"type": "object"}}\n```',
    ],
)
def test_json_that_is_only_quoted_or_is_no_call_is_prose_and_the_call_behind_it_runs(prose):
    for raw, decision in ((prose, D.DIRECT), (f"{prose}\n{CALL}", D.TOOL)):
        parsed = parse(raw)
        assert (parsed.decision, parsed.text, parsed.warnings) == (decision, prose, ())


SECOND = "<tool_call>\n<function=execute_code>\n<parameter=code>\nprint(2)\n</parameter>\n</function>\n</tool_call>"


@pytest.mark.parametrize("end", ["</function></tool_call>\n", "</tool_call>\n", "</function></tool_call>"])
def test_a_first_call_that_was_closed_too_early_does_not_swallow_the_second(end):
    found = parse(f"<tool_call><function=execute_code>\n<parameter=code>\nprint(1)\n{end}{SECOND}")
    assert (found.decision, found.code) == (Decision.TOOL, "print(1)")
    assert any("several calls" in one for one in found.warnings)


def test_broken_code_that_mentions_a_tag_is_not_cut_there():
    code = 'delete_file("a.txt")\n# the tag </tool_call> is kept\nprint("x"'
    raw = f"<tool_call>\n<function=execute_code>\n<parameter=code>\n{code}\n</parameter>\n</function>\n</tool_call>"
    assert parse(raw).code == code


def test_a_direct_call_that_was_cut_off_in_a_value_that_mentions_the_tag_was_cut_off():
    value = "A call ends with </tool_call> and then it"
    raw = f"<tool_call>\n<function=write_file>\n<parameter=path>\nx.md\n</parameter>\n<parameter=content>\n{value}"
    assert parse(raw, truncated=True).decision is Decision.TRUNCATED


@pytest.mark.parametrize("newline", ["\n", "\r\n", " \n"])
def test_the_header_of_the_message_may_end_as_lines_do(newline):
    found = parse(f"<|im_start|>assistant{newline}Hello there.<|im_end|>")
    assert (found.decision, found.text) == (Decision.DIRECT, "Hello there.")


@pytest.mark.parametrize(
    "body",
    [
        "{'name': 'run_command', 'arguments': {'command': 'ls', 'check': true}}",
        '{"name": "execute_code", "arguments": {"code": "print(1)\\n" + "print(2)"}}',
        "{name: 'execute_code', parameters: {code: f'print(1)'}}",
    ],
)
def test_a_dictionary_that_was_to_be_a_call_is_not_run_as_one(body):
    found = parse(f"<tool_call>\n{body}\n</tool_call>")
    assert (found.decision, found.dialect) == (Decision.MALFORMED, "json")


def test_a_tool_that_is_called_directly_and_closed_only_as_a_whole_was_not_cut_off():
    found = parse("<tool_call>\n<function=read_file>\n<parameter=path>\na.txt\n</parameter>\n</tool_call>")
    assert (found.decision, found.code) == (Decision.MALFORMED, "print(read_file(path='a.txt'))")


def test_the_word_null_stays_the_word_null():
    assert parse(_with("null"), load_profile("qwen3-coder")).code == "null"


def test_a_call_on_one_line():
    raw = "<tool_call><function=execute_code><parameter=code>print(1)</parameter></function></tool_call>"
    assert parse(raw).code == "print(1)"


PIECES = st.sampled_from([
    "<tool_call>", "</tool_call>", "<function=execute_code>", "</function>", "<parameter=code>", "</parameter>", "\n",
    "\r\n", "`", "```", "```json\n", "print(1)", "I'll read it.", "null", "{", '{"name": "execute_code"', "<", ">", "é",
    " ", "<|im_end|>", "\\", "'", '"""',
])  # fmt: skip
TEXTS = st.text(max_size=60) | st.lists(PIECES, max_size=14).map("".join)


@settings(max_examples=300)
@given(TEXTS)
def test_any_text_has_a_decision_and_no_code_that_is_not_in_it(raw):
    parsed = parse(raw)
    if parsed.decision is D.TOOL and parsed.dialect not in ("json", None):
        assert parsed.code is not None
        assert parsed.code.strip("\n") in raw.replace("\r\n", "\n") or parsed.code in raw
    if parsed.decision is D.DIRECT:
        assert parsed.code is None
        lost = "control token" in " ".join(parsed.warnings) or raw != raw.replace("<|im_end|>", "")
        assert lost or parsed.text.split() == raw.split()


@settings(max_examples=100)
@given(TEXTS)
def test_it_does_not_matter_where_a_stream_is_split(raw):
    whole = parse(raw)
    for at in range(len(raw) + 1):
        stream = StreamParser()
        stream.feed(raw[:at])
        stream.feed(raw[at:])
        assert stream.raw == raw
        assert stream.finish() == whole


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_what_is_shown_while_streaming_is_what_is_parsed_in_the_end(name, size):
    raw, decision, code = MESSAGES[name]
    stream = StreamParser(load_profile("qwen3-coder"))
    deltas = [delta for at in range(0, len(raw), size) for delta in stream.feed(raw[at : at + size])]
    parsed = stream.finish()
    assert parsed == parse(raw, load_profile("qwen3-coder"))
    if decision is D.TOOL and code is not None and "</" not in code:
        assert "".join(d.text for d in deltas if d.kind == "code") == code
    if decision is D.DIRECT:
        assert all(d.kind == "text" for d in deltas)
        assert raw.startswith("".join(d.text for d in deltas))
