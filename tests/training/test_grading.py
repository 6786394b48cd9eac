"""Every check of the contract, on turns that are given."""

from __future__ import annotations

import os

import pytest

from codemode_tui.chat.events import Step, TurnRecord
from codemode_tui.engine.api import Usage
from codemode_tui.sandbox.types import Outcome
from codemode_tui.training import grading
from codemode_tui.training.facts import pattern
from codemode_tui.training.grading import called, grade
from codemode_tui.training.suite import Expected


def turn(*runs, answer="", decision="tool"):
    """A finished turn whose steps ran these pairs of code and outcome."""
    steps = tuple(Step({"value": "tool"}, "", "", code, outcome) for code, outcome in runs)
    return TurnRecord("", "", "q", {"value": decision}, "", "", None, None, answer, 1, "stop", Usage(), steps, None)


def failed(record, folder, **checks):
    return [failure.check for failure in grade(Expected(query="q", **checks), record, folder)]


def printing(*texts):
    return turn(*(("", Outcome("ok", 0, stdout=text)) for text in texts))


def test_the_decision_is_that_of_the_first_message(tmp_path):
    assert failed(turn(decision="tool"), tmp_path, decision="tool") == []
    assert failed(turn(decision="malformed"), tmp_path, decision="tool") == ["decision"]
    assert failed(turn(decision="direct"), tmp_path, decision="tool") == ["decision"]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("print(read_file('a'))", {"print", "read_file"}),
        ("# read_file('a')\nx = 'read_file(1)'", set()),
        ("f = read_file", set()),
        ("import json\njson.loads('1')", {"json.loads", "loads"}),
        ("from json import loads\nloads('1')", {"json.loads", "loads"}),
        ("from json import loads as read\nread('1')", {"json.loads", "read"}),
        ("import os.path as p\nlist(map(p.join, a, b))", {"list", "map", "p.join", "os.path.join", "join"}),
        ("len(read_file('a').splitlines())", {"len", "read_file", "splitlines"}),
        ("pathlib.Path('a').read_text()", {"pathlib.Path", "Path", "read_text"}),
        ("list(map(read_file, paths))", {"list", "map", "read_file"}),
        ("max(paths, key=file_info)", {"max", "file_info"}),
        ("async def f():\n    await read_file('a')", {"read_file"}),
        ("read_file(", set()),
        ("x\0", set()),
    ],
)
def test_calls_are_found_by_the_syntax_tree(code, names):
    assert called([code]) == names


def test_calls_count_over_all_code_that_ran(tmp_path):
    ran, denied = Outcome("ok", 0), Outcome("denied")
    record = turn(("glob_files('*')", ran), ("read_file('a')", Outcome("error", 1)), ("write_file('a', '')", denied))
    assert failed(record, tmp_path, calls=("glob_files", "read_file")) == []
    assert failed(record, tmp_path, calls=("open|read_file",)) == []
    assert failed(record, tmp_path, calls=("open | read_file ",)) == []
    assert failed(record, tmp_path, calls=("write_file",)) == ["calls"]
    assert failed(turn(), tmp_path, calls=("read_file",)) == ["calls"]


def test_the_regex_searches_all_runs_joined(tmp_path):
    assert failed(printing("one\n", "two"), tmp_path, stdout_regex=r"(?s)one.*two$") == []
    assert failed(printing("1", "2"), tmp_path, stdout_regex="12") == ["stdout_regex"]  # runs do not glue together
    assert failed(printing("13\n"), tmp_path, stdout_regex=r"\b3\b") == ["stdout_regex"]
    assert failed(turn(), tmp_path, stdout_regex="x") == ["stdout_regex"]


async def test_an_expression_that_would_backtrack_for_ever_is_a_failed_check(tmp_path, monkeypatch):
    """Inside an event loop, as an evaluation is: it hears of ctrl+c only once the search is over."""
    monkeypatch.setattr(grading, "SEARCH_SECONDS", 0.1)
    (failure,) = grade(Expected(query="q", stdout_regex=r"^(\w+\s?)*$"), printing("a" * 40 + "!"), tmp_path)
    assert failure.check == "stdout_regex" and failure.why.startswith("the expression took too long over 'aaa")


def test_what_was_printed_before_an_error_counts(tmp_path):
    record = turn(("", Outcome("error", 1, stdout="partial\n")), ("", Outcome("ok", 0, stdout="whole\n")))
    assert failed(record, tmp_path, stdout_regex="(?s)partial.whole") == []


def test_the_answer_is_compared_in_any_letter_case(tmp_path):
    record = turn(answer="There are THREE lines in Straße.txt.")
    assert failed(record, tmp_path, answer_contains=("three", "STRASSE")) == []
    assert failed(record, tmp_path, answer_contains=("three", "four")) == ["answer_contains"]
    assert failed(turn(answer=None), tmp_path, answer_contains=("x",)) == ["answer_contains"]


def test_an_expression_is_searched_in_the_answer(tmp_path):
    assert failed(turn(answer="There are 4 lines."), tmp_path, answer_regex=r"\b4\b") == []
    assert failed(turn(answer="There are 14 lines."), tmp_path, answer_regex=r"\b4\b") == ["answer_regex"]
    assert failed(turn(answer=None), tmp_path, answer_regex="x") == ["answer_regex"]


@pytest.mark.parametrize(
    ("found", "wanted", "good"),
    [
        ("a\nb", "a\nb\n", True),
        ("a\nb\n", "a\nb", True),
        ("a\n\n", "a\n", True),
        ("a\n\n", "a", False),
        ("a\r\n", "a\n", False),
        ("", "\n", True),
        ("a ", "a", False),
    ],
)
def test_one_final_newline_more_or_less_is_ignored(tmp_path, found, wanted, good):
    (tmp_path / "f").write_bytes(found.encode())
    assert failed(turn(), tmp_path, files_after={"f": wanted}) == ([] if good else ["files_after"])


def test_named_files_must_be_there_and_others_may_be(tmp_path):
    (tmp_path / "other").write_text("x")
    assert failed(turn(), tmp_path, files_after={"missing": ""}) == ["files_after"]
    assert failed(turn(), tmp_path, files_after={"other": "x"}) == []
    assert failed(turn(), tmp_path, files_gone=("missing",)) == []
    assert failed(turn(), tmp_path, files_gone=("other",)) == ["files_gone"]
    (tmp_path / "link").symlink_to("missing")
    assert failed(turn(), tmp_path, files_gone=("link",)) == ["files_gone"]


def test_a_link_out_of_the_folder_is_no_file(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "outside").write_text("x")
    (folder / "f").symlink_to(tmp_path / "outside")
    assert failed(turn(), folder, files_after={"f": "x"}) == ["files_after"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_what_the_turn_has_closed_is_a_failed_check(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("x")
    folder.chmod(0)
    checks = Expected(query="q", files_after={"notes/a.txt": "x"}, files_gone=("notes/a.txt",))
    try:
        found = {failure.check: failure.why for failure in grade(checks, turn(), tmp_path)}
    finally:
        folder.chmod(0o700)
    assert found["files_gone"] == "notes/a.txt is still there"
    assert found["files_after"].startswith("notes/a.txt ") and "x" not in found["files_after"].removeprefix(
        "notes/a.txt"
    )


def test_a_path_through_what_is_a_file_by_now_is_gone(tmp_path):
    (tmp_path / "notes").write_text("")
    assert failed(turn(), tmp_path, files_gone=("notes/a.txt",)) == []
    assert failed(turn(), tmp_path, files_after={"notes/a.txt": ""}) == ["files_after"]


def test_a_failure_says_what_was_there_instead(tmp_path):
    (failure,) = grade(Expected(query="q", stdout_regex="three"), printing("four\n"), tmp_path)
    assert failure.why == "nothing matches three in 'four\\n'"
    (failure,) = grade(Expected(query="q", stdout_regex=pattern("a.py\n")), printing("a.py b.py\n"), tmp_path)
    assert failure.why == "not a.py alone in 'a.py b.py\\n'"
