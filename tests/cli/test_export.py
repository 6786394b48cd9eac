"""`codemode export` and `codemode data import` as scripts and people use them, on a store of scripted turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest
from feedback.scripted import play
from support.fakes import call

TOKEN = "ghp_" + "a1B2" * 9
ROW = {
    "messages": [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "Which planet is the largest of them all?"},
        {"role": "assistant", "content": "Jupiter."},
    ]
}


@pytest.fixture
def store(codemode, workspace):
    """One turn that is right and one that is corrected; returns their ids."""
    good, bad = play(
        codemode.home, workspace,
        ("How many lines are in this file of ours?", call("print(3)"), "There are 3 lines."),
        (f"What is {TOKEN}?", "I do not know \x1b[31m."),
    )  # fmt: skip
    (workspace / "answer").write_text("It is a token.")
    assert codemode("feedback", "add", "--turn", good, "--rating", "up").code == 0
    added = codemode("feedback", "add", "--turn", bad, "--rating", "down", "--answer", "answer")
    assert (added.code, added.err) == (0, "")
    return good, bad


def tree(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_an_empty_store_is_an_honest_export(codemode, workspace):
    result = codemode("export", "--out", "out", "--json")
    assert (result.code, result.err) == (0, "")
    assert set(tree(workspace / "out")) == {"manifest.json", "README.md"}
    assert result.json == json.loads((workspace / "out/manifest.json").read_text())
    assert (result.json["files"], result.json["leak"], result.json["quarantine"]) == ({}, 0, {})
    assert codemode("config", "set", "export.max_seq_length", "1000").code == 0
    assert codemode("export", "--dry-run", "--json").json["max_seq_length"] == 1000


@pytest.mark.slow
def test_feedback_becomes_files_twice_the_same(codemode, workspace, store):
    before = tree(codemode.home / "data")
    first = codemode("export", "--out", "out", "--json")
    assert (first.code, first.err) == (0, "")
    once = tree(workspace / "out")
    assert TOKEN not in str(once) and str(workspace) not in str(once)
    assert first.json["redaction"] == {"GitHub token": 1} and first.json["leak"] == 0
    assert sum(first.json["rows"].values()) == 3 and first.json["tokenizer"]["model"] == "bundled"
    for one in first.json["files"].values():
        assert one["rows"] and one["tokens"] and len(one["sha256"]) == 64
    assert codemode("export", "--out", "out", "--json").json == first.json  # in the same place, replaced
    (workspace / "below").mkdir()
    assert codemode("export", "--out", str(workspace / "below/other")).code == 0
    assert tree(workspace / "out") == once == tree(workspace / "below/other")
    assert before.keys() == tree(codemode.home / "data").keys()
    assert sorted(os.listdir(workspace / "below")) == ["other"]


@pytest.mark.slow
def test_a_dry_run_shows_what_would_be_redacted_and_left_out(codemode, workspace, store):
    assert codemode("feedback", "add", "--turn", store[0], "--rating", "down", "--comment", "no").code == 0
    people = codemode("export", "--dry-run", "--max-seq-length", "45")
    assert people.code == 0 and "\x1b" not in people.out and TOKEN not in people.out
    assert f"redact  {store[1]} step 0 prompt: GitHub token: ghp_a1B2a1B2… -> <SECRET:github-token:1>" in people.out
    assert f"leave   {store[0]} step 0 rejected: over_long: " in people.out
    assert people.out.splitlines()[-1].split(None, 2) == ["dry", "run", "nothing was written"]
    scripts = codemode("export", "--dry-run", "--json").json
    assert scripts["redactions"][0]["rule"] == "GitHub token" and TOKEN not in str(scripts)
    assert not [name for name in os.listdir(workspace) if "export" in name or name == "out"]


@pytest.mark.slow
def test_an_imported_set_is_exported_by_name(codemode, workspace):
    (workspace / "set").mkdir()
    (workspace / "set/train.jsonl").write_text(json.dumps(ROW) + "\n\n{torn\n")
    imported = codemode("data", "import", "set", "--source", "mine", "--json")
    assert (imported.code, imported.err) == (0, "")
    assert imported.json == {"source": "mine", "files": ["set/train.jsonl"], "added": 1, "known": 0, "held_out": 0,
                             "unreadable": 1}  # fmt: skip
    again = codemode("data", "import", "set/train.jsonl", "--source", "mine")
    assert again.out == "0 rows imported as mine, 1 were there already\n" and "1 lines are no rows" in again.error
    found = codemode("export", "--out", "out", "--include-source", "mine", "--formats", "mlx-sft", "--json").json
    assert (found["rows"], found["sources"], list(found["files"])) == (
        {"train": 1},
        {"mine": 1},
        ["mlx-sft/train.jsonl"],
    )
    assert codemode("export", "--dry-run", "--json").json["files"] == {}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "no folder to write into"),
        (("--out", "notes.txt"), "notes.txt is no folder"),
        (("--out", "."), "exists and is no earlier export"),
        (("--out", "missing/out"), "missing is no folder"),
        (("--out", "out", "--formats", "csv"), "no format 'csv'; choose of mlx-sft"),
        (("--out", "out", "--formats", ""), "no format"),
        (("--out", "out", "--model", "nobody/nothing"), "no model 'nobody/nothing'"),
        (("--out", "out", "--profile", "nobody"), "no profile 'nobody'"),
        (("--out", "out", "--max-seq-length", "0"), "must be from 2"),
        (("--out", "out", "--include-source", "nothing"), "no imported set nothing"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(codemode, workspace, args, said):
    before = tree(workspace)
    result = codemode("export", *args)
    assert (result.code, result.out) == (2, "") and said in result.error
    assert tree(workspace) == before


@pytest.mark.parametrize("name", ["", " ", "feedback", "a\nb"])
def test_a_set_needs_a_name(codemode, workspace, name):
    (workspace / "train.jsonl").write_text(json.dumps(ROW))
    assert "no name for a set" in codemode("data", "import", "train.jsonl", "--source", name).error


def test_a_folder_that_cannot_be_written(codemode, workspace):
    (workspace / "closed").mkdir(mode=0o500)
    if os.access(workspace / "closed", os.W_OK):
        pytest.skip("this user may write everywhere")
    assert "permission denied" in codemode("export", "--out", "closed/out").error


def test_being_terminated_leaves_nothing(codemode, workspace, store):
    process = subprocess.Popen(
        [sys.executable, "-m", "codemode_tui", "export", "--out", "out"], cwd=workspace, env=codemode.env
    )
    deadline = time.monotonic() + 60
    while not list(workspace.glob(".codemode-export-*/scratch/measure.jsonl")) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.05)
    process.terminate()
    assert process.wait(60) == 130
    assert not [name for name in os.listdir(workspace) if "export" in name or name == "out"]


def test_help_has_an_example(codemode):
    for command in ("export", "data import"):
        result = codemode(*command.split(), "--help")
        assert result.code == 0 and f"example: codemode {command} " in result.out
