"""Columns of text, and a model in one line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemode_tui.engine.api import ModelInfo


def columns(rows: Sequence[Sequence[str]], left: Collection[int] = (0,)) -> Iterator[str]:
    """Columns as wide as their widest cell: those at ``left`` to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = enumerate(zip(row, widths, strict=True))
        yield "  ".join(cell.ljust(wide) if at in left else cell.rjust(wide) for at, (cell, wide) in cells).rstrip()


def named(lines: Sequence[tuple[str, str]]) -> str:
    """A name and what it is, line by line."""
    return "\n".join(columns(lines, left=(0, 1)))


def counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in counts.items())


def model_line(model: ModelInfo) -> str:
    """Which model it is: its weights on disk, or where it is served."""
    if model.engine == "openai":
        return f"{model.name} (at {model.path}, profile {model.profile})"
    bits = (model.quantization or {}).get("bits")
    parts = [f"{bits}-bit" if bits else "float", f"{model.bytes / 1e6:,.1f} MB", f"profile {model.profile}"]
    parts += [
        f"weights {model.weights_sha256[:12]}",
        *([f"an adapter on {model.adapter.base}"] if model.adapter else []),
    ]
    return f"{model.name} ({', '.join(parts)})"
