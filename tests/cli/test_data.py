"""`codemode data audit` as scripts and people use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from codemode_tui import locations
from codemode_tui.cli import data_gaps
from codemode_tui.errors import UsageError
from codemode_tui.store.store import Store, wait

ROW = {"messages": [{"role": "user", "content": "How many?"}, {"role": "assistant", "content": "Two \x1b[31mfiles."}]}
CODE = "print(read_file('no<where>.txt'))"
CALL = f"<tool_call><function=execute_code>\n<parameter=code>\n{CODE}\n</parameter>\n</function></tool_call>"
FIELDS = {
    "files", "rows", "shape", "tool", "direct", "malformed", "unparseable_rows", "code_blocks", "unique_code_blocks",
    "skeletons", "syntax_errors", "calls", "patterns", "exact_duplicates", "duplicate_queries", "leakage",
    "contradictions", "secrets", "system_prompts", "tokens",
}  # fmt: skip


@pytest.fixture
def data(workspace):
    folder = workspace / "set"
    folder.mkdir()
    (folder / "train.jsonl").write_text((json.dumps(ROW) + "\n") * 2 + '{"torn')
    (folder / "valid.jsonl").write_text(json.dumps(ROW) + "\n")
    return folder


def test_one_document_with_every_field_of_the_contract(codemode, data):
    result = codemode("data", "audit", "set/train.jsonl", "set/valid.jsonl", "--json")
    assert (result.code, result.err) == (0, "")
    found = result.json
    assert set(found) >= FIELDS
    assert found["files"] == ["set/train.jsonl", "set/valid.jsonl"]
    assert (found["rows"], found["unparseable_rows"], found["exact_duplicates"]) == (3, 1, 2)
    assert found["leakage"] == {"exact": 1, "near": 1}
    assert set(found["tokens"]) == {"p50", "p95", "max"} and found["tokens"]["max"] > 0
    assert codemode("data", "audit", "set", "--json").json == found


def test_a_summary_for_people(codemode, data):
    result = codemode("data", "audit", "set")
    assert (result.code, result.err) == (0, "")
    lines = dict(line.split(None, 1) for line in result.out.partition("\n\n")[0].splitlines())
    assert lines["rows"] == "3 (chat 3), 1 not readable"
    assert lines["leakage"] == "1 held-out first questions stand in train, 1 of them verbatim"
    assert lines["tokens"].endswith("(bundled)")


def test_a_report_with_plots_and_as_a_page(codemode, data):
    row = {"messages": [{"role": "user", "content": "<script>alert(1)</script>"},
                        {"role": "assistant", "content": CALL}]}  # fmt: skip
    (data / "test.jsonl").write_text(json.dumps(row) + "\n")
    result = codemode("data", "audit", "set", "--html", "report.html")
    assert "█" in result.out and "\x1b" not in result.out
    codemode.env |= {"PYTHONIOENCODING": "ascii"}
    plain = codemode("data", "audit", "set").out
    assert "##" in plain and plain.isascii()
    page = (codemode.workspace / "report.html").read_text()
    assert page.startswith("<!doctype html>") and "no&lt;where&gt;.txt" in page
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")


def test_an_audit_is_not_lost_with_a_page_that_cannot_be_written(codemode, data):
    result = codemode("data", "audit", "set", "--html", "nowhere/report.html", "--json")
    assert result.code == 2 and "nowhere/report.html cannot be written" in result.error
    assert result.json["rows"] == 3


def test_a_page_spells_out_what_is_no_utf8(codemode, workspace):
    odd = workspace / "odd\udcff.jsonl"
    odd.write_text(json.dumps(ROW) + "\n")
    result = codemode("data", "audit", odd.name, "--html", "report.html")
    assert (result.code, result.err) == (0, "")
    assert "odd\\udcff.jsonl" in (workspace / "report.html").read_text("utf-8")


def test_an_empty_file(codemode, workspace):
    (workspace / "train.jsonl").write_text("\n\n")
    assert codemode("data", "audit", "train.jsonl", "--json").json["rows"] == 0
    assert codemode("data", "audit", "train.jsonl").out.startswith("files       train.jsonl\nrows        0\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("audit", "gone.jsonl"), "gone.jsonl does not exist"),
        (("audit", "."), "holds no .jsonl file"),
        (("audit", ""), "the name of a file is empty"),
        (("import", "", "--source", "mine"), "the name of a file is empty"),
        (("import", "notes.txt", "--source", "targeted"), "targeted is the set that `data generate` makes"),
        (("audit", "notes.txt", "--model", "nobody/nothing"), "no model 'nobody/nothing'"),
        (("audit",), "PATH"),
        (("invent",), "invent"),
        ((), "ACTION"),
    ],
)
def test_mistakes_are_one_line(codemode, args, said):
    result = codemode("data", *args)
    assert (result.code, result.out) == (2, "")
    assert said in result.error


def test_an_audit_in_a_folder_that_was_deleted_says_so(codemode, data, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    line = 'cd "$1" && rmdir "$1" && exec "$0" -P -m codemode_tui data audit "$2"'
    command = ["/bin/sh", "-c", line, sys.executable, str(gone), str(data)]
    done = subprocess.run(command, capture_output=True, env=codemode.env)
    said = b"codemode: the current folder is no longer there; cd into another one\n"
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.parametrize("command", [("data", "audit", "set"), ("sessions", "list")])
def test_a_workspace_has_no_part_in_what_is_imported_even_where_the_path_names_it(codemode, data, command):
    for name in ("argparse", "tokenizers", "numpy"):
        (codemode.workspace / f"{name}.py").write_text("open('/dev/stderr', 'w').write('ran')")
    path = f":.:{codemode.env.get('PYTHONPATH', '')}"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "codemode_tui", *command],
        capture_output=True, cwd=codemode.workspace, env={**codemode.env, "PYTHONPATH": path},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("folder", [os.path.dirname(os.__file__), os.path.dirname(os.path.dirname(pytest.__file__))])
def test_an_interpreter_s_own_folder_is_no_workspace(codemode, folder):
    path = f":/nowhere:{codemode.env.get('PYTHONPATH', '')}"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "codemode_tui", "sessions", "list"],
        capture_output=True, cwd=folder, env={**codemode.env, "PYTHONPATH": path},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_checkout_that_is_not_installed_counts_tokens_too(codemode, data):
    own, packages = locations.package_dir().parent, [one for one in sys.path if one.endswith("-packages")]
    done = subprocess.run(
        [getattr(sys, "_base_executable", sys.executable), "-m", "codemode_tui", "data", "audit", str(data), "--json"],
        capture_output=True, cwd=own, env={**codemode.env, "PYTHONPATH": os.pathsep.join(packages)},
    )  # fmt: skip
    assert done.returncode == 0 and json.loads(done.stdout)["tokens"]["max"] > 0, done.stderr


def test_help_has_an_example(codemode):
    result = codemode("data", "audit", "--help")
    assert result.code == 0 and "example: codemode data audit" in result.out


def test_an_evaluation_that_is_none_is_named(tmp_path):
    (file := tmp_path / "e.json").write_text('{"cases": 5}')
    with pytest.raises(UsageError, match=r"e\.json is no result of an evaluation"):
        data_gaps._read(file)


def test_a_row_to_train_with_that_was_held_out_before_is_told(codemode, data):
    (codemode.workspace / "train.jsonl").write_text((data / "valid.jsonl").read_text())
    held = ("data", "import", "set/valid.jsonl", "--source", "mine")
    assert codemode(*held).err == ""
    again = codemode("data", "import", "train.jsonl", "--source", "mine")
    assert again.code == 0 and "rows of train were imported as valid or test before" in again.error
    told = codemode("data", "import", "train.jsonl", "--source", "mine", "--json")
    assert told.json["held_out"] == told.json["known"] > 0 and "were imported as valid" in told.error


def test_gaps_writes_the_targets_and_prints_them(codemode, data):
    (codemode.workspace / "eval.json").write_text("\ufeff" + json.dumps({"cases": [
        {"id": "a", "query": "q", "passed": False, "code": "for x in y: print(read_file(x))", "followup": []},
    ]}))  # fmt: skip
    result = codemode("data", "gaps", "set", "--eval", "eval.json", "--json", "--out", "t.json")
    assert result.code == 0
    assert json.loads((codemode.workspace / "t.json").read_text()) == result.json
    first = result.json["targets"][0]
    assert first["have"] == 0 and first["failures"] == 1 and first["seed_turns"] == ["a"]
    assert codemode("data", "gaps").code == 0 and (codemode.workspace / "targets.json").exists()
    assert codemode("data", "import", "set", "--source", "all").code == 0
    kept = codemode("data", "gaps", "--json").json["sources"]["rows"]
    store = Store.open(codemode.home / "data/codemode.db")
    wait(store.external_event(1, "drop", {}))
    store.close()
    assert codemode("data", "gaps", "--json").json["sources"]["rows"] == kept - 1
    odd = codemode("data", "gaps", "--out", "\x1b[31mt.json")
    assert odd.code == 0 and "\x1b" not in odd.out and "31mt.json" in odd.out
    assert "no JSON" in codemode("data", "gaps", "--eval", "notes.txt").error
    assert "cannot be written" in codemode("data", "gaps", "--out", "nowhere/t.json").error
