"""One figure of a benchmark: medians, their ratio, and whether it keeps its budget."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec

from codemode_tui.engine.api import ModelInfo


class Result(msgspec.Struct, frozen=True):
    """One line of ``bench --json`` (CONTRACT)."""

    budget: int | None
    """Row of the budget table; None for a figure without one."""
    name: str
    value: float
    """Median over the runs."""
    baseline: float | None
    unit: str
    ratio: float | None
    """``value / baseline``; None without a baseline."""
    limit: float | None
    """For the ratio, or for the value where there is no ratio."""
    ok: bool | None
    """Within the limit; None where there is none."""
    runs: int
    at_least: bool = False
    """The limit is one from below."""
    values: tuple[float, ...] = ()
    """Every run, in order."""
    baselines: tuple[float, ...] = ()
    detail: str = ""
    """What was measured, and against what."""


class Bench(msgspec.Struct, frozen=True):
    """Everything that ``bench`` found out."""

    machine: dict[str, str | int | float | bool | None]
    model: ModelInfo
    results: tuple[Result, ...]
    baseline: ModelInfo | None = None
    """The other model of ``--baseline``."""


def result(
    name: str,
    unit: str,
    values: Sequence[float],
    baselines: Sequence[float] = (),
    *,
    budget: int | None = None,
    limit: float | None = None,
    at_least: bool = False,
    detail: str = "",
) -> Result:
    """Medians of one figure and of its baseline.

    Args:
        name: what it is, in words.
        unit: of values and baselines.
        values: one a run.
        baselines: the same in the same runs, or none where the limit is absolute.
        budget: row of the budget table.
        limit: for the ratio, or for the value without baselines.
        at_least: the limit is a lower one.
        detail: what was measured, in a sentence.
    """
    value = median(values)
    baseline = median(baselines) if baselines else None
    ratio = value / baseline if baseline else None
    judged = value if baseline is None else ratio
    ok = None
    if limit is not None and judged is not None:
        ok = judged >= limit if at_least else judged <= limit
    return Result(
        budget=budget,
        name=name,
        value=value,
        baseline=baseline,
        unit=unit,
        ratio=ratio,
        limit=limit,
        ok=ok,
        runs=len(values),
        at_least=at_least,
        values=tuple(values),
        baselines=tuple(baselines),
        detail=detail,
    )
