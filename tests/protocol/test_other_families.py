"""Calls as other families of models write them: never an answer, never run, their code recovered."""

from __future__ import annotations

import json

import pytest

from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.stream import StreamParser
from codemode_tui.protocol.types import Decision

D = Decision
CODE = 'print("</function>", 1)\nprint([2])'
ARGUMENTS = json.dumps({"code": CODE})
CALL = f'{{"name": "execute_code", "arguments": {ARGUMENTS}}}'
MARKED = {
    "Mistral": f"[TOOL_CALLS] [{CALL}]",
    "Mistral, later": f"[TOOL_CALLS]execute_code[ARGS]{ARGUMENTS}",
    "Llama": f"<|python_tag|>{CALL.replace('arguments', 'parameters')}<|eom_id|>",
    "Granite": f"<|tool_call|>[{CALL}]",
    "Phi": f"<|tool_call|>[{CALL}]<|/tool_call|>",
    "DeepSeek": "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>execute_code\n"
    f"```json\n{ARGUMENTS}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "DeepSeek, later": f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>execute_code<｜tool▁sep｜>{ARGUMENTS}"
    "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "Kimi": "<|tool_calls_section_begin|><|tool_call_begin|>functions.execute_code:0<|tool_call_argument_begin|>"
    f"{ARGUMENTS}<|tool_call_end|><|tool_calls_section_end|>",
    "gpt-oss": "<|channel|>commentary to=functions.execute_code <|constrain|>json<|message|>" + ARGUMENTS + "<|call|>",
    "gpt-oss, later": "<|start|>assistant to=functions.execute_code<|channel|>commentary json<|message|>" + ARGUMENTS,
    "tags": f'<function_calls>\n<invoke name="execute_code">\n<parameter name="code">{CODE}</parameter>\n'
    "</invoke>\n</function_calls>",
    "tags without a block": f"<function name='execute_code'>\n<parameter name='code'>\n{CODE}"
    "\n</parameter>\n</function>",
}
WRAPPED = {
    "Llama, a function": f"<function=execute_code>{ARGUMENTS}</function>",
    "a function with JSON": f"<tool_call>\n<function=execute_code>\n{ARGUMENTS}\n</function>\n</tool_call>",
    "GLM": f"<tool_call>execute_code\n<arg_key>code</arg_key>\n<arg_value>{CODE}</arg_value>\n</tool_call>",
}


@pytest.mark.parametrize("before", ["", "I'll look.\n\n"], ids=["alone", "behind prose"])
@pytest.mark.parametrize("name", [*MARKED, *WRAPPED])
def test_a_call_of_another_family_is_malformed_and_gives_its_code(name, before):
    parsed = parse(before + (MARKED | WRAPPED)[name])
    assert (parsed.decision, parsed.code, parsed.text) == (D.MALFORMED, CODE, before.strip())
    assert parsed.warnings
    assert not any("text after" in warning for warning in parsed.warnings)


@pytest.mark.parametrize("name", MARKED)
def test_in_backticks_or_a_fence_it_is_prose(name):
    raw = MARKED[name].replace("\n", " ").replace("```", "")
    for text in (f"So: `{raw}`", f"So:\n~~~\n{MARKED[name]}\n~~~\nThat is a call."):
        assert (parse(text).decision, parse(text).text) == (D.DIRECT, text)


@pytest.mark.parametrize("name", [*MARKED, *WRAPPED])
def test_cut_off_anywhere_none_of_it_runs_and_every_split_says_the_same(name):
    raw = (MARKED | WRAPPED)[name]
    whole = parse(raw)
    for at in range(len(raw)):
        assert parse(raw[:at], truncated=True).decision is not D.TOOL
        stream = StreamParser()
        stream.feed(raw[:at])
        stream.feed(raw[at:])
        assert (stream.raw, stream.finish()) == (raw, whole)
    assert parse(raw[: raw.index("print(") + 6]).decision is D.TRUNCATED


@pytest.mark.parametrize(
    "opening",
    [
        '<tool_call>\n<function name="execute_code">\n<parameter name="code">',
        '<tool_call>\n<function=execute_code>\n<parameter name="code" type="str">',
    ],
)
def test_our_tags_may_have_their_names_as_attributes(opening):
    assert parse(f"{opening}\n{CODE}\n</parameter>\n</function>\n</tool_call>").code == CODE


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ('[TOOL_CALLS]read_file[ARGS]{"path": "a.md"}', "print(read_file(path='a.md'))"),
        ('<function=read_file>{"path": "</function>"}</function>', "print(read_file(path='</function>'))"),
        ('<invoke name="read_file"><parameter name="path">a.md</parameter></invoke>', "print(read_file(path='a.md'))"),
        (
            "<tool_call>read_file<arg_key>path</arg_key><arg_value>a.md</arg_value><arg_key>start</arg_key>"
            "<arg_value>2</arg_value></tool_call>",
            "print(read_file(path='a.md', start=2))",
        ),
    ],
)
def test_a_tool_that_another_family_calls_directly_becomes_code(raw, code):
    parsed = parse(raw)
    assert (parsed.decision, parsed.code) == (D.MALFORMED, code)


@pytest.mark.parametrize(
    "raw",
    [
        "In Mistral, [TOOL_CALLS] begins a call.",
        'The answer is <|channel|>final<|message|>{"a": 1}',
        "[TOOL_CALLS] [1, 2]",
        'The element <function name="add"> holds a name.',
        "A <|python_tag|> is a token.",
    ],
)
def test_a_marker_that_is_spoken_of_is_prose(raw):
    assert (parse(raw).decision, parse(raw).text) == (D.DIRECT, raw)


@pytest.mark.parametrize(
    "piece", ["[TOOL_CALLS]", "<invoke name=", "<|channel|>a to=b", "<arg_key>a</arg_key><arg_value>"]
)
def test_much_of_it_is_parsed_like_any_other_message(piece):
    for raw in (piece * 5_000, f"<tool_call>f{piece * 5_000}"):
        assert parse(raw).decision in D
