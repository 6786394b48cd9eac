"""The whole audit: every number of the report means what its name says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codemode_tui.cli.audit_report import summary
from codemode_tui.corpus.lengths import percentile
from codemode_tui.corpus.rows import find_files, read_row, read_rows
from codemode_tui.corpus.secrets import kinds
from codemode_tui.corpus.tokenizing import counter
from codemode_tui.engine.models import ModelRef, find_model
from codemode_tui.errors import ModelError, UsageError
from codemode_tui.training.audit.audit import Tally, audit

PHASE22 = Path(
    os.environ.get("CODEMODE_PHASE22") or Path(__file__).resolve().parents[3] / "shared" / "data" / "phase22"
)


def call(code: str) -> str:
    return f"<tool_call>\n<function=execute_code>\n<parameter=code>\n{code}\n</parameter>\n</function>\n</tool_call>"


def chat(query: str, *replies: str, system: str | None = None) -> dict[str, object]:
    head = [{"role": "system", "content": system}] if system is not None else []
    return {
        "messages": [
            *head,
            {"role": "user", "content": query},
            *({"role": "assistant", "content": reply} for reply in replies),
        ]
    }


FENCE = '```json\n{"name": "read_file", "arguments": {"path": "a.txt"}}\n```'


@pytest.fixture
def count(tmp_path):
    """Counts rows given by split: ``count(train=[…], valid=[…])``; lengths are left out."""

    def run(**splits):
        files = []
        for split, rows in splits.items():
            file = tmp_path / f"{split}.jsonl"
            file.write_text("".join(r if isinstance(r, str) else json.dumps(r) + "\n" for r in rows), "utf-8")
            files.append(file)
        tally = Tally()
        for row in read_rows(files):
            tally.add(row)
        return tally.result(files, "none", [])

    return run


def test_an_empty_set_is_all_zeros(count):
    found = count(train=[])
    assert (found.rows, found.shape, found.tokens.max, found.leakage.near) == (0, None, 0, 0)
    assert set(found.patterns.values()) == {0}


def test_a_split_that_is_a_link_to_another_one_is_all_leakage(tmp_path):
    (tmp_path / "train.jsonl").write_text(json.dumps(chat("How many files?", "Two.")) + "\n")
    (tmp_path / "valid.jsonl").symlink_to("train.jsonl")
    files, tally = find_files([tmp_path]), Tally()
    for row in read_rows(files):
        tally.add(row)
    found = tally.result(files, "none", [])
    assert (found.rows, found.leakage.exact, found.leakage.near) == (2, 1, 1)


def test_decisions_of_rows(count):
    found = count(
        rows=[
            chat("a", call("print(1)"), "One."),
            chat("b", "A decorator wraps a function."),
            chat("c", FENCE, "It says hello."),
            chat("d", FENCE, call("print(2)")),
            chat("e", "Let me read the file."),
            chat("f", call("print(3)")[:60]),
        ]
    )
    # A row with both counts as both; announced and cut off calls are neither.
    assert (found.rows, found.tool, found.malformed, found.direct) == (6, 2, 2, 3)
    assert found.code_blocks == 4
    assert found.calls == {"read_file": 2}


def test_blocks_of_code(count):
    rows = [chat("a", call("x = 1")), chat("b", call("y = 2")), chat("c", call("y = 2")), chat("d", call("y = = 2"))]
    found = count(rows=rows)
    assert (found.code_blocks, found.unique_code_blocks, found.skeletons, found.syntax_errors) == (4, 3, 1, 1)


def test_patterns_are_counted_as_often_as_their_block_occurs(count):
    code = 'for f in glob_files("*"):\n    print(read_file(f))'
    found = count(rows=[chat("a", call(code)), chat("b", call(code)), chat("c", call("for = 1"))])
    assert found.patterns["for"] == found.patterns["multi_file"] == found.patterns["multi_tool"] == 2
    assert found.calls == {"glob_files": 2, "read_file": 2}
    assert found.patterns["while"] == 0


def test_rows_are_distinct_by_their_bytes(count):
    row = json.dumps(chat("a", "b"))
    found = count(train=[row + "\n", row + "\r\n", row.replace(": ", ":") + "\n", row])
    assert (found.rows, found.exact_duplicates, found.duplicate_queries) == (4, 2, 3)


def test_lines_that_are_no_rows_are_counted_and_nothing_else(count):
    found = count(train=[chat("a", "b"), '{"messages": [\n', "\n", "[]\n", '{"prompt": "x"}\n'])
    assert (found.rows, found.unparseable_rows, found.direct) == (1, 3, 1)


def test_mixed_shapes_are_told(count):
    found = count(rows=[{"text": "a"}, {"text": "b"}, chat("a", "b")])
    assert (found.shape, found.shapes) == ("text", {"text": 2, "chat": 1})


def test_leakage_is_of_held_out_rows_into_train(count):
    train = [chat("How many lines are in notes.txt?", "x"), chat("List all files", "x")]
    valid = [
        chat("How many lines are in notes.txt?", "y"),
        chat("How many lines are in notes.txt?!", "y"),
        chat("How many lines are in notes.txt?!", "z"),
        chat("What is a decorator?", "y"),
    ]
    found = count(train=train, valid=valid, test=[chat("List all files", "x"), {"text": "no question"}])
    assert (found.leakage.exact, found.leakage.near) == (2, 4)
    assert found.splits == {"train": 2, "valid": 4, "test": 2}


def test_an_empty_split_is_told_for_a_trainer_stops_at_it(count):
    found = count(train=[chat("a", "b")], valid=[])
    assert found.splits == {"train": 1, "valid": 0}
    assert dict(summary(found))["splits"].startswith("train 1, valid 0; mlx_lm stops at an empty file")


def test_without_split_files_nothing_leaks(count):
    same = [chat("a question", "x")]
    found = count(train=same, rows=same)
    assert (found.leakage.exact, found.leakage.near, found.duplicate_queries) == (0, 0, 1)


def test_contradictions_are_questions_answered_both_ways(count):
    found = count(
        rows=[
            chat("What is 2 + 2?", "Four."),
            chat("What is 2 + 2?", call("print(2 + 2)")),
            chat("What is 2 + 2?", "4"),
            chat("List all files", call("print(list_directory())"), "Two files."),
            chat("List all files", FENCE),
        ]
    )
    assert found.contradictions == 1


def test_only_the_first_answer_can_contradict(count):
    longer = chat("What is a list?", "A sequence.")
    longer["messages"] += [
        {"role": "user", "content": "List files"},
        {"role": "assistant", "content": call("print(1)")},
    ]
    found = count(rows=[chat("What is a list?", "A sequence of values."), longer])
    assert (found.contradictions, found.tool) == (0, 1)


def test_system_prompts_are_counted_once_each(count):
    found = count(
        rows=[chat("a", "b", system="S"), chat("c", "d", system="S"), chat("e", "f", system="T"), chat("g", "h")]
    )
    assert found.system_prompts == 2


TOKEN = "ghp_" + "a1B2" * 9


def test_secrets_are_found_wherever_they_stand(count):
    found = count(
        rows=[
            chat("a", call(f'run_command("curl -H {TOKEN}")\nprint("{TOKEN}")')),
            {**chat("b", "c"), "meta": json.dumps({"header": f"\n{TOKEN}"})},
            chat("d", "AKIAIOSFODNN7EXAMPLE"),
            chat("e", "nothing here"),
        ]
    )
    assert (found.secrets, found.secret_kinds) == (3, {"GitHub token": 2, "AWS access key": 1})


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----",
        "github_pat_" + "11ABCDEFG0" * 5,
        "glpat-" + "abcDEF123-" * 2,
        "sk-proj-" + "abc123XYZ_" * 4,
        "sk-ant-api03-" + "abc123XYZ_" * 4,
        "hf_" + "AbCdEfGhIj" * 4,
        "AIza" + "SyA1234567" * 3 + "abcde",
        "xoxb-1234567890-abcdef",
        "sk_live_" + "a1b2c3d4e5" * 3,
        "npm_" + "abcd1234ef" * 3 + "abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.abcdefghij_klmno",
        "postgres://admin:hunter2@db.corp.net/app",
        "Authorization: Basic dXNlcjpwYXNzd29yZA==",
        "authorization: bearer abcdef0123456789",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "xapp-1-A0123456789-1234567890123-abcdef0123456789",
        "ya29.a0AfH6SMBx-abcdefghij_klmnop",
        "ya29.c.c0ASRK0GabcdefghijklmnopQ",
        "shpat_" + "0123456789abcdef" * 2,
        "hvs.CAESIJ" + "a1B2c3D4e5" * 3,
        "dapi" + "0123456789abcdef" * 2,
        "AGE-SECRET-KEY-1" + "QPZRY9X8GF" * 5 + "2TVDW0S3",
        "AccountKey=" + "aB1/" * 21 + "aB==",
        "X-API-Key: 0123456789abcdef0123456789abcdef",
    ],
)
def test_shapes_of_credentials(text):
    assert kinds(f"export TOKEN={text}")
    assert kinds(f'"{text}"')
    assert kinds(json.dumps(f"first line\n{text}"))


@pytest.mark.parametrize(
    "text",
    [
        "SECRET_KEY = 'dev-key-12345'",
        "password = 'secret'",
        "pip install sk-learn-contrib-extra-tools",
        "postgresql://postgres:postgres@localhost/db",
        "https://user:password@example.com",
        "https://example.com/a:b@c",
        "git@github.com:owner/name.git",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "read_file('.env')",
        "Authorization: Basic authentication",
        "Authorization: Bearer your-token-goes-here",
    ],
)
def test_what_only_looks_like_a_secret(text):
    assert kinds(text) == []


@pytest.mark.parametrize(
    ("percent", "values", "expected"), [(50, [1, 2, 3, 4], 2), (95, range(1, 101), 95), (50, [7], 7), (95, [], 0)]
)
def test_percentiles(percent, values, expected):
    assert percentile(list(values), percent) == expected


def test_lengths_are_those_of_the_trainer():
    """A text as it stands and its end, a chat through the model's own template."""
    from tokenizers import Tokenizer

    model = find_model("bundled")
    tokenizer = Tokenizer.from_file(str(model.path / "tokenizer.json"))
    length = counter(model.path)

    def ids(text):
        return tokenizer.encode(text, add_special_tokens=False).ids

    def rows(*tables):
        return [length(read_row(json.dumps(table).encode())) for table in tables]

    rendered = "<|im_start|>user\nhow many?<|im_end|>\n<|im_start|>assistant\nTwo.<|im_end|>\n"
    assert rows({"text": "how many files?"}) == [len(ids("how many files?")) + 1]
    assert rows(chat("how many?", "Two."), {"prompt": "how many?", "completion": "Two."}) == [len(ids(rendered))] * 2
    assert rows(chat("word " * 100_000, "x"))[0] >= 100_000
    # What the trainer would stumble over is counted all the same.
    odd = rows({"text": ""}, {"messages": []}, {"text": "a\ud800b"}, {"prompt": [], "completion": "x"})
    assert all(number >= 0 for number in odd)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "rows.jsonl")
    with pytest.raises(UsageError, match="is a pipe"):
        audit([tmp_path / "rows.jsonl"], find_model("bundled"))


def test_a_model_without_a_tokenizer_is_an_error_that_says_so(tmp_path):
    file = tmp_path / "train.jsonl"
    file.write_text('{"text": "one row to count"}\n')
    with pytest.raises(ModelError, match=r"has no tokenizer\.json"):
        audit([file], ModelRef("empty", tmp_path, "bundled"))
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="the tokenizer of broken cannot count"):
        audit([file], ModelRef("broken", tmp_path, "bundled"))


def test_the_audit_imports_no_tokenizer():
    heavy = ("mlx", "mlx_lm", "transformers", "tokenizers", "torch", "textual")
    program = f"import sys, codemode_tui.training.audit.audit\nprint([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(
    not any(PHASE22.glob("*.jsonl")), reason="the phase22 rows are not here (name their folder in CODEMODE_PHASE22)"
)
def test_the_fine_tunes_own_rows():
    """What was measured on these rows by other means: few workflows, many duplicates, a leaky split."""
    found = audit([PHASE22 / "train.jsonl", PHASE22 / "valid.jsonl"], find_model("bundled"))
    assert (found.rows, found.shape, found.unparseable_rows) == (635, "text", 0)
    assert (found.tool, found.malformed, found.direct) == (390 + 46, 7, 192)  # malformed: calls left as JSON
    assert found.code_blocks == 439 + 7 and found.syntax_errors == 0
    assert set(found.calls) == {"run_command", "read_file", "write_file"}
    patterns = {name: number for name, number in found.patterns.items() if number}
    assert patterns == {
        "for": 8, "if": 4, "try": 2, "bare_except": 2, "comprehension": 7, "multi_tool": 6, "multi_file": 4,
        "aggregation": 4,
    }  # fmt: skip
    assert found.leakage.exact == 28 and 28 <= found.leakage.near <= 44
    assert (found.exact_duplicates, found.duplicate_queries) == (78, 193)
    assert (found.contradictions, found.secrets, found.system_prompts) == (0, 0, 2)
    assert 0 < found.tokens.p50 < found.tokens.p95 < found.tokens.max


@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
def test_a_text_counts_however_its_headers_end(count, end):
    row = {"text": f"<|im_start|>user{end}Read it<|im_end|>{end}<|im_start|>assistant{end}{call('read_file(1)')}"}
    found = count(train=[row], valid=[row])
    assert (found.calls, found.leakage.exact) == ({"read_file": 2}, 1)


def test_system_prompts_that_differ_are_told_where(count):
    rows = [chat("a", "x", system="You help with Python."), chat("b", "x", system="You help with Python."),
            chat("c", "x", system="You help with C."), chat("d", "x")]  # fmt: skip
    drift = count(train=rows).prompt_drift
    assert (drift.distinct, drift.without, [one.rows for one in drift.prompts]) == (2, 1, [2, 1])
    assert [one.differs for one in drift.prompts] == ["", "at character 15: 'Python.' became 'C.'"]


def test_functions_that_nobody_told_of(count):
    told = chat("a", call("print(typecheck('src'))\nprint(mystery(1))"), system="Call mystery(n) if you like.")
    tools = {**chat("b", call("lookup('x')")), "tools": [{"type": "function", "function": {"name": "lookup"}}]}
    rows = [told, tools, chat("c", call("def own(): pass\nown()\nwhat(2)\nprint(len('x'))\ngit_log('.')")),
            chat("d", FENCE)]  # fmt: skip
    assert count(train=rows).unknown_calls.names == {"what": 1}
    assert count(train=rows).unknown_calls.rows == 1
    alone = count(train=rows[2:3])
    assert [type(found.rows) for found in (alone.unknown_calls, alone.invented_paths)] == [int, int]  # in JSON, too


def test_calls_are_of_tools_that_there_are_or_that_the_row_tells_of(count):
    rows = [chat("a", call(code := "foo(1)\nfor x in y:\n    bar(x)")), chat("b", call(code), system="foo(x), bar(x)")]
    alone, both = count(train=rows[:1]), count(train=rows)
    assert (alone.calls, both.calls) == ({}, {"foo": 1, "bar": 1})
    several = [[found.patterns[name] for name in ("multi_tool", "multi_file", "for")] for found in (alone, both)]
    assert several == [[0, 0, 1], [1, 1, 2]]


def test_paths_that_nothing_mentions(count):
    found = count(
        train=[
            chat("Show me a.txt", call("print(read_file('src/a.txt'))")),  # named, though not where
            chat("Show me the parser", call("print(read_file('src/parser.py'))"), "It is in src/parser.py."),
            chat("Save it", call("write_file('new.txt', 'x')\nprint(read_file('new.txt'))")),
            chat("Read on", call("p = 'x.txt'\nprint(read_file(p))")),
        ]
    ).invented_paths
    assert (found.literal, found.invented, found.rows, found.examples) == (2, 1, 1, ["src/parser.py"])


def test_lengths_fall_into_bins():
    tally = Tally()
    tally.add(read_row(b'{"text": "x"}'))
    found = tally.result([], "none", [0, 64, 65, 3000]).lengths
    assert (found.over, found.bins[0], found.bins[1], found.bins[-1]) == (1, (64, 2), (128, 1), (4096, 1))
