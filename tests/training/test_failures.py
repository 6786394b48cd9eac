"""Failed cases by what went wrong first."""

from __future__ import annotations

import pytest

from codemode_tui.chat.events import Step, TurnRecord
from codemode_tui.engine.api import Usage
from codemode_tui.sandbox.types import ExceptionInfo, Outcome
from codemode_tui.training.failures import clusters, failure
from codemode_tui.training.grading import Failure
from codemode_tui.training.playing import CaseResult
from codemode_tui.training.suite import Case, Expected

OK = Outcome("ok", 0, stdout="4\n")
BAD = Outcome("error", 1, exception=ExceptionInfo("KeyError", "x", 1, ""))


def played(*checks, code="print(read_file('report-4711.md'))", run=OK, decision="tool", crash="", last="direct"):
    steps = [Step({"value": decision}, "", "", code, run)]
    steps += [Step({"value": last}, "", "done", None, None)] if last else []
    record = TurnRecord(
        "", "", "q", {"value": decision}, "", "", code, run, "a", 1, "stop", Usage(), tuple(steps), None
    )
    case = Case(id="c", query="Read report-4711.md", files={"report-4711.md": "x"}, decision="tool", stdout_regex="5",
                calls=("read_file",), answer_contains=("5",), answer_regex="5", files_after={"a": "b"})  # fmt: skip
    return CaseResult(case, (record,), tuple(Failure(check, "why") for check in checks), crash)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (played("decision", crash="engine: died"), ("crash", "engine")),
        (
            played("decision", "stdout_regex", decision="direct", code=None, run=None, last=""),
            ("decision", "tool → direct"),
        ),
        (played("decision", decision="malformed", run=None, last=""), ("format", "malformed")),
        (played("answer_contains", last="announced"), ("format", "announced")),
        (played("answer_regex"), ("wrong_answer", "")),
        (
            played("stdout_regex", code="print(read_file('report-471.md'))"),
            ("miscopied", "report-4711.md → report-471.md"),
        ),
        (played("stdout_regex", code="print(1)", run=BAD), ("code_error", "KeyError")),
        (played("files_after", "stdout_regex"), ("wrong_file", "")),
        (played("stdout_regex", "answer_contains"), ("wrong_output", "")),
        (played("calls"), ("wrong_call", "")),
        (played("answer_contains"), ("wrong_answer", "")),
    ],
)  # fmt: skip
def test_the_first_kind_that_fits(result, expected):
    assert failure(result) == expected


def test_clusters_count_and_name_their_cases():
    results = [played("stdout_regex"), played("stdout_regex", run=BAD), played("calls", run=BAD), played()]
    assert [(one.kind, one.count, one.detail) for one in clusters(results)] == [
        ("code_error", 2, {"KeyError": 2}), ("wrong_output", 1, {}),
    ]  # fmt: skip


def test_a_later_turn_may_be_the_one_that_failed():
    first = played()
    case = Case(id="c", query="q", decision="tool", followup=(Expected(query="r", decision="direct"),))
    result = CaseResult(case, (first.records[0], first.records[0]), (Failure("followup[0].decision", "w"),))
    assert failure(result) == ("decision", "direct → tool")
