"""Whether a training fits into this machine's memory."""

from __future__ import annotations

import json
from pathlib import Path

from codemode_tui.engine.api import ModelInfo
from codemode_tui.engine.machine_memory import Machine, machine
from codemode_tui.engine.memory import FLOAT_COPY_BELOW, PROGRAM, gigabytes
from codemode_tui.engine.tuning.batches import padded_length
from codemode_tui.engine.tuning.job import LARGE, Train
from codemode_tui.errors import EngineError

KEPT = 24
"""Numbers that one block keeps of one token for the way back, in multiples of the model's width (measured: 20)."""
LOGITS = 5
"""Copies of a step's logits that are there together: the model's, those of before, and their gradients."""


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
    width, blocks, words = (int(config.get(key) or 0) for key in ("hidden_size", "num_hidden_layers", "vocab_size"))
    bits = (info.quantization or {}).get("bits", 32)
    weights = info.bytes * (1 + 32 // bits) if info.bytes < FLOAT_COPY_BELOW else info.bytes
    # Of a large model the activations of a block are worked out again, and only what goes into each is kept.
    kept = KEPT * width * blocks if info.bytes < LARGE else width * (blocks + KEPT)
    # A row that is longer than a batch is a batch of its own.
    row = min(job.max_tokens, longest or job.max_tokens)
    tokens = max(job.batch_tokens, padded_length(row, row))
    step = tokens * 4 * (kept + LOGITS * words)
    here = here or machine()
    if (total := weights + step + PROGRAM) > here.bytes:
        fewer = "" if resumed else "give it fewer --batch-tokens and a smaller --max-seq-length, or "
        raise EngineError(
            f"training {info.name} does not fit into memory: weights {gigabytes(weights)} + a step of "
            f"{tokens:,} tokens {gigabytes(step)} + {gigabytes(PROGRAM)} = {gigabytes(total)}, and there are "
            f"{gigabytes(here.bytes)} ({here.source})",
            hint=f"{fewer}end what else holds memory",
        )
