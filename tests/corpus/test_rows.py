"""Rows of every shape become the same conversation; what is no row is told, never fatal."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.corpus.rows import find_files, read_row, read_rows, split_of, strings, unfinished
from codemode_tui.errors import UsageError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.types import Decision

CALL = "<tool_call>\n<function=execute_code>\n<parameter=code>\nprint(1)\n</parameter>\n</function>\n</tool_call>"
CHATML = (
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHow many?<|im_end|>\n"
    f"<|im_start|>assistant\n{CALL}<|im_end|>\n<|im_start|>user\n<tool_response>\n1\n</tool_response><|im_end|>\n"
    "<|im_start|>assistant\nOne.<|im_end|>"
)
MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "How many?"},
    {"role": "assistant", "content": CALL},
    {"role": "tool", "content": "1"},
    {"role": "assistant", "content": "One."},
]
NATIVE = {"type": "function", "function": {"name": "execute_code", "arguments": '{"code": "print(1)"}'}}


def row(table, split=None):
    return read_row(json.dumps(table).encode(), split)


@pytest.mark.parametrize(
    ("shape", "table"),
    [
        ("text", {"text": CHATML}),
        ("text", {"text": CHATML.replace("\n", "\r\n")}),
        ("text", {"text": CHATML.replace("user\n", "user \t\n")}),
        ("chat", {"messages": MESSAGES}),
        ("chat", {"messages": MESSAGES, "tools": []}),
        ("tools", {"messages": MESSAGES, "tools": [{"type": "function"}]}),
        ("tools", {"messages": [*MESSAGES[:2], {"role": "assistant", "content": None, "tool_calls": [NATIVE]}]}),
        ("completions", {"prompt": "How many?", "completion": CALL}),
        ("completions", {"prompt": MESSAGES[:2], "completion": MESSAGES[2:]}),
        ("completions", {"prompt": CHATML.partition(CALL)[0], "completion": CALL}),
        ("completions", {"prompt": "How many?", "completion": CALL, "text": "left", "messages": []}),
    ],
)
def test_the_same_conversation_in_every_shape(shape, table):
    found = row(table)
    assert found.shape == shape
    assert found.query == "How many?"
    calls = [parse(turn.content) for turn in found.turns if turn.role == "assistant"]
    assert (calls[0].decision, calls[0].code) == ("tool", "print(1)")
    assert [turn.role for turn in found.turns if turn.role == "user"] == ["user"]  # the response is no question


def test_content_in_parts_is_joined():
    parts = [{"type": "text", "text": "How "}, {"type": "image"}, {"type": "text", "text": "many?"}]
    assert row({"messages": [{"role": "user", "content": parts}]}).query == "How many?"


def test_a_text_that_was_cut_off_keeps_its_last_turn():
    found = row({"text": CHATML.removesuffix(".<|im_end|>")})
    assert found.turns[-1] == ("assistant", "One") and unfinished(found) == [4]


def test_a_turn_that_another_one_cut_off_has_no_end_either():
    torn = CHATML.replace(f"{CALL}<|im_end|>", CALL)
    assert unfinished(row({"text": torn})) == [2] and unfinished(row({"text": CHATML})) == []
    assert unfinished(row({"text": f"{CHATML}\n<|im_start|>assistant\n"})) == []
    assert unfinished(row({"messages": MESSAGES})) == []


def test_a_text_without_turns_is_one_message():
    found = row({"text": f"Q: how many?\n{CALL}"})
    assert (found.query, [turn.role for turn in found.turns]) == (None, ["assistant"])


def test_a_role_that_nobody_knows_hides_no_other_turn():
    found = row({"messages": [{"role": "critic", "content": "no"}, *MESSAGES]})
    assert found.query == "How many?"


@pytest.mark.parametrize(
    "line",
    [
        b'{"text": "torn',
        b"[1, 2]",
        b'"text"',
        b"null",
        b"{}",
        b'{"text": 5}',
        b'{"messages": "no list"}',
        b'{"messages": [5]}',
        b'{"messages": [{"content": "no role"}]}',
        b'{"messages": [{"role": "user", "content": 5}]}',
        b'{"messages": [{"role": "assistant", "tool_calls": ["x"]}]}',
        b'{"prompt": "a", "chosen": "b", "rejected": "c"}',
        b'{"text": "\xff"}',
        b'{"text": ' + b"[" * 100_000 + b"}",
        b'{"n": ' + b"9" * 10_000 + b"}",
    ],
)
def test_what_is_no_row(line):
    assert read_row(line) is None


@pytest.mark.parametrize("arguments", [{"arguments": one} for one in ("{bad", "[1]", '{"code": 1', [1], None)] + [{}])
def test_a_call_whose_arguments_are_broken_is_malformed(arguments):
    called = {"type": "function", "function": {"name": "execute_code", **arguments}}
    found = row({"messages": [*MESSAGES[:2], {"role": "assistant", "content": "", "tool_calls": [called]}]})
    assert (found.shape, found.query) == ("tools", "How many?")
    assert parse(found.turns[-1].content).decision is Decision.MALFORMED


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_row_or_none(line):
    assert read_row(line) is None


KEYS = ["messages", "role", "content", "text", "prompt", "completion", "tools", "tool_calls", "function", "name"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, "arguments", "type"]) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_a_row_or_none(value):
    found = read_row(json.dumps(value).encode())
    assert found is None or all(isinstance(turn.content, str) for turn in found.turns)


def test_blank_lines_and_a_byte_order_mark_are_nothing(tmp_path):
    file = tmp_path / "train.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"text": "a"}\r\n\r\n  \n{"text": "a"}\n{"text": "b"}\n{"te')
    found = list(read_rows([file]))
    assert [r and r.line for r in found] == [b'{"text": "a"}', b'{"text": "a"}', b'{"text": "b"}', None]
    assert {r.split for r in found if r} == {"train"}


def test_a_line_separator_inside_a_string_ends_no_row(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "one\u2028two\x85three"}\n', "utf-8")
    assert [r.turns[0].content for r in read_rows([file])] == ["one\u2028two\x85three"]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.jsonl", "train"),
        ("valid.jsonl", "valid"),
        ("validation.jsonl", "valid"),
        ("test.jsonl", "test"),
        ("test_pairs.jsonl", "test"),
        ("train-00000-of-00002.jsonl", "train"),
        ("trainer.jsonl", None),
        ("my-test.jsonl", None),
        ("rows.jsonl", None),
        (".jsonl", None),
    ],
)
def test_the_name_of_a_file_says_its_split(name, split):
    assert split_of(Path(name)) == split


def test_a_folder_stands_for_its_files_and_no_file_counts_twice(tmp_path):
    for name in ("valid.jsonl", "train.jsonl", "notes.txt"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "deeper.jsonl").mkdir()
    (tmp_path / "._train.jsonl").write_bytes(b"\x00\x05\x16\x07")  # as macOS leaves it beside a copy
    files = find_files([tmp_path, tmp_path / "train.jsonl", tmp_path / "notes.txt"])
    assert [file.name for file in files] == ["train.jsonl", "valid.jsonl", "notes.txt"]


def test_of_an_export_what_training_reads_is_meant(tmp_path):
    (tmp_path / "mlx-sft").mkdir()
    for name in ("needs_correction.jsonl", "mlx-sft/train.jsonl"):
        (tmp_path / name).write_text("{}\n")
    assert find_files([tmp_path]) == [tmp_path / "mlx-sft" / "train.jsonl"]


def test_the_to_do_of_an_export_is_no_row(tmp_path):
    (tmp_path / "needs_correction.jsonl").write_text("{}\n")
    with pytest.raises(UsageError, match="is an export without mlx-sft rows"):
        find_files([tmp_path])
    (tmp_path / "train.jsonl").write_text("{}\n")
    assert find_files([tmp_path]) == [tmp_path / "train.jsonl"]


def test_a_link_stands_for_its_own_split_beside_that_of_its_file(tmp_path):
    (tmp_path / "train.jsonl").write_text('{"text": "a"}\n')
    for name in ("valid.jsonl", "all.jsonl", "train-2.jsonl"):
        (tmp_path / name).symlink_to("train.jsonl")
    files = find_files([tmp_path / "all.jsonl", tmp_path / "train.jsonl", tmp_path])
    assert [file.name for file in files] == ["train.jsonl", "valid.jsonl"]
    assert [found.split for found in read_rows(files)] == ["train", "valid"]


def test_what_is_not_there_is_an_error_that_names_it(tmp_path):
    with pytest.raises(UsageError, match=r"gone\.jsonl does not exist"):
        find_files([tmp_path / "gone.jsonl"])
    with pytest.raises(UsageError, match="the name of a file is empty"):
        find_files([""])
    with pytest.raises(UsageError, match=r"holds no \.jsonl file"):
        find_files([tmp_path])


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "train.jsonl").symlink_to("/proc/self/mem" if os.path.exists("/proc/self/mem") else tmp_path)
    with pytest.raises(UsageError, match=r"train\.jsonl cannot be read"):
        list(read_rows([tmp_path / "train.jsonl"]))


def test_every_string_of_a_row_is_seen():
    assert sorted(strings({"a": ["b", {"c": "d"}, 5, None]})) == ["a", "b", "c", "d"]
