"""A message that is still arriving: shown as it stands, judged as a whole, wherever it was torn."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.stream import Delta, StreamParser
from codemode_tui.protocol.types import Decision

CALL = (
    "<tool_call><function=execute_code>\n<parameter=code>\nfor i in range(3):\n    print(i < 2)\n"
    "</parameter>\n</function></tool_call>"
)
MESSAGES = [
    f"I'll use the read_file tool.\n\n{CALL}",
    CALL.replace("\n", ""),
    f"{CALL}\n{CALL}",
    "A list `[1]` is ordered.\n\n```python\nx = [1]\n```\nThat < this.\n",
    f"Like so:\n```\n{CALL}\n```\nor `<tool_call>` inline.",
    "<function=execute_code><parameter=code>print('é 🎉')</parameter></function>",
    '```json\n{"name": "f", "arguments": {}}\n```',
    f'```json\n{{"name": "f", "arguments": {{}}}}\n```\n{CALL}',
    f'```json\n{{"name": "f", "arguments": {{...}}}}\n```\nSo:\n{CALL}',
    f'{{"name": "f", "arguments": {{"path": \n\nProperly:\n{CALL}',
    "Let me read a.txt.",
    "I'll use the read_file tool.\n\n<tool_ca",
    f"<think>\nOne could\n{CALL}\nor not: a </ b",
    f"\n<think>One could\n{CALL}</think> <think>x</think>\nDone.",
]


def fed(*pieces: str) -> tuple[StreamParser, list[Delta]]:
    stream = StreamParser()
    return stream, [delta for piece in pieces for delta in stream.feed(piece)]


def shown(deltas: list[Delta], kind: str) -> str:
    return "".join(delta.text for delta in deltas if delta.kind == kind)


@pytest.mark.parametrize("raw", MESSAGES)
def test_every_split_gives_the_verdict_on_the_whole(raw):
    for truncated in (False, True):
        whole = parse(raw, truncated=truncated)
        for at in range(len(raw) + 1):
            stream, _ = fed(raw[:at], raw[at:])
            assert stream.raw == raw
            assert stream.finish(truncated=truncated) == whole
        stream, _ = fed(*raw)
        assert (stream.raw, stream.finish(truncated=truncated)) == (raw, whole)


@pytest.mark.parametrize("raw", MESSAGES)
def test_what_was_shown_is_never_taken_back(raw):
    """At every split and letter by letter: prose on the screen is prose in the end, and none of it is a tag."""
    whole = parse(raw)
    for pieces in [tuple(raw), *((raw[:at], raw[at:]) for at in range(len(raw) + 1))]:
        _, deltas = fed(*pieces)
        assert raw.startswith(shown(deltas, "text"))
        if whole.decision is Decision.TOOL:
            assert shown(deltas, "text").strip() == whole.text
            assert (whole.code or "").startswith(shown(deltas, "code").rstrip())


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_code_is_shown_whole_whatever_the_size_of_the_pieces(size):
    _, deltas = fed(*(CALL[at : at + size] for at in range(0, len(CALL), size)))
    assert shown(deltas, "code") == "for i in range(3):\n    print(i < 2)"


@pytest.mark.parametrize("gap", ["\n", "\n  ", "\n\n", "\r\n"])
def test_blanks_behind_the_name_of_the_function_are_no_code_at_any_split(gap):
    raw = CALL.replace("\n<parameter", f"{gap}<parameter")
    for at in range(len(raw)):
        _, deltas = fed(raw[:at], raw[at:])
        assert "<parameter" not in shown(deltas, "code")


def test_code_appears_before_it_is_finished():
    _, deltas = fed(CALL[: CALL.index("print")])
    assert shown(deltas, "code").startswith("for i in range(3):")


def test_prose_appears_before_its_line_is_finished():
    _, deltas = fed("A decorator wr", "aps a fun")
    assert shown(deltas, "text") == "A decorator wraps a fun"


def test_a_long_line_is_not_waited_for():
    _, deltas = fed(*["word `" * 100] * 20)
    assert len(shown(deltas, "text")) > 5_000


BREAKS = [
    "word ```\n" + CALL,
    f"```\nx\n```{CALL}",
    f"- ```\n  {CALL}\n  ```\n" + CALL,
    f"```\n```x\n{CALL}\n```\n```\n```x``` {CALL}",
    "w" * 5_000 + f"```\n{CALL}",
    f"<parameter=code>\nprint(1)\n</parameter>\n{CALL}",
]


@pytest.mark.parametrize("raw", BREAKS, ids=lambda raw: raw[:12])
def test_a_tag_of_a_call_is_never_shown_as_prose(raw):
    """Also where a fence stands in the middle of a line, in a list, or before a call on its own line."""
    whole = parse(raw)
    for pieces in (tuple(raw), *((raw[:at], raw[at:]) for at in range(0, len(raw), 7 + len(raw) // 100))):
        _, deltas = fed(*pieces)
        assert whole.text.startswith(shown(deltas, "text").strip())


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_call_that_is_only_thought_of_is_shown_as_prose_and_one_behind_the_thoughts_as_code(size):
    thought = f"<think>{CALL}</think>\n<think>{CALL}</think>"
    raw = f"{thought}\n{CALL.replace('range(3)', 'range(4)')}"
    _, deltas = fed(*(raw[at : at + size] for at in range(0, len(raw), size)))
    assert shown(deltas, "text").strip() == thought
    assert shown(deltas, "code").rstrip() == parse(raw).code == "for i in range(4):\n    print(i < 2)"


@pytest.mark.parametrize("quote", ["{}\n", "```json\n{}\n```\n", "[TOOL_CALLS]{}"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_call_behind_or_inside_one_in_json_is_not_shown_as_code(quote, size):
    for text in ("", CALL):
        first = json.dumps({"name": "write_file", "arguments": {"text": text}})
        raw = quote.replace("{}", first) + CALL
        stream, deltas = fed(*(raw[at : at + size] for at in range(0, len(raw), size)))
        assert stream.finish().decision is Decision.MALFORMED
        assert shown(deltas, "code") == ""


PIECES = st.sampled_from([
    "<think>", "</think>", "<tool_call>", "</tool_call>", "<function=execute_code>", "</function>", "<parameter=code>",
    "</parameter>", "\n", "`", "```", "~~~", "print(1)", "x < y > z", "I'll read it.", "<", ">", "é", "🎉",
    " ", "<|im_end|>", "\r\n", "```json\n", '{"name": "f", "arguments": {}}', '{"name": "f", "arguments": {"path": "',
    "...}}", CALL,
])  # fmt: skip
TEXTS = st.text(max_size=50) | st.lists(PIECES, max_size=14).map("".join)


@settings(max_examples=150)
@given(TEXTS, st.data())
def test_any_text_torn_anywhere_is_judged_alike(raw, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    stream, deltas = fed(*pieces)
    assert stream.raw == raw
    assert stream.finish() == parse(raw)
    assert raw.startswith(shown(deltas, "text"))
    assert shown(deltas, "text") + shown(deltas, "code") == "".join(delta.text for delta in deltas)


def test_many_blanks_in_one_piece_are_shown_like_any_other_text():
    _, deltas = fed(f"{CALL[: CALL.index('for')]}x = 1{' ' * 200_000}# one{CALL[CALL.index('</parameter>') - 1 :]}")
    assert shown(deltas, "code") == f"x = 1{' ' * 200_000}# one"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_code_that_speaks_of_its_own_tag_is_shown_whole(size):
    code = 'print("</parameter>")\nprint(2)'
    raw = f"<tool_call>\n<function=execute_code>\n<parameter=code>\n{code}\n</parameter>\n</function>\n</tool_call>"
    stream, deltas = fed(*(raw[at : at + size] for at in range(0, len(raw), size)))
    assert shown(deltas, "code").rstrip() == code == stream.finish().code
