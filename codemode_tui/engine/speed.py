"""What makes a model quick on this machine, in words: the GPU, a fast BLAS, a float copy of a small model."""

from __future__ import annotations

import sys
from typing import NamedTuple

from codemode_tui.engine.memory import FLOAT_COPY_BELOW
from codemode_tui.engine.spawning import openblas

INSTALL = "install OpenBLAS: apt install libopenblas0-pthread, or dnf install openblas"


class Speed(NamedTuple):
    words: str
    fix: str = ""
    """How it would be quicker; empty where nothing is missing."""


def how_it_runs(weights: int, quantised: bool, *, system: str = sys.platform, blas: str | None = None) -> Speed:
    """How a model would be computed here.

    Args:
        weights: bytes on disk.
        quantised: its weights are.
        system: as ``sys.platform`` has it.
        blas: path of OpenBLAS; None looks for it.
    """
    if system == "darwin":
        return Speed("on the GPU (Metal)")
    copied = ", with a float copy of its weights in memory" if quantised and weights < FLOAT_COPY_BELOW else ""
    found = openblas() if blas is None else blas
    if found:
        return Speed(f"on the processor, with OpenBLAS ({found.rpartition('/')[2]}){copied}")
    return Speed(f"on the processor, with the slow BLAS that mlx brings along{copied}", INSTALL)
