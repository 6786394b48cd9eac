"""The child that measures a model on rows: ``python -m codemode_tui.corpus.predicting MODEL ADAPTER LIMIT FILE``.

A row is read as mlx-lm's trainer reads it, loss on every token, cut off at ``LIMIT`` tokens. Prints a line of JSON
for each readable row, in order: ``[summed loss in nats, predicted tokens, tokens of the row]``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
from mlx.utils import tree_flatten
from mlx_lm.utils import dequantize_model

from codemode_tui.corpus.rows import Row, read_rows
from codemode_tui.corpus.tokenizing import encoder
from codemode_tui.engine.adapter import adapt
from codemode_tui.engine.generation import wants_float_copy
from codemode_tui.engine.lean import load_model

PIECE = 512
"""Tokens whose logits are in memory at a time."""


def main(folder: str, adapter: str, limit: int, file: str) -> None:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not get into the result
    encode = encoder(Path(folder))
    model, _ = load_model(Path(folder))
    if wants_float_copy([array for _, array in tree_flatten(model.parameters())]):
        model = dequantize_model(model)
    if adapter:
        adapt(model, Path(adapter))
    model.eval()
    for row in read_rows([Path(file)]):
        if row is not None:
            out.write(json.dumps(measured(model, row, encode(row), limit)) + "\n")
            out.flush()


def measured(model: Any, row: Row, ids: list[int], limit: int) -> tuple[float, int, int]:  # noqa: ANN401 - mlx-lm
    """Summed loss, predicted tokens and whole length of one row."""
    read = ids[:limit]
    if len(read) < 2:
        return 0.0, 0, len(ids)
    inputs, targets = mx.array([read[:-1]]), mx.array(read[1:])
    cache = None
    total = 0.0
    if len(read) > PIECE:
        from mlx_lm.models.cache import make_prompt_cache

        cache = make_prompt_cache(model)
    for at in range(0, len(read) - 1, PIECE):
        piece = inputs[:, at : at + PIECE]
        logits = model(piece, cache=cache) if cache is not None else model(piece)
        losses = nn.losses.cross_entropy(logits[0].astype(mx.float32), targets[at : at + PIECE])
        total += float(losses.sum().item())
    return total, len(read) - 1, len(ids)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
