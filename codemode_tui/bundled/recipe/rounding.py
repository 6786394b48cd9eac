"""Training against the rounding to come: weights as 5 bits will leave them, gradients for the weights themselves.

The straight-through estimator: forward and backward see rounded weights, the optimizer changes the exact ones. What
the rounding costs is so learnt away. It is mlx's affine quantisation, number for number (``mx.quantize``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn

GROUP, BITS = 64, 5


def rounded(weights: Tensor, bits: int = BITS) -> Tensor:
    """``weights`` of any shape, taken in groups of 64 along their last dimension, as quantisation would leave them."""
    groups = weights.reshape(-1, GROUP)
    low, high = groups.amin(1, keepdim=True), groups.amax(1, keepdim=True)
    bins = 2**bits - 1
    down = low.abs() > high.abs()
    scale = ((high - low) / bins).clamp(min=1e-7)
    scale = torch.where(down, scale, -scale)
    edge = torch.where(down, low, high)
    steps = (edge / scale).round()
    scale = torch.where(steps == 0, scale, edge / steps)
    bias = torch.where(steps == 0, torch.zeros_like(edge), edge)
    return (((groups - bias) / scale).round().clamp(0, bins) * scale + bias).reshape(weights.shape)


@contextlib.contextmanager
def rounding(network: nn.Module, *, on: bool) -> Iterator[None]:
    """Within the block every matrix of ``network`` is rounded; afterwards it is exact again."""
    matrices = [p for p in network.parameters() if p.dim() == 2] if on else []
    exact = [p.detach().clone() for p in matrices]
    with torch.no_grad():
        if on:
            flat = rounded(torch.cat([p.reshape(-1) for p in matrices]))
            sizes = [p.numel() for p in matrices]
            parts = [part.view_as(p) for part, p in zip(flat.split(sizes), matrices, strict=True)]
            torch._foreach_copy_(matrices, parts)
    yield
    with torch.no_grad():
        if on:
            torch._foreach_copy_(matrices, exact)
