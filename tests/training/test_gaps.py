"""What a model lacks: patterns that are wanted, fail, and are rare."""

from __future__ import annotations

import json

import pytest
from feedback.histories import History, Step, call, ran
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.corpus.rows import read_row
from codemode_tui.errors import UsageError
from codemode_tui.training.gaps import NAMES, Coverage, Use, gaps, of_evaluation, of_feedback

LOOP = "for f in glob_files('*'):\n    print(read_file(f))"
TRY = "try:\n    print(read_file('a'))\nexcept OSError:\n    print('no')"


def row(*replies):
    messages = [{"role": "user", "content": "q"}, *({"role": "assistant", "content": one} for one in replies)]
    return read_row(json.dumps({"messages": messages}).encode())


def found(coverage, uses, target=25):
    return {one.pattern: one for one in gaps(coverage, uses, target, {}).targets}


def test_a_pattern_that_fails_and_is_missing_comes_first():
    coverage = Coverage()
    for _ in range(30):
        coverage.add(row(call("print(read_file('a'))"), "A."))
    uses = [Use("t1", "many files", frozenset({"for", "call:read_file"}), True) for _ in range(5)]
    targets = gaps(coverage, uses, 25, {}).targets
    assert targets[0].pattern == "for" and targets[0].have == 0 and targets[0].seed_turns == ["t1"] * 5
    assert "call:read_file" not in {one.pattern for one in targets}  # there are enough


def test_the_score_is_what_the_formula_says():
    coverage = Coverage()
    for _ in range(5):
        coverage.add(row(call(LOOP)))
    one = found(coverage, [Use("a", "q", frozenset({"for"}), True), Use("b", "q", frozenset({"for"}), False)])["for"]
    assert (one.have, one.use, one.failures, one.failure_rate) == (5, 2, 1, 0.5)
    assert one.share == round(3 / (2 + len(NAMES)), 4)
    assert one.score == round(0.5 * 3 / (2 + len(NAMES)) * 0.8, 6)
    assert len(one.avoid_skeletons) == 1


def test_broken_rows_and_calls_that_are_no_calls_cover_nothing():
    coverage = Coverage()
    for one in (None, row('```json\n{"name": "read_file", "arguments": {}}\n```'), row(call("for = 1"))):
        coverage.add(one)
    assert not coverage.have and coverage.rows == 2


def test_only_what_a_row_teaches_covers_anything():
    coverage = Coverage()
    rejected = {"prompt": "q", "completion": call(LOOP), "label": False}
    messages = [{"role": "user", "content": "q"}, {"role": "assistant", "content": call(LOOP)},
                {"role": "user", "content": "r"}, {"role": "assistant", "content": "Yes."}]  # fmt: skip
    number, unclear = rejected | {"label": 0}, rejected | {"label": "perhaps"}
    torn = {"text": "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\nThe answer is that"}
    for table in (rejected, number, unclear, torn, {"messages": messages, "id": "sha256:" + "0" * 64, "meta": "{}"}):
        coverage.add(read_row(json.dumps(table).encode()))
    assert coverage.have == {"direct": 1} and coverage.rows == 5


def test_feedback_counts_by_the_code_that_was_accepted():
    history = History()
    history.add("one", ran(LOOP), "Done.")
    history.add("two", ran("print(1)"), "Done.", rating=-1, fixes={0: Step(call(TRY), "ok")})
    history.add("three", "It is.", rating=-1)
    uses = list(of_feedback(history.records))
    assert [use.failed for use in uses] == [False, True, True]
    assert "for" in uses[0].patterns and "try" in uses[1].patterns and uses[2].patterns == {"direct"}


def test_cases_of_an_evaluation_count_too():
    case = {"id": "a", "query": "q", "failed_checks": ["stdout_regex"], "error": None, "decision": "tool", "code": LOOP,
            "followup": [{"query": "r", "decision": "direct", "code": None}]}  # fmt: skip
    uses = list(of_evaluation({"cases": [case]}, "e.json"))
    assert [("for" in use.patterns, "direct" in use.patterns, use.failed) for use in uses] == [
        (True, False, True), (False, True, False),
    ]  # fmt: skip


def test_the_fields_of_the_contract_are_enough_for_an_evaluation():
    case = {"id": "a", "passed": False, "failed_checks": ["calls"], "decision": "tool", "code": LOOP, "run": "ok",
            "answer": "", "timing": {}}  # fmt: skip
    (use,) = of_evaluation({"cases": [case]}, "e.json")
    assert "for" in use.patterns and use.failed
    assert list(of_evaluation({"cases": []}, "e.json")) == []


@pytest.mark.parametrize(
    ("decision", "code", "error", "wanted"),
    [
        ("direct", None, None, set()),  # a call was wanted, and nobody knows what it would have been like
        ("tool", LOOP, None, {"direct"}),
        ("announced", None, None, set()),
        (None, None, "engine: gone", set()),
        ("tool", "while 1: pass", "timeout: too long", {"while"}),
    ],
)
def test_a_wrong_decision_wants_the_other_one(decision, code, error, wanted):
    case = {"id": "a", "query": "q", "failed_checks": ["decision"], "error": error, "decision": decision, "code": code,
            "followup": []}  # fmt: skip
    (use,) = of_evaluation({"cases": [case]}, "e.json")
    assert use.patterns == wanted and use.failed


def test_a_thumbs_down_on_a_decision_wants_the_other_one():
    history = History()
    history.add("one", ran(LOOP), "Done.", rating=-1, reasons=("should_answer",))
    history.add("two", "I cannot.", rating=-1, reasons=("should_run",))
    assert [set(use.patterns) for use in of_feedback(history.records)] == [{"direct"}, set()]


@pytest.mark.parametrize("table", [{}, [], {"cases": [1]}, {"cases": [{"id": 1}]}, None])
def test_what_is_no_evaluation_is_told(table):
    with pytest.raises(UsageError, match=r"e\.json is no result of an evaluation"):
        list(of_evaluation(table, "e.json"))


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.booleans())), st.integers(1, 40))
def test_scores_are_ordered_and_between_0_and_1(asked, target):
    uses = [Use(str(n), "q", frozenset({name}), failed) for n, (name, failed) in enumerate(asked)]
    scores = [one.score for one in gaps(Coverage(), uses, target, {}).targets]
    assert scores == sorted(scores, reverse=True) and all(0 < score < 1 for score in scores)
