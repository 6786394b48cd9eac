"""The loss of all phases as one small SVG, readable on light and on dark ground."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 260, 44, 26, 30
NARROWEST = 0.2
"""Share of the width below which the words under a panel would not fit."""
POINTS = 160
"""At most so many points a phase; a curve needs no more."""


class Phase(NamedTuple):
    """One phase of training: ``(step, loss)`` in order."""

    title: str
    color: str
    points: list[tuple[int, float]]


def read(path: Path, key: str = "loss") -> list[tuple[int, float]]:
    """``(step, loss)`` of a curve file. Of a step that was trained twice, after a stop, the last one counts."""
    return sorted({int(row["step"]): float(row[key]) for row in lines(path) if key in row}.items())


def lines(path: Path) -> list[dict[str, Any]]:
    """What a curve file says, line by line. A line that was torn, when writing it was stopped, is left out."""
    found = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def add(path: Path, line: dict[str, Any]) -> None:
    """Write one line more; a torn one before it stays alone."""
    torn = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a") as stream:
        stream.write("\n" * torn + json.dumps(line) + "\n")


def draw(phases: list[Phase]) -> str:
    """Panels side by side, as wide as the square root of their steps, over one logarithmic axis of loss."""
    shown = [phase for phase in phases if phase.points]
    values = [loss for phase in shown for _, loss in phase.points if loss > 0] or [1.0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    bottom, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP

    def height(loss: float) -> float:
        return bottom - room * (math.log10(max(loss, 10**low)) - low) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="11" fill="#808080">',
        "<title>Training loss in nats a token, by step</title>",
    ]
    for power in range(low, high + 1):
        for part in (1, 3):
            value = part * 10.0**power
            if not 10.0**low <= value <= 10.0**high:
                continue
            y = height(value)
            parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - 4}" stroke="#808080" stroke-opacity=".25"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    shares = [math.sqrt(phase.points[-1][0]) for phase in shown]
    shares = [max(share, NARROWEST * sum(shares)) for share in shares]
    at = float(LEFT)
    for phase, share in zip(shown, shares, strict=True):
        last = phase.points[-1][0]
        wide = (WIDTH - 4 - LEFT) * share / sum(shares)
        points = thinned(phase.points)
        line = " ".join(f"{at + wide * step / last:.1f},{height(loss):.1f}" for step, loss in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{phase.color}" stroke-width="1.6"/>')
        parts.append(f'<text x="{at + wide / 2:.1f}" y="15" text-anchor="middle">{phase.title}</text>')
        end = f"{last:,} steps, {phase.points[-1][1]:.3g}"
        parts.append(f'<text x="{at + wide - 4:.1f}" y="{HEIGHT - 10}" text-anchor="end">{end}</text>')
        at += wide
        parts.append(f'<path d="M{at:.1f} {TOP}V{bottom}" stroke="#808080" stroke-opacity=".4"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most ``POINTS`` of them and the last."""
    stride = max(1, math.ceil(len(points) / POINTS))
    kept = points[::stride]
    return kept if kept[-1] == points[-1] else [*kept, points[-1]]
