"""In which numbers a machine multiplies fastest."""

from __future__ import annotations

import torch


def quick(device: str) -> torch.dtype:
    """What products are best taken in on ``device`` ("cpu", "cuda").

    A CPU without instructions for bfloat16 takes such products seven times as slowly as those of float32.
    """
    if device != "cpu" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported():
        return torch.bfloat16
    return torch.float32
