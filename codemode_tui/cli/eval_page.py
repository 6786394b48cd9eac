"""The result of an evaluation as a page."""

from __future__ import annotations

from collections.abc import Iterator

from codemode_tui.cli import page
from codemode_tui.cli.eval_table import compared
from codemode_tui.cli.tables import model_line
from codemode_tui.training.failures import clusters
from codemode_tui.training.playing import CaseResult
from codemode_tui.training.report import Evaluation, compare, confusion, groups


def document(evaluation: Evaluation, baseline: Evaluation | None = None) -> str:
    """The whole report as one HTML file."""
    parts = [
        page.text(model_line(evaluation.model)),
        page.text(
            f"{evaluation.passed} of {len(evaluation.results)} cases passed: strict {evaluation.strict:.1%}, "
            f"soft {evaluation.soft:.1%} of their checks"
        ),
        page.section("Groups", page.table(("group", "passed", "of"), _groups(evaluation))),
        page.section("Decisions", page.table(("expected", "actual", "cases"), _confusion(evaluation))),
    ]
    if baseline is not None:
        rows = compared(compare(evaluation, baseline))
        parts.append(
            page.section(
                "Compared",
                page.text(f"with {model_line(baseline.model)}, of which {baseline.passed} cases passed"),
                page.table(("", "cases", "which"), [(name, len(ids), ", ".join(ids)) for name, ids in rows]),
            )
        )
    failed = clusters(evaluation.results)
    if failed:
        parts.append(page.section("Why cases failed", page.bars({one.meaning: one.count for one in failed})))
    parts += [_case(result) for result in evaluation.results if not result.passed]
    return page.page(f"{evaluation.suite}: {evaluation.model.name}", *parts)


def _groups(evaluation: Evaluation) -> Iterator[tuple[object, ...]]:
    for name, count in groups(evaluation.results).items():
        yield name, count["passed"], count["total"]


def _confusion(evaluation: Evaluation) -> Iterator[tuple[object, ...]]:
    for expected, row in confusion(evaluation.results).items():
        yield from ((expected, actual, number) for actual, number in row.items())


def _case(result: CaseResult) -> str:
    parts = [page.text(result.case.query)]
    if result.crash:
        parts.append(page.text(result.crash))
    else:
        parts.append(page.table(("check", "why"), [(one.check, one.why) for one in result.failures]))
    parts += [page.code(step.code) for record in result.records for step in record.steps if step.code]
    return page.section(result.case.id, *parts)
