"""Totals, confusion and comparison, in the form of the contract."""

from __future__ import annotations

import json

from msgspec.structs import replace
from support.fakes import INFO

from codemode_tui.chat.events import Step, TurnRecord
from codemode_tui.cli.eval_page import document as html
from codemode_tui.cli.eval_table import compared, lines
from codemode_tui.cli.output import dumps
from codemode_tui.cli.replay_table import lines as replay_lines
from codemode_tui.cli.tables import model_line
from codemode_tui.engine.api import Usage
from codemode_tui.training.grading import Failure
from codemode_tui.training.playing import CaseResult
from codemode_tui.training.regression import Item
from codemode_tui.training.replay import Replay, Replayed
from codemode_tui.training.replay import document as replay_document
from codemode_tui.training.report import Evaluation, compare, document
from codemode_tui.training.suite import Case


def result(name, expected, actual, *, passed=True, group="single"):
    steps = (Step({"value": actual}, "", "", None, None),)
    record = TurnRecord(
        "", "", name, {"value": actual}, "", "", None, None, "a", 1, "stop", Usage(total_ms=5), steps, None
    )
    failures = () if passed else (Failure("decision", "expected this, got that"),)
    case = Case(id=name, group=group, query=name, decision=expected)
    return CaseResult(case, (record,) if actual else (), failures, "" if actual else "engine: gone")


NEW = Evaluation(
    "s",
    INFO,
    (
        result("a", "tool", "tool"),
        result("b", "tool", "direct", passed=False),
        result("c", "direct", "direct", group="talk"),
        result("d", "tool", None, passed=False),
        result("e", "tool", "malformed", passed=False),
    ),
)
OLD = Evaluation(
    "s",
    INFO,
    (
        result("a", "tool", "direct", passed=False),
        result("b", "tool", "tool"),
        result("c", "direct", "direct", group="talk"),
        result("d", "tool", "direct", passed=False),
        result("e", "tool", "tool"),
    ),
)


def test_the_document_has_the_fields_of_the_contract():
    found = json.loads(dumps(document(NEW)))
    assert {"suite", "model", "total", "passed", "groups", "cases", "confusion", "baseline"} <= set(found)
    assert (found["suite"], found["total"], found["passed"], found["baseline"]) == ("s", 5, 2, None)
    assert found["groups"] == {"single": {"total": 4, "passed": 1}, "talk": {"total": 1, "passed": 1}}
    assert found["model"]["weights_sha256"] == INFO.weights_sha256
    case = found["cases"][1]
    assert {"id", "passed", "failed_checks", "decision", "code", "run", "answer", "timing"} <= set(case)
    assert (case["id"], case["passed"], case["failed_checks"], case["decision"]) == ("b", False, ["decision"], "direct")
    assert case["timing"]["total_ms"] == 5
    assert (found["cases"][3]["decision"], found["cases"][3]["error"]) == (None, "engine: gone")


def test_the_confusion_is_expected_against_actual():
    assert document(NEW)["confusion"] == {
        "tool": {"tool": 1, "direct": 1, "crashed": 1, "malformed": 1},
        "direct": {"tool": 0, "direct": 1},
    }


def test_messages_that_are_no_sound_call_are_counted():
    assert document(NEW)["messages"] == {"tool": 1, "direct": 2, "malformed": 1}


def test_a_baseline_tells_what_was_fixed_and_what_broke():
    new = replace(NEW, results=(*NEW.results[:3], result("d", "tool", "direct", passed=False), NEW.results[4]))
    found = compare(new, OLD)
    assert (found.fixed, found.failing, found.broken, found.unasked) == (("a",), ("d",), ("b", "e"), ())
    baseline = json.loads(dumps(document(new, OLD)))["baseline"]
    assert (baseline["fixed"], baseline["failing"], baseline["broken"]) == (["a"], ["d"], ["b", "e"])
    assert baseline["passed"] == 3


def test_a_case_that_one_of_both_was_never_asked_says_nothing_about_either():
    silent = result("a", "tool", None, passed=False)
    for one, other in ((NEW, replace(OLD, results=(silent, *OLD.results[1:]))), (OLD, NEW)):
        found = compare(one, other)
        assert "d" not in (*found.fixed, *found.failing, *found.broken) and "d" in found.unasked
        assert ("not asked", found.unasked) in compared(found) and "not asked" in html(one, other)
    assert compare(NEW, replace(OLD, results=(silent, *OLD.results[1:]))).fixed == ()
    turns = [Replayed(Item(f"t{at}", "corrected", one.case), one) for at, one in enumerate(NEW.results)]
    before = [replace(one, result=two) for one, two in zip(turns, (silent, *OLD.results[1:]), strict=True)]
    new, old = (Replay(INFO, tuple(some), ()) for some in (turns, before))
    against = json.loads(dumps(replay_document(new, old)))["baseline"]
    assert (against["fixed"], against["unasked"], against["broken"]) == ([], ["t0", "t3"], ["t1", "t4"])
    assert "2 newly broken; 2 could not be asked of both" in "\n".join(replay_lines(new, old))


def test_people_see_totals_and_why_cases_failed():
    text = "\n".join(lines(NEW, OLD))
    assert "fake (5-bit" in text and "40.0 %" in text
    assert "newly broken" in text and "b, e" in text
    assert "decision: expected this, got that" in text and "engine: gone" in text
    assert "strict 40.0 %" in text


def test_strict_and_soft_scores_and_clusters_are_in_the_document():
    found = json.loads(dumps(document(NEW, OLD)))
    assert (found["strict"], found["soft"]) == (0.4, 0.4)
    assert {one["kind"]: one["count"] for one in found["failures"]} == {"decision": 1, "crash": 1, "format": 1}
    assert found["cases"][1]["failure"] == "decision" and found["cases"][0]["failure"] is None
    assert found["cases"][1]["checks"] == {"total": 1, "held": 0}


def test_a_page_holds_it_all_and_nothing_that_a_case_wrote_as_markup():
    evil = replace(NEW, suite="<b>", results=(result("<script>x</script>", "tool", "direct", passed=False),))
    page = html(evil, replace(OLD, results=evil.results))
    assert "&lt;script&gt;" in page and "<script" not in page and "newly broken" in page


def test_a_model_at_a_server_is_told_by_where_it_is():
    served = replace(INFO, name="qwen", path="http://127.0.0.1:8080/v1", bytes=0, weights_sha256="", engine="openai")
    assert model_line(served) == f"qwen (at http://127.0.0.1:8080/v1, profile {INFO.profile})"


def test_a_page_shows_what_a_case_hides():
    odd = "a\x1b[31m\u202e"
    page = html(Evaluation(odd, INFO, (result(odd, "tool", "direct", passed=False, group=odd),)))
    assert "\x1b" not in page and "\u202e" not in page and page.count(r"a\x1b[31m\u202e") >= 4
