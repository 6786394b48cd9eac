"""Code that can still be recovered is recovered, and a tag that is only spoken of is prose."""

from __future__ import annotations

import json

import pytest

from codemode_tui.protocol import syntax
from codemode_tui.protocol.calls import MAX_CANDIDATES
from codemode_tui.protocol.foreign import SEVERAL
from codemode_tui.protocol.parser import is_promise, parse
from codemode_tui.protocol.types import Decision, Parsed

D = Decision
OPEN, CLOSE = "<tool_call><function=execute_code>\n<parameter=code>\n", "\n</parameter>\n</function></tool_call>"
CALL = f"{OPEN}print(1){CLOSE}"
FENCE = "```"


def facts(parsed: Parsed) -> tuple[Decision, str | None, str | None]:
    return parsed.decision, parsed.dialect, parsed.code


def fence(body: str) -> str:
    return f"{FENCE}json\n{body}\n{FENCE}"


JSON = {
    "in the wrapper, a brace too few": (
        '<tool_call>\n{"name": "execute_code", "arguments": {"code": "print(1)"}\n</tool_call>',
        (D.MALFORMED, "print(1)"),
    ),
    "in the wrapper, cut off": (
        '<tool_call>\n{"name": "execute_code", "arguments": {"code": "a = 1\\nprint(',
        (D.TRUNCATED, "a = 1\nprint("),
    ),
    "in the wrapper, a list": (
        '<tool_call>[{"name": "execute_code", "arguments": {"code": "print(1)"}}]</tool_call>',
        (D.MALFORMED, "print(1)"),
    ),
    "in the wrapper, in Python's spelling": (
        "<tool_call>{'name': 'read_file', 'arguments': {'path': 'a'}}</tool_call>",
        (D.MALFORMED, "print(read_file(path='a'))"),
    ),
    "in the wrapper, in a fence": (
        "<tool_call>\n" + fence('{"name": "execute_code", "arguments": {"code": "print(1)"}}') + "\n</tool_call>",
        (D.MALFORMED, "print(1)"),
    ),
    "in the wrapper, but no call": ('<tool_call>{"path": "a"}</tool_call>', (D.MALFORMED, None)),
    "without wrapper and fence": (
        'I\'ll use it.\n\n{"name": "read_file", "arguments": {"path": "a"}}',
        (D.MALFORMED, "print(read_file(path='a'))"),
    ),
    "without wrapper and fence, cut off": (
        '{"name": "execute_code", "arguments": {"code": "print(1',
        (D.TRUNCATED, "print(1"),
    ),
    "a fence, a list": (
        fence('[{"name": "read_file", "arguments": {"path": "a"}}]'),
        (D.MALFORMED, "print(read_file(path='a'))"),
    ),
    "a fence, as OpenAI writes it": (
        fence('{"tool_calls": [{"function": {"name": "execute_code", "arguments": "{\\"code\\": \\"print(1)\\"}"}}]}'),
        (D.MALFORMED, "print(1)"),
    ),
    "a fence, a comma too many": (
        fence('{"name": "read_file", "arguments": {"path": "a",},}'),
        (D.MALFORMED, "print(read_file(path='a'))"),
    ),
    "a fence, a backslash that JSON does not know": (
        fence('{"name": "run_command", "arguments": {"command": "grep \'\\w\'"}}'),
        (D.MALFORMED, "print(run_command(command=\"grep '\\\\w'\"))"),
    ),
    "a fence, no arguments": (
        fence('{"name": "list_directory", "arguments": null}'),
        (D.MALFORMED, "print(list_directory())"),
    ),
    "a fence on one line": (
        f'{FENCE}json {{"name": "read_file", "arguments": {{"path": "a"}}}}{FENCE}',
        (D.MALFORMED, "print(read_file(path='a'))"),
    ),
    "a fence that is closed on the last line": (
        f'{FENCE}json\n{{"name": "f", "arguments": {{"a": "\\w"}}}}{FENCE}',
        (D.MALFORMED, "print(f(a='\\\\w'))"),
    ),
    "a fence that is cut off": (
        f'{FENCE}json\n{{"name": "execute_code", "arguments": {{"code": "print(1)\\nprint(2',
        (D.TRUNCATED, "print(1)\nprint(2"),
    ),
}


@pytest.mark.parametrize("name", JSON)
def test_a_call_in_json_gives_its_code(name):
    raw, (decision, code) = JSON[name]
    assert facts(parse(raw)) == (decision, "json", code)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('{"code": "a = 1\\nprint(', "a = 1\nprint("),
        ('{"timeout": null, "code": "print(1)",}', "print(1)"),
        ('{"code": "print({1})"}', "print({1})"),
    ],
)
@pytest.mark.parametrize("end", ["", "\n</function></tool_call>"])
def test_arguments_in_json_give_their_code_whole_or_torn(arguments, code, end):
    parsed = parse(f"<tool_call><function=execute_code>\n{arguments}{end}")
    assert facts(parsed) == (D.MALFORMED if end else D.TRUNCATED, "phase22", code)


@pytest.mark.parametrize(
    "raw",
    [
        '<tool_call>{"name": "execute_code", "arguments": {"code": "print(\'\\ud83d\\ude00\\ud83d\')"}}</tool_call>',
        '<tool_call>{"name": "execute_code", "arguments": {"code": "print(\'\\ud83d\\ude00\\ud83d\')"',
        '<tool_call>{"name": "execute_code", "arguments": {"code": "print(\'\\ud83d\\ude00\\ud83d\')',
        '<tool_call>{"name": "execute_code", "arguments": {"code": "print(\'\\ud83d\\ude00\\ud83d\')" or so',
        "<tool_call>{'name': 'execute_code', 'arguments': {'code': \"print('\\ud83d\\ude00\\ud83d')\"}}</tool_call>",
    ],
    ids=["whole", "without its brackets", "cut off", "broken", "Python"],
)
def test_a_character_in_two_escapes_is_one_and_half_of_one_is_marked(raw):
    assert (parse(raw).code or "").removesuffix('" or so') == "print('\U0001f600\ufffd')"


@pytest.mark.parametrize(
    "raw",
    [
        fence('{"name": "x", "version": "1.0"}'),
        fence('{"name": "f", "description": "reads", "parameters": {"type": "object"}}'),
        f'{FENCE}python\ncall = {{"name": "f", "arguments": {{}}}}\n{FENCE}',
        f'{FENCE}text\n{{"name": "f", "arguments": {{}}}}\n{FENCE}',
        '{"name": "Ann", "age": 3}',
    ],
    ids=["a package", "a schema", "Python", "a fence of text", "data"],
)
def test_data_is_no_call(raw):
    assert parse(raw).decision is D.DIRECT


TAGS = {
    "a parameter and nothing around it": (
        "<parameter=code>\nprint(1)\n</parameter>",
        (D.MALFORMED, "unwrapped", "print(1)"),
    ),
    "a parameter in the wrapper": (
        "<tool_call>\n<parameter=code>\nprint(1)\n</parameter>\n</tool_call>",
        (D.TOOL, "bare", "print(1)"),
    ),
    "a comment with all closing tags": (
        f"{OPEN}# </parameter></function></tool_call>\nprint(1){CLOSE}",
        (D.TOOL, "phase22", "# </parameter></function></tool_call>\nprint(1)"),
    ),
    "a comment at the end of one line": (
        "<tool_call><function=execute_code><parameter=code>print(1)  # one</parameter></function></tool_call>",
        (D.TOOL, "phase22-inline", "print(1)  # one"),
    ),
    "more closing tags than are tried": (
        f"{OPEN}s = '''{'</parameter></function>' * (2 * MAX_CANDIDATES)}'''{CLOSE}",
        (D.TOOL, "phase22", f"s = '''{'</parameter></function>' * (2 * MAX_CANDIDATES)}'''"),
    ),
    "another call inside, this one not closed": (
        f"{OPEN}print(1)\n</parameter>\n{OPEN}print(2){CLOSE}",
        (D.MALFORMED, "phase22", "print(1)"),
    ),
    "another function inside": (
        f"{OPEN}print(1)\n<function=execute_code>\n<parameter=code>\nprint(2){CLOSE}",
        (D.MALFORMED, "phase22", "print(1)"),
    ),
    "a fence around the code": (
        f"{OPEN}{FENCE}python\nprint(1)\n{FENCE}{CLOSE}",
        (D.TOOL, "phase22", "print(1)"),
    ),
    "a fence around code and nothing else": (
        f"<tool_call>\n{FENCE}python\nprint(1)\n{FENCE}\n</tool_call>",
        (D.TOOL, "bare", "print(1)"),
    ),
    "a set as bare code": (
        "<tool_call>{print(x) for x in 'a'}</tool_call>",
        (D.TOOL, "bare", "{print(x) for x in 'a'}"),
    ),
    "a control token for the closing tags": (f"{OPEN}print(1)<|im_end|>", (D.TRUNCATED, "phase22", "print(1)")),
    "a control token, and a turn made up": (
        f"{OPEN}print(1)<|im_end|>\n<|im_start|>assistant\n{CALL}",
        (D.TRUNCATED, "phase22", "print(1)"),
    ),
    "a control token in a string": (
        f"{OPEN}print('<|im_end|>'){CLOSE}",
        (D.TOOL, "phase22", "print('<|im_end|>')"),
    ),
    "a closing tag in code that is cut off": (
        f'{OPEN}print("</parameter>")\nprint(',
        (D.TRUNCATED, "phase22", 'print("</parameter>")\nprint('),
    ),
    "arguments that are numbers and lists": (
        "<tool_call><function=f><parameter=start>\n5\n</parameter><parameter=args>[1]</parameter>"
        "<parameter=path>7</parameter></function></tool_call>",
        (D.MALFORMED, "phase22", "print(f(start=5, args=[1], path='7'))"),
    ),
    "an argument that holds its closing tag": (
        "<tool_call><function=write_file><parameter=content>a </parameter> b</parameter></function></tool_call>",
        (D.MALFORMED, "phase22", "print(write_file(content='a </parameter> b'))"),
    ),
    "a tag that is mentioned before the call": (f"I'll write a <tool_call>:\n{CALL}", (D.TOOL, "phase22", "print(1)")),
}


@pytest.mark.parametrize("name", TAGS)
def test_a_call_between_tags_gives_its_code(name):
    raw, expected = TAGS[name]
    assert facts(parse(raw)) == expected


@pytest.mark.parametrize(
    "value", ["Use </function> to end.", "</function>", "a </parameter> b", "x </function> </parameter"]
)
@pytest.mark.parametrize("rest", ["\n</tool_call>", "", f"\n</tool_call>\n{CALL}"])
def test_a_tool_that_is_called_directly_keeps_its_whole_values(value, rest):
    raw = f"<tool_call>\n<function=write_file>\n<parameter=content>\n{value}\n</parameter>\n</function>{rest}"
    assert facts(parse(raw)) == (D.MALFORMED, "qwen3-coder", f"print(write_file(content={value!r}))")
    unclosed = f"<tool_call>\n<function=read_file>\n<parameter=path>\na.md\n</function>\n</tool_call>\n{raw}"
    assert parse(unclosed).code == "print(read_file(path='a.md'))"


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ('{"name": "read_file", "arguments": {"path": \n', "print(1)"),
        ('{"name": "execute_code", "arguments": \n\nSorry, properly:\n', "print(1)"),
        (f'{FENCE}json\n{{"name": "tool", "arguments": {{...}}}}\n{FENCE}\nI run it:\n', "print(1)"),
        (f'{FENCE}json\n{{"name": "f", // ours\n "parameters": {{"code": "a"b"}}}}\n{FENCE}\nNow:\n', "print(1)"),
        (f'{FENCE}json\n{{"name": "f", "arguments": {{"x": 1}}}}\n{FENCE}\n', None),
        ('{"name": "write_file", "arguments": {"text": "', None),  # it may stand in the string
        ('{"name": "f", "arguments": {"x": 1}\n', None),
    ],
)
def test_a_whole_call_decides_where_what_looks_like_json_before_it_cannot_be_read(before, code):
    parsed = parse(f"{before}{OPEN}print(1){CLOSE}")
    assert (parsed.decision is D.TOOL, parsed.dialect == "json") == (code is not None, code is None)
    assert code is None or (parsed.code, parsed.text) == (code, before.strip())


@pytest.mark.parametrize("at", range(len(CLOSE)))
def test_torn_closing_tags_are_no_code(at):
    parsed = parse(f"{OPEN}print(1){CLOSE[:at]}")
    assert (parsed.code or "").strip() == "print(1)"


@pytest.mark.parametrize("at", range(1, len(OPEN)))
def test_torn_opening_tags_are_no_code(at):
    assert not parse(f"{OPEN[:at]}").code


def test_a_comparison_at_the_end_is_code():
    assert parse(f"{OPEN}if a <").code == "if a <"


@pytest.mark.parametrize("text", [f"# {CLOSE.strip()}\nprint(1", "x = 1  # </parameter></function></tool_call>"])
def test_an_end_in_a_comment_is_in_doubt_when_the_message_was_cut_off(text):
    assert parse(OPEN + text, truncated=True).decision is D.TRUNCATED


@pytest.mark.parametrize(
    "around", ["{}", "So:\n{}\nThat is it.", f"<tool_call>\n{FENCE}json\n{{}}\n{FENCE}\n</tool_call>"]
)
@pytest.mark.parametrize("tag", [CALL, "</tool_call>", "<tool_call>", "<|im_end|>", FENCE])
@pytest.mark.parametrize("indent", [None, 2])
def test_tags_in_a_string_of_a_call_in_json_are_its_text(around, tag, indent):
    code = f"write_file('a.md', {tag!r})"
    raw = json.dumps({"name": "execute_code", "arguments": {"code": code}}, indent=indent)
    assert facts(parse(around.replace("{}", raw))) == (D.MALFORMED, "json", code)
    both = parse(f"{raw}\n{CALL}")
    assert (*facts(both), both.warnings[-1:]) == (D.MALFORMED, "json", code, (SEVERAL,))


@pytest.mark.parametrize(
    "text",
    [
        "The <tool_call> tag begins a call.",
        "A call begins with <tool_call> and ends with </tool_call>.",
        "Write <function=name> to begin.",
        f"`{CALL}` is a call.",
        f"A call is `{CALL}`",
        f"- {FENCE}\n  {CALL}\n  {FENCE}",
        f"> {FENCE}\n> {OPEN}\n> {FENCE}",
        f"1. {FENCE}xml\n{CALL}\n{FENCE}",
    ],
)
def test_a_tag_that_is_spoken_of_is_prose(text):
    parsed = parse(text)
    assert (parsed.decision, parsed.text) == (D.DIRECT, text)


@pytest.mark.parametrize(
    "text",
    [
        "Sure. <tool_call>\nprint(1)",
        "Sure. <tool_call>print(1",
        "<tool_call>I will read it",
        "Now <function=read_file>",
    ],
)
def test_a_call_that_was_cut_off_is_not_taken_for_prose(text):
    assert parse(text).decision is D.TRUNCATED


@pytest.mark.parametrize(
    "text",
    [
        "I'll use execute_code.",
        "I'll use `read_file` to read it.",
        "I'll use the **run_command** tool.",
        "I'll use the read_file and run_command tools.",
        "To answer this, I'll read main.py.",
        "I'll go ahead and run the tests.",
        "I'll need to look at the file first.",
        "Sure — let me read config.yaml first.",
        "I’ll take a quick look at the file.",
        "Absolutely, I'll grep for it.",
        "I'll now proceed to read the file.",
    ],
)
def test_a_promise_may_have_many_words(text):
    assert parse(text).decision is D.ANNOUNCED


@pytest.mark.parametrize(
    "text",
    [
        "I'll read it if you tell me its name.",
        "I'll use the read_file tool when you name a file.",
        "To read a file, a model says: I'll use the read_file tool.",
        "I can't book flights. I'll look forward to other questions.",
        "Let me run through it: a list can change, a tuple can not.",
        "We need to call super().__init__() in the constructor.",
        "I need to see the error message.",
        "To have a look: open the file in an editor.",
        "Yes, I'll explain: a list can change.",
    ],
)
def test_an_offer_or_an_explanation_is_no_promise(text):
    assert not is_promise(text)


@pytest.mark.parametrize("torn", ["<", "<tool", "<tool_call"])
def test_a_promise_and_a_torn_tag_is_a_call_that_was_cut_off(torn):
    assert parse(f"I'll use the read_file tool.\n\n{torn}").decision is D.TRUNCATED


@pytest.mark.parametrize(
    "piece",
    [
        "`<tool_call>\n",
        "a <tool_call> b\n",
        '{"name":\n',
        f"{FENCE}json\n{{\n",
        "> ",
        '{"name":"a","arguments":{',
        "\\",
    ],
)
def test_much_of_the_same_is_parsed_like_any_other_message(piece):
    for raw in (piece * (100_000 // len(piece)), fence('{"name":"a","arguments":{"code":"' + piece * 5_000)):
        assert json.dumps(parse(raw).text) is not None


class Searched(str):
    """Text that counts how many of its characters are looked through for the end of a line."""

    through = 0

    def find(self, part, start=0, end=None):
        at = super().find(part, start, len(self) if end is None else end)
        if part == "\n":
            self.through += (at if at >= 0 else len(self)) - start
        return at


@pytest.mark.parametrize("line", ["some `code` and ", "` ", "`a``b"])
def test_the_end_of_a_line_with_many_backticks_is_looked_for_once(line):
    text = Searched(f"{line * 500}\n" * 3)
    assert list(syntax.openings(text)) == []
    assert text.through <= len(text)
