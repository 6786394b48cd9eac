"""Bars for a terminal: of blocks where it can show them, of ``#`` elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

WIDTH = 30
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bars(counts: Mapping[str, int], width: int = WIDTH) -> Iterator[str]:
    """A line for each name: its bar, its share of all and its count, the largest first as they come."""
    whole = sum(counts.values())
    wide = max(map(len, counts), default=0)
    for name, count in counts.items():
        share = count / whole if whole else 0.0
        yield f"{name:<{wide}}  {bar(share, width)}  {share:>4.0%}  {count:>{len(f'{whole:,}')},}"


def bar(share: float, width: int = WIDTH) -> str:
    """``share`` (0 to 1) of ``width`` cells, padded; what is more than nothing shows something."""
    share = min(max(share, 0.0), 1.0)
    if not _blocks():
        return ("#" * (round(share * width) or int(share > 0))).ljust(width)
    eighths = round(share * width * 8) or int(share > 0)
    full, rest = divmod(eighths, 8)
    return ("█" * full + _EIGHTHS[rest] * (rest > 0)).ljust(width)


def scaled(values: Sequence[float | None]) -> list[float]:
    """Shares of the largest one; nothing for what is missing."""
    most = max((value for value in values if value is not None), default=0.0)
    return [(value or 0.0) / most if most else 0.0 for value in values]


def _blocks() -> bool:
    encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "")
    return encoding.startswith("utf")
