"""The curve of the proof, as a table and as a picture."""

from __future__ import annotations

from typing import Any

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 360, 60, 24, 60
ARMS = {"corrected": ("corrections of this weakness", "#1a7f64"), "random": ("random examples", "#b3541e")}


def markdown(found: dict[str, Any]) -> str:
    """A table: a row for each point."""
    total, before = found["unseen"], found["before"]
    rows = [
        f"| 0 | {_share(before['passed'], total)} | {_share(before['code_right'], total)} | "
        f"{_share(before['passed'], total)} | – |"
    ]
    for point in found["points"]:
        one, other = point["corrected"], point.get("random")
        rows.append(
            f"| {point['corrections']} | {_share(one['passed'], total)} | {_share(one['code_right'], total)} | "
            f"{_share(other['passed'], total) if other else '–'} | {one['seconds']:.0f} s |"
        )
    text = [
        f"Of {total} questions that nobody corrected, answered rightly (code and answer):",
        "",
        "| examples | corrections | only the code | random examples | training |",
        "|---|---|---|---|---|",
        *rows,
    ]
    if "gate" in found:
        gate, suite, asked = found["gate"], found["gate"]["counts"]["suite"], found["gate"]["counts"]["feedback"]
        text += [
            "",
            f"Gate: built-in suite {suite['old']} → {suite['new']} of {suite['total']}, corrected turns {asked['old']} "
            f"→ {asked['new']} of {asked['total']}; {gate['fixed']} fixed, {len(gate['broken'])} newly broken"
            f" ({gate['allow_broken']} allowed): {'passed' if gate['passed'] else 'failed'}.",
        ]
    return "\n".join(text) + "\n"


def picture(found: dict[str, Any]) -> str:
    """The curve as SVG: share of unseen questions answered rightly over the number of examples."""
    total = found["unseen"]
    most = max(point["corrections"] for point in found["points"])

    def at(count: int, passed: int) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - 24) * count / most
        return x, TOP + (HEIGHT - TOP - BOTTOM) * (1 - passed / total)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="13"'
        ' font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for share in (0, 25, 50, 75, 100):
        _, y = at(0, round(total * share / 100))
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - 24}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{share} %</text>')
    for count in (0, *(point["corrections"] for point in found["points"])):
        x, y = at(count, 0)
        parts.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle" fill="#555">{count}</text>')
    for row, (name, (label, colour)) in enumerate(ARMS.items()):
        dots = [at(0, found["before"]["passed"])]
        dots += [at(point["corrections"], point[name]["passed"]) for point in found["points"] if name in point]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in dots]
        x = LEFT + 8 + 260 * row
        parts.append(f'<circle cx="{x}" cy="{HEIGHT - 14}" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{x + 12}" y="{HEIGHT - 10}" fill="#222">{label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)"
