"""The figures for people: a table, then what each of them is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemode_tui.cli.tables import columns, model_line
from codemode_tui.training.bench.machine import Machine
from codemode_tui.training.bench.result import Bench, Result

FEWEST = 5
"""Medians of fewer runs say little."""
HEADER = ("", "value", "baseline", "", "ratio", "limit", "")


def lines(bench: Bench) -> Iterator[str]:
    """The lines of the whole report."""
    yield _machine(bench.machine)
    yield f"model: {model_line(bench.model)}"
    if bench.baseline is not None:
        yield f"against {model_line(bench.baseline)}"
    yield ""
    yield from columns([HEADER, *map(_row, bench.results)], left=(0, 3, 6))
    yield ""
    for one in bench.results:
        number = f"budget {one.budget}, " if one.budget is not None else ""
        yield f"{one.name}: {number}{one.detail}{_spread(one)}"
    yield ""
    yield from _verdict(bench.results)
    load, cpus = bench.machine.get("load"), bench.machine.get("cpus")
    if isinstance(load, float) and isinstance(cpus, int) and load > cpus / 2:
        yield f"the machine was busy before this began (load {load:g} on {cpus} processors): ratios are noisy too"


def _machine(machine: Machine) -> str:
    memory = machine.get("memory")
    parts = [
        f"{machine.get('processor') or machine.get('architecture')}, {machine.get('cpus')} processors",
        *([f"{memory / 2**30:,.0f} GB"] if isinstance(memory, int) else []),
        str(machine.get("system")),
        f"mlx {machine.get('mlx')}",
        f"load {machine.get('load')} before",
    ]
    return "machine: " + ", ".join(parts)


def _row(one: Result) -> tuple[str, ...]:
    return (
        one.name,
        number(one.value),
        "" if one.baseline is None else number(one.baseline),
        one.unit,
        "" if one.ratio is None else f"{one.ratio:.2f}",
        "" if one.limit is None else f"{'≥' if one.at_least else '≤'} {one.limit:g}",
        {True: "kept", False: "missed", None: ""}[one.ok],
    )


def number(value: float) -> str:
    """Three digits that count, and no more than people read."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _spread(one: Result) -> str:
    """From where to where the runs lie: a ratio of two noisy figures is itself noisy."""
    if one.runs < 2:
        return ""
    if one.baselines:
        ratios = [value / base for value, base in zip(one.values, one.baselines, strict=True) if base]
        return f" (ratios of single runs {min(ratios):.2f} to {max(ratios):.2f})" if ratios else ""
    return f" (single runs {number(min(one.values))} to {number(max(one.values))} {one.unit})"


def _verdict(results: Sequence[Result]) -> Iterator[str]:
    judged = [one for one in results if one.ok is not None]
    missed = [one.name for one in judged if not one.ok]
    yield f"{len(judged) - len(missed)} of {len(judged)} limits kept" + (
        f"; missed: {', '.join(missed)}" if missed else ""
    )
    runs = max((one.runs for one in results), default=0)
    if runs < FEWEST:
        yield f"{runs} run{'s' if runs > 1 else ''} only: medians of fewer than {FEWEST} prove nothing"
