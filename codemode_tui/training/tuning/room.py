"""Whether a training, or a fuse, fits into this machine's memory."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from codemode_tui.engine.api import ModelInfo
from codemode_tui.engine.machine_memory import Machine, machine
from codemode_tui.engine.memory import FLOAT_COPY_BELOW, PROGRAM, gigabytes
from codemode_tui.engine.models import ADAPTER, quantization
from codemode_tui.engine.tuning.batches import padded_length
from codemode_tui.engine.tuning.job import LARGE, Train
from codemode_tui.engine.weights import check_shard
from codemode_tui.errors import EngineError

KEPT = 24
"""Numbers that one block keeps of one token for the way back, in multiples of the model's width (measured: 20)."""
LOGITS = 5
"""Copies of a step's logits that are there together: the model's, those of before, and their gradients."""
TRAINED = 22
"""Bytes for each number of an adapter: itself, its gradient, both moments, and what a step makes of them (measured)."""
COPIES, GPU_COPIES = 18, 7
"""In float32, of the matrix that is being measured or rounded: 18 measured on a CPU, most of them within one operation
that a GPU has a kernel for."""
ROUNDED, ODD_ROUNDED, GPU_ROUNDED = 11, 31, 3
"""Bytes for each number of a matrix of few bits that is only rounded to others: on a CPU, of 2, 4 or 8 bits, and of
other ones (both measured); on a GPU."""
_BLOCK = re.compile(r"\blayers\.(\d+)\..*\bweight$")


def admit(info: ModelInfo, job: Train, longest: int = 0, *, resumed: bool = False, here: Machine | None = None) -> None:
    """Refuse what does not fit.

    Args:
        info: the model.
        job: what is to be done with it.
        longest: bytes of the longest row, which has no more tokens than that; 0 when nobody knows.
        resumed: it goes on with the options that it began with.
        here: this machine.

    Raises:
        EngineError: the arithmetic, and what would help.
    """
    config = json.loads((Path(job.model) / "config.json").read_text("utf-8"))
    config |= config.get("text_config") or {}
    width, blocks, words = (int(config.get(key) or 0) for key in ("hidden_size", "num_hidden_layers", "vocab_size"))
    bits = (info.quantization or {}).get("bits", 32)
    weights = info.bytes * (1 + 32 // bits) if info.bytes < FLOAT_COPY_BELOW else info.bytes
    # Of a large model the activations of a block are worked out again, and only what goes into each is kept.
    kept = KEPT * width * blocks if info.bytes < LARGE else width * (blocks + KEPT)
    # A row that is longer than a batch is a batch of its own.
    row = min(job.max_tokens, longest or job.max_tokens)
    tokens = max(job.batch_tokens, padded_length(row, row))
    parts = {
        "weights": weights,
        "adapter and optimizer": TRAINED * _trainable(job, config, blocks),
        f"a step of {tokens:,} tokens": tokens * 4 * (kept + LOGITS * words),
    }
    options = "fewer --batch-tokens or --layers, and a smaller --max-seq-length or --rank"
    _check(f"training {info.name}", parts, here or machine(), "" if resumed else f"give it {options}")


def admit_fuse(info: ModelInfo, adapter: Path, bits: int, here: Machine | None = None) -> None:
    """Refuse a fuse that does not fit.

    Args:
        info: the adapter, and its base with it.
        adapter: its folder.
        bits: of the new weights.
        here: this machine.

    Raises:
        EngineError: the arithmetic, and what would help.
    """
    here = here or machine()
    assert info.adapter is not None
    shapes = {name: one.shape for name, one in check_shard(adapter / ADAPTER).items()}
    pairs = [(shape, shapes.get(f"{name[:-1]}b", (0,))) for name, shape in shapes.items() if name.endswith(".lora_a")]
    largest = max((math.prod(a[:-2]) * max(a[-2:]) * max(b[-2:]) for a, b in pairs), default=0)
    few = info.quantization or {}
    old = few.get("bits", 16)
    each = GPU_ROUNDED if here.gpu else ROUNDED if old in (2, 4, 8) else ODD_ROUNDED
    # All matrices of the base are rounded, also those that no adapter is for: its words are often the largest.
    scales = (shape for name, shape in _shapes(Path(info.adapter.base_path)).items() if name.endswith(".scales"))
    others = max((math.prod(shape) * few.get("group_size", 0) for shape in scales), default=0)
    parts = {
        "weights": max(info.bytes, info.bytes * (2 * bits + 1) // (2 * old + 1)),  # scales and biases: half a bit
        "working": max(4 * largest * (GPU_COPIES if here.gpu else COPIES), each * others),
    }
    _check(f"fusing {info.name}", parts, here)


def _check(what: str, parts: dict[str, int], here: Machine, options: str = "") -> None:
    total = sum(parts.values()) + PROGRAM
    if total <= here.bytes:
        return
    words = " + ".join(f"{name} {gigabytes(size)}" for name, size in parts.items())
    others = here.wider(total) if here.gpu else "end what else holds memory"
    raise EngineError(
        f"{what} does not fit into memory: {words} + {gigabytes(PROGRAM)} = {gigabytes(total)}, and there are "
        f"{gigabytes(here.bytes)} ({here.source})",
        hint=", or ".join(filter(None, (options, others))) or "take a smaller model, or a machine with more memory",
    )


def _trainable(job: Train, config: dict[str, Any], blocks: int) -> int:
    """Numbers of the adapter: two thin matrices for every matrix of the blocks that it is for, experts' too."""
    group = (quantization(config) or {}).get("group_size", 0)
    shapes = _shapes(Path(job.model))
    first = blocks - job.layers if job.layers > 0 else 0
    total = 0
    for name, shape in shapes.items():
        block = _BLOCK.search(name)
        if block and int(block[1]) >= first and len(shape) > 1:
            scales = shapes.get(f"{name.removesuffix('weight')}scales")
            columns = scales[-1] * group if scales else shape[-1]  # those of few bits lie several in one number
            total += job.rank * math.prod(shape[:-2]) * (shape[-2] + columns)
    return total


def _shapes(model: Path) -> dict[str, tuple[int, ...]]:
    """Of all tensors of a model, as they are stored."""
    shards = map(check_shard, model.glob("model*.safetensors"))
    return {name: one.shape for shard in shards for name, one in shard.items()}
