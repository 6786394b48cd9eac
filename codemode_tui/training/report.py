"""What an evaluation found: totals, groups, confusion of the decision, and the comparison with another model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from codemode_tui.chat.events import TurnRecord
from codemode_tui.engine.api import ModelInfo
from codemode_tui.training.calibration import calibrations
from codemode_tui.training.failures import clusters, failure
from codemode_tui.training.playing import CaseResult
from codemode_tui.training.suite import Expected

TIMES = ("load_ms", "ttft_ms", "prompt_tps", "decode_tps", "total_ms")
CRASHED = "crashed"
"""Stands in the confusion matrix for a first turn without a decision."""


class Evaluation(msgspec.Struct, frozen=True):
    """One model on one suite."""

    suite: str
    model: ModelInfo
    results: tuple[CaseResult, ...]

    @property
    def passed(self) -> int:
        return sum(result.passed for result in self.results)

    @property
    def strict(self) -> float:
        """Share of the cases that passed."""
        return round(self.passed / len(self.results), 4) if self.results else 0.0

    @property
    def soft(self) -> float:
        """Share of the checks that held, each case counting alike."""
        shares = [result.held / result.checks for result in self.results if result.checks]
        return round(sum(shares) / len(shares), 4) if shares else 0.0


class Comparison(msgspec.Struct, frozen=True):
    """Ids of cases, in the order of the suite."""

    fixed: tuple[str, ...]
    """Failed by the baseline, passed by the model."""
    failing: tuple[str, ...]
    """Failed by both."""
    broken: tuple[str, ...]
    """Passed by the baseline, failed by the model."""
    unasked: tuple[str, ...]
    """Never asked of one of them, which says nothing about either."""


def compare(model: Evaluation, baseline: Evaluation) -> Comparison:
    """What ``model`` does better and worse than ``baseline`` on the same suite."""
    return comparison(*({result.case.id: result for result in one.results} for one in (model, baseline)))


def comparison(now: Mapping[str, CaseResult], before: Mapping[str, CaseResult]) -> Comparison:
    """The same of results by their ids."""
    unasked = tuple(id for id, result in now.items() if result.unasked or before[id].unasked)
    both = [(id, result.passed, before[id].passed) for id, result in now.items() if id not in {*unasked}]
    return Comparison(
        fixed=tuple(id for id, passes, passed in both if passes and not passed),
        failing=tuple(id for id, passes, passed in both if not passes and not passed),
        broken=tuple(id for id, passes, passed in both if not passes and passed),
        unasked=unasked,
    )


def groups(results: Sequence[CaseResult]) -> dict[str, dict[str, int]]:
    """``{group: {"total", "passed"}}``, in the order of the suite."""
    total = Counter(result.case.group for result in results)
    passed = Counter(result.case.group for result in results if result.passed)
    return {name: {"total": number, "passed": passed[name]} for name, number in total.items()}


def confusion(results: Sequence[CaseResult]) -> dict[str, dict[str, int]]:
    """``{expected: {actual: cases}}`` over the first turns of the cases that name a decision."""
    matrix = {expected: {"tool": 0, "direct": 0} for expected in ("tool", "direct")}
    for result in results:
        if result.case.decision is not None:
            row = matrix[result.case.decision]
            actual = decision(result) or CRASHED
            row[actual] = row.get(actual, 0) + 1
    return matrix


def messages(results: Sequence[CaseResult]) -> dict[str, int]:
    """How many assistant messages of all turns were ``direct``, ``tool``, ``malformed``, …"""
    steps = (step for result in results for record in result.records for step in record.steps)
    return dict(Counter(step.decision["value"] for step in steps))


def decision(result: CaseResult) -> str | None:
    """The decision of the first turn; None when there was none."""
    return result.records[0].decision.get("value") if result.records else None


def document(evaluation: Evaluation, baseline: Evaluation | None = None) -> dict[str, Any]:
    """The one JSON document of ``eval --json`` (CONTRACT, "Eval suites")."""
    found: dict[str, Any] = {
        "suite": evaluation.suite,
        "model": evaluation.model,
        "total": len(evaluation.results),
        "passed": evaluation.passed,
        "strict": evaluation.strict,
        "soft": evaluation.soft,
        "groups": groups(evaluation.results),
        "cases": [case_document(result) for result in evaluation.results],
        "confusion": confusion(evaluation.results),
        "messages": messages(evaluation.results),
        "failures": clusters(evaluation.results),
        "calibration": calibrations(evaluation.results),
        "baseline": None,
    }
    if baseline is not None:
        found["baseline"] = {
            **msgspec.to_builtins(compare(evaluation, baseline)),
            "model": baseline.model,
            "passed": baseline.passed,
            "strict": baseline.strict,
            "soft": baseline.soft,
            "groups": groups(baseline.results),
            "confusion": confusion(baseline.results),
            "messages": messages(baseline.results),
            "failures": clusters(baseline.results),
            "calibration": calibrations(baseline.results),
        }
    return found


def case_document(result: CaseResult) -> dict[str, Any]:
    """One case as a document: what it came to, turn by turn."""
    first, *more = [_turn(turn, record) for turn, record in zip(result.case.turns, _padded(result), strict=True)]
    return {
        "id": result.case.id,
        "group": result.case.group,
        "passed": result.passed,
        "checks": {"total": result.checks, "held": result.held},
        "failure": None if result.passed else failure(result)[0],
        "failed_checks": [failure.check for failure in result.failures],
        "why": {failure.check: failure.why for failure in result.failures},
        "error": result.crash or None,
        **first,
        "followup": more,
    }


def _turn(turn: Expected, record: TurnRecord | None) -> dict[str, Any]:
    usage = msgspec.to_builtins(record.usage) if record else {}
    return {
        "query": turn.query,
        "decision": record.decision.get("value") if record else None,
        "code": record.code if record else None,
        "run": record.run if record else None,
        "answer": record.answer if record else None,
        "timing": {key: usage[key] for key in TIMES} if usage else None,
    }


def _padded(result: CaseResult) -> list[TurnRecord | None]:
    """One record a turn; None for turns that a crash left out."""
    return [*result.records, *[None] * (len(result.case.turns) - len(result.records))]
