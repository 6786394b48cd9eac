"""How far P(tool) can be believed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import INFO

from codemode_tui.chat.events import TurnRecord
from codemode_tui.cli.eval_table import lines
from codemode_tui.cli.output import dumps
from codemode_tui.engine.api import Usage
from codemode_tui.training.calibration import calibrate, calibration_lines, calibrations
from codemode_tui.training.playing import CaseResult
from codemode_tui.training.report import Evaluation, document
from codemode_tui.training.suite import Case


def result(name, expected, actual, probability, *, forced=False):
    decision = {"value": actual, "probability": probability, "forced": forced, "dialect": None}
    record = TurnRecord("", "", name, decision, "", "", None, None, "a", 1, "stop", Usage(), (), None)
    return CaseResult(Case(id=name, group="g", query=name, decision=expected), (record,), ())


RESULTS = [
    result("sure and right", "tool", "tool", 0.9),
    result("sure and wrong", "direct", "malformed", 0.9),
    result("right to answer", "direct", "direct", 0.1),
    result("nobody says", None, "direct", 0.3),
    result("forced", "tool", "tool", 0.5, forced=True),
    result("no engine's word", "tool", "tool", None),
]


def test_it_is_measured_by_hand():
    found = calibrate([(0.0, False), (0.15, False), (0.15, True), (1.0, True), (0.95, True), (0.99, False)])
    assert [(one.low, one.high, one.count) for one in found.bins] == [(0, 0.1, 1), (0.1, 0.2, 2), (0.9, 1, 3)]
    assert [one.actual for one in found.bins] == [0, 0.5, pytest.approx(2 / 3)]
    assert found.brier == pytest.approx((0.15**2 + 0.85**2 + 0.05**2 + 0.99**2) / 6)
    assert found.ece == pytest.approx((2 * 0.35 + 3 * (2.94 / 3 - 2 / 3)) / 6)
    assert calibrate([]) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1), st.integers(1, 20))
def test_every_prediction_is_in_one_bin_and_the_scores_are_shares(pairs, bins):
    found = calibrate(pairs, bins)
    assert sum(one.count for one in found.bins) == found.count == len(pairs)
    assert 0 <= found.brier <= 1 and 0 <= found.ece <= 1
    assert all(one.low - 1e-9 <= one.predicted <= one.high + 1e-9 for one in found.bins)


@given(st.lists(st.booleans(), min_size=1))
def test_who_is_always_right_is_perfect(truth):
    found = calibrate((float(one), one) for one in truth)
    assert (found.brier, found.ece) == (0, 0)


def test_of_an_evaluation_what_was_right_counts_and_what_was_done_apart():
    found = calibrations(RESULTS)
    assert (found["expected"].count, found["made"].count) == (3, 4)
    assert found["expected"].bins[-1].actual == 0.5 and found["made"].bins[-1].actual == 1.0  # malformed is a call
    assert calibrations([result("x", "tool", "tool", None)]) == {"expected": None, "made": None}


def test_eval_shows_it_to_people_and_to_programs():
    evaluation = Evaluation("s", INFO, tuple(RESULTS))
    said = json.loads(dumps(document(evaluation)))["calibration"]
    assert said["expected"]["count"] == 3 and set(said["made"]) == {"count", "brier", "ece", "bins"}
    shown = [line for line in lines(evaluation) if "P(tool)" in line or " said " in line]
    assert shown == list(calibration_lines(RESULTS)) and len(shown) == 3
    assert "90–100 %" in shown[2] and "50.0 %" in shown[2]
