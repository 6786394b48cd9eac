"""The result of an evaluation for people: totals, confusion, comparison, and why cases failed."""

from __future__ import annotations

from collections.abc import Iterator

from codemode_tui.cli.tables import columns, model_line
from codemode_tui.training.calibration import calibration_lines
from codemode_tui.training.failures import clusters
from codemode_tui.training.report import Comparison, Evaluation, compare, confusion, groups, messages


def lines(evaluation: Evaluation, baseline: Evaluation | None = None) -> Iterator[str]:
    """The lines of the whole report."""
    yield f"{evaluation.suite}: {model_line(evaluation.model)}"
    if baseline is not None:
        yield f"against {model_line(baseline.model)}"
    yield ""
    yield from _totals(evaluation, baseline)
    yield f"strict {100 * evaluation.strict:.1f} % of the cases, soft {100 * evaluation.soft:.1f} % of their checks"
    yield ""
    yield from _confusion(evaluation)
    found = messages(evaluation.results)
    yield f"{sum(found.values())} messages: " + ", ".join(f"{number} {name}" for name, number in found.items())
    yield from calibration_lines(evaluation.results)
    if baseline is not None:
        yield ""
        yield from _comparison(compare(evaluation, baseline))
    if evaluation.passed < len(evaluation.results):
        yield ""
    yield from _failures(evaluation)


def _totals(evaluation: Evaluation, baseline: Evaluation | None) -> Iterator[str]:
    found = groups(evaluation.results)
    before = groups(baseline.results) if baseline else {}
    rows = [["group", "passed", "of", "share", *(["baseline"] if baseline else [])]]
    for name, count in found.items():
        rows.append(
            [name, *_counts(count["passed"], count["total"]), *([str(before[name]["passed"])] if before else [])]
        )
    rows.append(
        ["all", *_counts(evaluation.passed, len(evaluation.results)), *([str(baseline.passed)] if baseline else [])]
    )
    return columns(rows)


def _counts(passed: int, total: int) -> list[str]:
    return [str(passed), str(total), f"{100 * passed / total:.1f} %"]


def _confusion(evaluation: Evaluation) -> Iterator[str]:
    matrix = confusion(evaluation.results)
    actual = list(dict.fromkeys(name for row in matrix.values() for name in row))
    rows = [["expected", *actual]]
    rows += [[expected, *(str(row.get(name, 0)) for name in actual)] for expected, row in matrix.items()]
    return columns(rows)


def _comparison(found: Comparison) -> Iterator[str]:
    for label, ids in compared(found):
        yield f"{label:<14} {len(ids):>4}" + (f"  {', '.join(ids)}" if ids else "")


def compared(found: Comparison) -> list[tuple[str, tuple[str, ...]]]:
    """The parts of a comparison under their names for people."""
    rows = [("fixed", found.fixed), ("still failing", found.failing), ("newly broken", found.broken)]
    return [*rows, ("not asked", found.unasked)] if found.unasked else rows


def _failures(evaluation: Evaluation) -> Iterator[str]:
    for cluster in clusters(evaluation.results):
        detail = ", ".join(f"{name} {number}" for name, number in list(cluster.detail.items())[:5])
        yield f"{cluster.count:>4} {cluster.kind:<13} {cluster.meaning}" + (f" ({detail})" if detail else "")
    failed = [result for result in evaluation.results if not result.passed]
    if failed:
        yield ""
        yield "failed"
    for result in failed:
        yield f"  {result.case.id}  {' '.join(result.case.query.split())}"
        if result.crash:
            yield f"    {result.crash}"
            continue
        for failure in result.failures:
            yield f"    {failure.check}: {failure.why}"
