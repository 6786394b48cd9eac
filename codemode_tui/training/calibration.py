"""How far P(tool) can be believed: what was predicted beside how often it came true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from codemode_tui.training.playing import CaseResult

BINS = 10
CALLS = frozenset({"tool", "malformed", "truncated"})
"""Decisions that are calls, or were meant to be."""


class Bin(msgspec.Struct, frozen=True):
    """Predictions from ``low`` to ``high``, which the last bin includes."""

    low: float
    high: float
    count: int
    predicted: float
    """Their mean."""
    actual: float
    """Share of them that came true."""


class Calibration(msgspec.Struct, frozen=True):
    count: int
    brier: float
    """Mean squared error: 0 is perfect, 0.25 is what always saying one half gets."""
    ece: float
    """Expected calibration error: by how much predicted and actual differ, over all bins by their size."""
    bins: tuple[Bin, ...]
    """Those that are not empty."""


def calibrate(predictions: Iterable[tuple[float, bool]], bins: int = BINS) -> Calibration | None:
    """Of pairs of a probability and whether it came true; None of no pairs."""
    pairs = list(predictions)
    if not pairs:
        return None
    sorted_in: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for probability, true in pairs:
        sorted_in[min(bins - 1, max(0, int(probability * bins)))].append((probability, true))
    found = tuple(
        Bin(
            low=number / bins,
            high=(number + 1) / bins,
            count=len(inside),
            predicted=sum(probability for probability, _ in inside) / len(inside),
            actual=sum(true for _, true in inside) / len(inside),
        )
        for number, inside in enumerate(sorted_in)
        if inside
    )
    return Calibration(
        count=len(pairs),
        brier=sum((probability - true) ** 2 for probability, true in pairs) / len(pairs),
        ece=sum(one.count * abs(one.predicted - one.actual) for one in found) / len(pairs),
        bins=found,
    )


def calibrations(results: Sequence[CaseResult]) -> dict[str, Calibration | None]:
    """P(tool) of every turn against what was right (``expected``, where that is known) and what was done (``made``)."""
    return {
        "expected": calibrate((p, right == "tool") for p, right, _ in _turns(results) if right is not None),
        "made": calibrate((p, done in CALLS) for p, _, done in _turns(results)),
    }


def calibration_lines(results: Sequence[CaseResult]) -> Iterator[str]:
    """For people: against what was right, bin by bin. Nothing where there are no probabilities."""
    found = calibrations(results)["expected"]
    if found is None:
        return
    yield (
        f"P(tool) of {found.count} decisions against the right ones: Brier score {found.brier:.3f}, "
        f"{100 * found.ece:.1f} points off (ECE)"
    )
    for one in found.bins:
        share = f"{100 * one.low:>3.0f}–{100 * one.high:.0f} %"
        yield f"  {share:<10} {one.count:>4}   said {100 * one.predicted:>5.1f} %   tool {100 * one.actual:>5.1f} %"


def _turns(results: Sequence[CaseResult]) -> Iterator[tuple[float, str | None, str | None]]:
    """``(P(tool), right decision, decision made)`` of the first message of each turn that nobody forced."""
    for result in results:
        for turn, record in zip(result.case.turns, result.records, strict=False):
            probability = record.decision.get("probability")
            if probability is not None and not record.decision.get("forced"):
                yield probability, turn.decision, record.decision.get("value")
