"""What models really write when they do not write it right (research of three families of models)."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codemode_tui.protocol.calls import compiles
from codemode_tui.protocol.parser import is_promise, parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.types import Decision, Parsed

D = Decision
OPEN, CLOSE = "<tool_call>\n<function=execute_code>\n<parameter=code>\n", "\n</parameter>\n</function>\n</tool_call>"


def call(code: str) -> str:
    return OPEN + code + CLOSE


def facts(parsed: Parsed) -> tuple[Decision, str | None, str | None]:
    return parsed.decision, parsed.dialect, parsed.code


ODD = {
    "phase22: no line break after the wrapper": (
        "<tool_call><function=execute_code>\n<parameter=code>\nprint(1)\n</parameter>\n</function></tool_call>",
        (D.TOOL, "phase22", "print(1)"),
    ),
    "qwen3-coder: a line for each tag": (call("print(1)"), (D.TOOL, "qwen3-coder", "print(1)")),
    "everything on one line": (
        "<tool_call><function=execute_code><parameter=code>print(1)</parameter></function></tool_call>",
        (D.TOOL, "phase22-inline", "print(1)"),
    ),
    "code and nothing around it": ("<tool_call>print(1)</tool_call>", (D.TOOL, "bare", "print(1)")),
    "prose in the wrapper": ("<tool_call>I will read it</tool_call>", (D.MALFORMED, "bare", "I will read it")),
    "no wrapper at all": (
        "<function=execute_code>\n<parameter=code>\nprint(1)\n</parameter>\n</function>",
        (D.MALFORMED, "unwrapped", "print(1)"),
    ),
    "no wrapper, but its end": (
        "<function=execute_code>\n<parameter=code>\nprint(1)\n</parameter>\n</function>\n</tool_call>",
        (D.MALFORMED, "unwrapped", "print(1)"),
    ),
    "JSON in the wrapper": (
        '<tool_call>\n{"name": "execute_code", "arguments": {"code": "print(1)"}}\n</tool_call>',
        (D.MALFORMED, "json", "print(1)"),
    ),
    "JSON whose code holds the end of the call": (
        '<tool_call>{"name": "execute_code", "arguments": {"code": "print(\'</tool_call>\')"}}</tool_call>',
        (D.MALFORMED, "json", "print('</tool_call>')"),
    ),
    "arguments as a string of JSON": (
        '<tool_call>{"name": "execute_code", "arguments": "{\\"code\\": \\"print(1)\\"}"}</tool_call>',
        (D.MALFORMED, "json", "print(1)"),
    ),
    "a JSON fence that calls a tool directly": (
        'I\'ll use it.\n\n```json\n{ "name": "read_file", "arguments": {"path": "a.txt"} }\n```',
        (D.MALFORMED, "json", "print(read_file(path='a.txt'))"),
    ),
    "a JSON fence that is not quite JSON": (
        '```json\n{"name": "read_file", "arguments": {"path": }}\n```',
        (D.MALFORMED, "json", None),
    ),
    "a fence of JSON that is an answer": ('```json\n{"colour": "red"}\n```', (D.DIRECT, None, None)),
    "a tool called directly": (
        "<tool_call><function=read_file><parameter=path>a.txt</parameter></function></tool_call>",
        (D.MALFORMED, "phase22", "print(read_file(path='a.txt'))"),
    ),
    "null": (call("null"), (D.TOOL, "qwen3-coder", "null")),
    "no code": (call(""), (D.MALFORMED, "qwen3-coder", "")),
    "nothing in the wrapper": ("<tool_call></tool_call>", (D.MALFORMED, "bare", None)),
    "no </parameter>": (call("print(1)").replace("</parameter>\n", ""), (D.TOOL, "qwen3-coder", "print(1)")),
    "no </function>": (call("print(1)").replace("</function>\n", ""), (D.TOOL, "qwen3-coder", "print(1)")),
    "neither of them": (
        call("print(1)").replace("</parameter>\n</function>\n", ""),
        (D.TOOL, "qwen3-coder", "print(1)"),
    ),
    "no closer, and what is left is no Python": (
        call("print(1) und so weiter").replace("</parameter>\n", ""),
        (D.MALFORMED, "qwen3-coder", "print(1) und so weiter"),
    ),
    "no </tool_call>": (call("print(1)").removesuffix("\n</tool_call>"), (D.TOOL, "qwen3-coder", "print(1)")),
    "no closer at all": (call("print(1)").removesuffix(CLOSE), (D.TRUNCATED, "qwen3-coder", "print(1)")),
    "cut off inside the tag": ("I'll use the read_file tool.\n\n<tool_ca", (D.TRUNCATED, None, None)),
    "cut off inside the last tag": (call("print(1)").removesuffix("l>"), (D.TRUNCATED, "qwen3-coder", "print(1)")),
    "only the opening": ("<tool_call>", (D.TRUNCATED, "bare", None)),
    "a closing tag in the code": (call('s = "</parameter>"'), (D.TOOL, "qwen3-coder", 's = "</parameter>"')),
    "all closing tags in the code": (
        call(f'write_file("x.md", """{call("pass")}""")\nprint(1)'),
        (D.TOOL, "qwen3-coder", f'write_file("x.md", """{call("pass")}""")\nprint(1)'),
    ),
    "code with Windows line ends": (call("a = 1\r\nprint(a)"), (D.TOOL, "qwen3-coder", "a = 1\nprint(a)")),
    "blank lines and indentation of the code": (
        call("\n    x = 1\n\n"),
        (D.TOOL, "qwen3-coder", "\n    x = 1\n\n"),
    ),
    "a tag in backticks": ("Use `<tool_call>` and `<function=f>` for that.", (D.DIRECT, None, None)),
    "a call in a fence": (f"So:\n```xml\n{call('print(1)')}\n```\n", (D.DIRECT, None, None)),
    "a call after a fence": (f"```\n<tool_call>\n```\n{call('print(1)')}", (D.TOOL, "qwen3-coder", "print(1)")),
    "a call in a fence in a fence": (f"So:\n```\n```xml\n{call('print(1)')}\n```\n```\n", (D.DIRECT, None, None)),
    "a call after a fence in a fence": (
        f"```md\n```xml\n<tool_call>\n```\n```\n{call('print(1)')}",
        (D.TOOL, "qwen3-coder", "print(1)"),
    ),
    "a call after a line that begins with a code span": (
        f"```<tool_call>``` it is.\n{call('print(1)')}",
        (D.TOOL, "qwen3-coder", "print(1)"),
    ),
    "a code span in a fence": (f"~~~\n```x``` y\n{call('print(1)')}\n~~~", (D.DIRECT, None, None)),
    "a call after a stray backtick": (f"It`s a call:\n{call('print(1)')}", (D.TOOL, "qwen3-coder", "print(1)")),
    "its own header": (f"<|im_start|>assistant\n{call('print(1)')}<|im_end|>", (D.TOOL, "qwen3-coder", "print(1)")),
    "a call behind the end of the message": (f"Done.<|im_end|>\n{call('print(1)')}", (D.DIRECT, None, None)),
    "a call in thoughts that do not end": (f"<think>\nmaybe {call('print(1)')}\nno", (D.DIRECT, None, None)),
    "a call in the second of two thoughts": (
        f"<think>so</think>\n<think>or {call('print(1)')}",
        (D.DIRECT, None, None),
    ),
    "a call in JSON in thoughts": (
        '<think>\n```json\n{"name": "read_file", "arguments": {}}\n```',
        (D.DIRECT, None, None),
    ),
    "a call in thoughts that end, and no other": (f"<think>{call('print(1)')}</think>\nNo.", (D.DIRECT, None, None)),
    "thoughts that end": (f"<think>a call?</think>\n\n{call('print(1)')}", (D.TOOL, "qwen3-coder", "print(1)")),
    "another name for the runner": (
        call("print(1)").replace("execute_code", "python"),
        (D.TOOL, "qwen3-coder", "print(1)"),
    ),
    "the name in quotes": (
        call("print(1)").replace("=execute_code", '="execute_code"'),
        (D.TOOL, "qwen3-coder", "print(1)"),
    ),
    "a parameter behind the code": (
        call("print(1)\n</parameter>\n<parameter=timeout>\n5"),
        (D.TOOL, "qwen3-coder", "print(1)"),
    ),
    "a parameter before the code": (
        call("print(1)").replace("<parameter=code>", "<parameter=language>\npython\n</parameter>\n<parameter=code>"),
        (D.TOOL, "qwen3-coder", "print(1)"),
    ),
    "two codes in one function": (
        call("a = 1\n</parameter>\n<parameter=code>\nb = 2"),
        (D.MALFORMED, "qwen3-coder", "a = 1"),
    ),
    "a parameter seam that is a string of the code": (
        call('s = "</parameter>\\n<parameter=x>"'),
        (D.TOOL, "qwen3-coder", 's = "</parameter>\\n<parameter=x>"'),
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_message_is_understood(name):
    raw, expected = ODD[name]
    assert facts(parse(raw)) == expected


@pytest.mark.parametrize("profile", ["phase22", "qwen3-coder", "bundled"])
@pytest.mark.parametrize("name", ODD)
def test_every_profile_understands_every_dialect(name, profile):
    raw, expected = ODD[name]
    assert facts(parse(raw, load_profile(profile))) == expected


@pytest.mark.parametrize(
    "raw",
    [
        call("a = 1").replace(
            "</tool_call>", "<function=execute_code>\n<parameter=code>\nb = 2\n</parameter></function>"
        )
        + "</tool_call>",
        f"{call('a = 1')}\n{call('b = 2')}",
    ],
    ids=["two functions in a block", "two blocks"],
)
def test_of_several_calls_the_first_counts_and_a_warning_says_so(raw):
    parsed = parse(raw)
    assert (parsed.decision, parsed.code) == (D.TOOL, "a = 1")
    assert any("several" in warning for warning in parsed.warnings)


@pytest.mark.parametrize("name", [name for name, (_, expected) in ODD.items() if expected[0] is D.MALFORMED])
def test_what_is_malformed_says_why(name):
    assert parse(ODD[name][0]).warnings


@pytest.mark.parametrize(
    "text",
    [
        "I'll use the read_file tool.",
        "I’ll use the `run_command` tool…",
        "Let me check the file first.",
        "Sure! Now I will search for it:",
        "That needs a look.\n\nI'm going to read notes.txt.",
        "First, let's count the lines.",
    ],
)
def test_a_promise_without_a_deed_is_announced(text):
    assert is_promise(text)
    assert parse(text).decision is D.ANNOUNCED
    assert parse(text, truncated=True).decision is D.DIRECT


@pytest.mark.parametrize(
    "text",
    [
        "Let me know if you need more.",
        "I will not delete it.",
        "A decorator wraps a function.",
        "You can use the read_file tool.",
        "I'll read it. It has three lines.",
        "Let's say there are three.",
        "",
    ],
)
def test_an_answer_is_no_promise(text):
    assert parse(text).decision is D.DIRECT


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (f"I'll use the tool.\n\n{call('print(1)')}", "I'll use the tool."),
        ("  A list.\n", "A list."),
        ("What `<|im_end|>` means: the end.", "What `<|im_end|>` means: the end."),
        ("The end.<|im_end|>", "The end."),
        ("<think>never closed", "<think>never closed"),
        ('before\n```json\n{"name": "f", "arguments": {}}\n```\nafter', "before"),
    ],
)
def test_the_prose_before_the_call_is_kept(raw, text):
    assert parse(raw).text == text


# -- cut off -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD)
def test_a_message_that_was_cut_off_runs_only_what_it_had_finished(name):
    """At every place: what may run is either the whole code, closed, or nothing."""
    raw, (decision, _, code) = ODD[name]
    for at in range(len(raw)):
        parsed = parse(raw[:at], truncated=True)
        if parsed.decision is D.TOOL:
            assert (decision, parsed.code) == (D.TOOL, code), raw[:at]
            assert raw[:at].rstrip().endswith("</tool_call>") or "</tool_call>" in raw[:at]


def test_an_end_inside_a_comment_is_not_taken_for_the_end_of_a_call_that_was_cut_off():
    raw = OPEN + "keep = 1  # </parameter></function>\nkeep = 2 + "
    assert parse(raw, truncated=True).decision is D.TRUNCATED


@pytest.mark.parametrize("draft", [f"{call('print(1)')}\nbetter not, bec", call("print(1)"), "I will"])
def test_thoughts_that_were_cut_off_are_cut_off_whatever_they_draft(draft):
    raw = f"<think>\nmaybe {draft}"
    parsed = parse(raw, truncated=True)
    assert (*facts(parsed), parsed.text) == (D.TRUNCATED, None, None, raw)


# -- any text ------------------------------------------------------------------------------------

TAG = re.compile(r"</?(?:tool_call|function|parameter)(?:=[^>\n]*)?>|\s+")
_TAGS = ("<tool_call>", "</tool_call>", "</function>", "</parameter>", "<function=", "<parameter=")
CUT = re.compile(
    f"(?:{'|'.join(re.escape(tag[:end]) for tag in _TAGS for end in range(len(tag), 0, -1))}"
    r"|<(?:function|parameter)=[^>\n]*)\Z"
)
"""A tag that a cut-off message ends within."""
PIECES = st.sampled_from([
    "<tool_call>", "</tool_call>", "<function=execute_code>", "<function=read_file>", "</function>", "<parameter=code>",
    "<parameter=path>", "</parameter>", "\n", "\r\n", "`", "```", "```json\n", "~~~\n", "print(1)", "x = '", "'", '"""',
    "I'll read it.", "null", "{", "}", '{"name": "f", "arguments": {', "<", ">", "é", "🎉", " ", "<|im_end|>",
    "<|im_start|>assistant\n", "<think>", "</think>", "\x00", "\ud800", "\u2028",
])  # fmt: skip
TEXTS = st.text(max_size=60) | st.lists(PIECES, max_size=16).map("".join)


@settings(max_examples=200)
@given(TEXTS, st.booleans())
@example("<tool_call><", False)
@example("x <tool_call></", True)
def test_no_character_is_lost_without_a_word(raw, truncated):
    """What is neither prose nor code is a tag, or a warning says that something was left out."""
    parsed = parse(raw, truncated=truncated)
    if parsed.warnings or (parsed.decision is D.TRUNCATED and parsed.code is not None):
        assert parsed.text.strip() in raw
        return
    kept = parsed.text + (parsed.code or "")
    if parsed.decision is D.TRUNCATED:
        kept, raw = CUT.sub("", kept), CUT.sub("", raw)
    assert TAG.sub("", kept) == TAG.sub("", raw)


@settings(max_examples=200)
@given(TEXTS, st.booleans())
def test_only_a_sound_call_may_run(raw, truncated):
    parsed = parse(raw, truncated=truncated)
    assert parsed.decision is not D.TOOL or (parsed.code or "").strip()
    assert parsed.code is None or parsed.decision is not D.DIRECT
    if parsed.decision is D.TOOL and truncated:
        assert compiles(parsed.code or "")


CODE = st.text(st.characters(exclude_characters="\r"), max_size=40) | st.lists(PIECES, max_size=6).map("".join)


@settings(max_examples=200)
@given(CODE)
def test_python_with_any_string_in_it_survives_the_way_through_a_call(text):
    code = f"text = {text!r}\nprint(text)"
    for opening, closing in ((OPEN, CLOSE), (OPEN.replace("\n", ""), CLOSE.replace("\n", ""))):
        assert facts(parse(opening + code + closing))[::2] == (D.TOOL, code)


@pytest.mark.parametrize(
    "raw",
    [
        "<tool_call>" + "[" * 100_000,
        '<tool_call>{"name": "f", "arguments": {"a": ' + "[" * 100_000,
        "```json\n" + '{"a":' * 50_000,
        "`" * 50_000 + "<tool_call>",
        "<function=" * 30_000,
        OPEN + "</parameter></function>" * 5_000,
        OPEN + "(" * 50_000 + CLOSE,
        "I'll " * 50_000,
        OPEN + "x = 1\n" * 100_000 + CLOSE,
        "```" + " " * 20_000 + "x",
        OPEN + "```\n(" + " " * 200_000 + "x\n```" + CLOSE,
    ],
    ids=lambda raw: raw[:16],
)
def test_a_long_and_nasty_message_is_parsed_like_any_other(raw):
    assert parse(raw).decision in D


@pytest.mark.parametrize(
    "argument", [f"'start': 0x{'f' * 5000}", f"'x': [-0x{'f' * 5000}]", "1: 2", "b'a': 2"], ids=lambda text: text[:9]
)
@pytest.mark.parametrize("form", ["<tool_call>\n{}\n</tool_call>", "```json\n{}\n```", "{}"])
def test_arguments_that_only_python_can_read_are_no_crash(form, argument):
    parsed = parse(form.replace("{}", '{"name": "read_file", "arguments": {' + argument + "}}"))
    torn = D.TRUNCATED if form == "{}" else D.MALFORMED  # without a wrapper nothing says where it ends
    assert (parsed.decision, parsed.code) == (torn, None)


@pytest.mark.parametrize("depth", range(900, 1000, 7))
def test_deep_json_is_no_crash_however_deep(depth):
    value = "[" * depth + "]" * depth
    assert parse('```json\n{"name": "f", "arguments": {"a": ' + value + "}}\n```").decision in (D.MALFORMED, D.DIRECT)
    assert json.dumps(parse(f'<tool_call>{{"name": "f", "arguments": {{"a": {value}}}}}</tool_call>').code)
