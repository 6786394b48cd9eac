"""`codemode eval` with the real bundled model, as scripts use it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

SUITE = r"""
name = "small"
[[case]]
id = "lines"
group = "single"
query = "How many lines are in notes.txt?"
decision = "tool"
files = {"notes.txt" = "a\nb\nc\nd\ne\n"}
calls = ["read_file|file_info|run_command"]
stdout_regex = '\b5\b'
[[case.followup]]
query = "How many lines are in more.txt?"
files = {"more.txt" = "a\nb\n"}
decision = "tool"
stdout_regex = '\b2\b'
[[case]]
id = "impossible"
group = "discrimination"
query = "What is a decorator?"
decision = "direct"
answer_contains = ["no answer has these words"]
"""


def test_a_suite_is_played_and_graded(codemode, workspace):
    (workspace / "small.toml").write_text(SUITE)
    result = codemode("eval", "small.toml", "--model", "bundled", "--json")
    assert (result.code, result.err) == (0, "")
    found = result.json
    assert (found["suite"], found["total"], found["passed"]) == ("small", 2, 1)
    assert found["groups"] == {"single": {"total": 1, "passed": 1}, "discrimination": {"total": 1, "passed": 0}}
    assert found["confusion"] == {"tool": {"tool": 1, "direct": 0}, "direct": {"tool": 0, "direct": 1}}
    lines, impossible = found["cases"]
    assert lines["passed"] and lines["run"]["status"] == "ok" and lines["run"]["stdout"] == "5\n"
    assert lines["followup"][0]["run"]["stdout"] == "2\n"
    assert impossible["failed_checks"] == ["answer_contains"]
    assert found["model"]["quantization"]["bits"] == 5 and found["model"]["name"] == "bundled"
    assert not (codemode.home / "data").exists()  # nothing of it is stored


def test_two_models_are_compared_for_people(codemode, workspace):
    (workspace / "small.toml").write_text(SUITE)
    options = ("--group", "discrimination", "--baseline", "bundled", "--html", "nowhere/page.html")
    result = codemode("eval", "small.toml", *options)
    assert result.code == 2 and "nowhere/page.html cannot be written" in result.error  # and yet nothing is lost:
    assert "still failing" in result.out and "impossible" in result.out
    assert "no answer has these words" in result.out


def test_what_is_wrong_is_one_line_before_any_model_is_loaded(codemode, workspace):
    (workspace / "bad.toml").write_text('[[case]]\nid = "a"\nquestion = "q"\n')
    for arguments, part in (
        (["nowhere.toml"], "no suite at nowhere.toml"),
        (["bad.toml"], "case 'a': question: no such key"),
        (["--case", "no-such"], "no case 'no-such'; its cases are "),
        (["--baseline", "no-such-model"], "no model 'no-such-model'"),
    ):
        result = codemode("eval", *arguments)
        assert result.code == 2 and part in result.error


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupt_leaves_nothing_behind(codemode, workspace, tmp_path, number):
    folders = tmp_path / "tmp"
    folders.mkdir()
    (workspace / "small.toml").write_text(SUITE)
    process = subprocess.Popen(
        [sys.executable, "-m", "codemode_tui", "eval", "small.toml"],
        cwd=workspace,
        env={**codemode.env, "TMPDIR": str(folders)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not list(folders.glob("codemode-eval-*")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert [one.name for one in folders.iterdir() if one.name != "mlx"] == []  # mlx keeps compiled kernels there
