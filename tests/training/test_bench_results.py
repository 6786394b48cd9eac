"""Figures of a benchmark: medians, ratios and limits, and how people read them."""

from __future__ import annotations

import pytest
from support.fakes import INFO

from codemode_tui.cli.bench_report import lines, number
from codemode_tui.training.bench.result import Bench, result

MACHINE = {"processor": "Fast One", "cpus": 2, "memory": 8 * 2**30, "system": "Linux 6", "mlx": "0.32.4", "load": 0.5}


def test_the_ratio_is_that_of_the_medians():
    one = result("decode", "tok/s", [90, 10, 95, 100, 99], [100, 100, 1000, 100, 50])
    assert (one.value, one.baseline, one.ratio, one.runs) == (95, 100, 0.95, 5)
    assert one.values == (90, 10, 95, 100, 99) and one.baselines == (100, 100, 1000, 100, 50)


def test_without_a_limit_nothing_is_kept_or_missed():
    assert result("load", "s", [1.0], [2.0]).ok is None


@pytest.mark.parametrize("value, at_least, ok", [(24, False, True), (25, False, True), (26, False, False)])
def test_a_limit_of_the_ratio_includes_itself(value, at_least, ok):
    assert result("turn 6", "ms", [value], [100], limit=0.25, at_least=at_least).ok is ok


def test_a_limit_may_be_one_from_below():
    assert result("decode", "tok/s", [96], [100], limit=0.95, at_least=True).ok is True
    assert result("decode", "tok/s", [94], [100], limit=0.95, at_least=True).ok is False


def test_a_limit_without_a_baseline_is_one_of_the_value():
    one = result("size", "MB", [5.5], limit=6.0)
    assert (one.baseline, one.ratio, one.ok) == (None, None, True)


def test_a_baseline_of_nothing_has_no_ratio_and_no_verdict():
    one = result("turn 6", "ms", [1.0], [0.0], limit=0.25)
    assert one.ratio is None and one.ok is None


def test_the_report_shows_both_figures_the_ratio_and_what_was_missed():
    text = "\n".join(
        lines(
            Bench(
                MACHINE,
                INFO,
                (
                    result("decode", "tok/s", [95.0] * 5, [100.0] * 5, detail="128 tokens"),
                    result("turn 6", "ms", [30.0, 40.0, 50.0, 40.0, 40.0], [100.0] * 5, budget=4, limit=0.25),
                ),
            )
        )
    )
    assert "Fast One, 2 processors, 8 GB" in text and "model: fake (5-bit, 1.0 MB" in text
    row = next(line for line in text.splitlines() if line.startswith("turn 6 "))
    assert row.split() == ["turn", "6", "40.0", "100", "ms", "0.40", "≤", "0.25", "missed"]
    assert "turn 6: budget 4" in text and "single runs 0.30 to 0.50" in text
    assert "0 of 1 limits kept; missed: turn 6" in text
    assert "prove nothing" not in text


def test_fewer_than_five_runs_are_told_as_such():
    assert "prove nothing" in "\n".join(lines(Bench(MACHINE, INFO, (result("decode", "tok/s", [1.0], [2.0]),))))


@pytest.mark.parametrize("value, text", [(0.2516, "0.25"), (12.34, "12.3"), (1234.5, "1,234"), (99.96, "100.0")])
def test_figures_have_three_digits_that_count(value, text):
    assert number(value) == text


@pytest.mark.parametrize("load, told", [(0.5, False), (6.0, True)])
def test_a_busy_machine_is_told_as_such(load, told):
    bench = Bench({**MACHINE, "load": load}, INFO, (result("decode", "tok/s", [1.0] * 5, [2.0] * 5),))
    assert ("busy" in "\n".join(lines(bench))) is told
