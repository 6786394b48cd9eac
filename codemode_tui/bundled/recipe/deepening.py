"""More layers for a network that has learnt already, without unlearning anything.

A copied block whose outputs are zero passes everything on unchanged, so the deeper network starts out as the
shallow one. The shallow one learns to copy and to write calls in steps that cost two thirds of a deep step.
(The idea: LLaMA Pro, arXiv 2401.02415.)
"""

from __future__ import annotations

import re

import torch
from torch import Tensor

_BLOCK = re.compile(r"model\.layers\.(\d+)\.(.+)")
_OUTPUTS = ("self_attn.o_proj.weight", "mlp.down_proj.weight")


def depth(weights: dict[str, Tensor]) -> int:
    """How many blocks there are in ``weights``."""
    return 1 + max(int(found[1]) for name in weights if (found := _BLOCK.fullmatch(name)))


def deepened(weights: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    """``weights`` of a network with ``layers`` blocks that computes the same.

    Raises:
        ValueError: it has more blocks already, or would get more than twice as many.
    """
    had = depth(weights)
    if not had <= layers <= 2 * had:
        raise ValueError(f"{had} layers cannot become {layers}")
    plan = _plan(had, layers)
    made = {name: tensor for name, tensor in weights.items() if not _BLOCK.fullmatch(name)}
    for at, (source, new) in enumerate(plan):
        prefix = f"model.layers.{source}."
        for name in (name for name in weights if name.startswith(prefix)):
            part = name.removeprefix(prefix)
            silent = new and part in _OUTPUTS
            made[f"model.layers.{at}.{part}"] = torch.zeros_like(weights[name]) if silent else weights[name].clone()
    return made


def _plan(had: int, layers: int) -> list[tuple[int, bool]]:
    """For each new block, the old one that it comes from and whether it is a silent copy; copies in the middle."""
    first = (had - (layers - had)) // 2
    copied = range(first, first + layers - had)
    return [pair for old in range(had) for pair in ([(old, False), (old, True)] if old in copied else [(old, False)])]
