"""LoRA on the float model with mlx-lm's own trainer; loss on the assistant's tokens only."""

from __future__ import annotations

import contextlib
import io
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
from mlx.utils import tree_flatten
from mlx_lm.tuner.callbacks import TrainingCallback
from mlx_lm.tuner.trainer import TrainingArgs
from mlx_lm.tuner.trainer import train as run_trainer
from mlx_lm.tuner.utils import linear_to_lora_layers
from mlx_lm.utils import load

from codemode_tui.bundled.recipe.batches import LENGTHS, Encoded, padded
from codemode_tui.bundled.recipe.copying import IGNORED
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.errors import ModelError

BUCKETS = (192, 320, LENGTHS[0], LENGTHS[-1])
"""Lengths of batches: one conversation a row here."""


def train(base: Path, out: Path, rows: list[Encoded], valid: list[Encoded], settings: Settings) -> dict[str, float]:
    """Train an adapter on ``base`` (a float folder) and write it to ``out``.

    Returns:
        ``{"before", "after"}``: mean loss on ``valid`` in nats a token.

    Raises:
        ValueError: a row does not fit into the longest batch.
        ModelError: the adapter is not finite, or changed nothing.
    """
    mx.random.seed(settings.seed)
    model, *_ = load(str(base))
    model.freeze()
    parameters = {"rank": settings.lora_rank, "scale": settings.lora_scale, "dropout": 0.0}
    linear_to_lora_layers(model, len(model.layers), parameters)
    out.mkdir(parents=True, exist_ok=True)
    config = {"fine_tune_type": "lora", "num_layers": len(model.layers), "lora_parameters": parameters}
    (out / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")
    arguments = TrainingArgs(
        batch_size=settings.lora_batch,
        iters=settings.lora_steps,
        val_batches=-1,
        steps_per_report=max(1, min(10, settings.lora_steps // 3)),
        steps_per_eval=max(1, settings.lora_steps // 4),
        steps_per_save=settings.lora_steps,
        max_seq_length=LENGTHS[-1],
        adapter_file=str(out / "adapters.safetensors"),
    )
    curve = Curve(out / "lora.jsonl")
    optimizer = optim.AdamW(learning_rate=optim.cosine_decay(settings.lora_rate, settings.lora_steps))
    with contextlib.redirect_stdout(io.StringIO()):  # boxes and bars; the curve prints lines instead
        run_trainer(
            model=model,
            optimizer=optimizer,
            train_dataset=rows,
            val_dataset=valid,
            args=arguments,
            loss=loss,
            iterate_batches=batches,
            training_callback=curve,
        )
    values = [value for name, value in tree_flatten(model.trainable_parameters()) if name.endswith("lora_b")]
    if not all(bool(mx.isfinite(value).all()) for value in values):
        raise ModelError("the adapter is not finite", hint="look for rows without any assistant token")
    if not any(bool((value != 0).any()) for value in values):
        raise ModelError("the adapter changed nothing", hint="give it more steps or a higher learning rate")
    return {"before": round(curve.valid[0], 4), "after": round(curve.valid[-1], 4)}


def loss(model: nn.Module, ids: mx.array, targets: mx.array) -> tuple[mx.array, mx.array]:
    """Mean cross entropy over targets that are not ``IGNORED``, and how many those are."""
    mask = targets != IGNORED
    entropy = nn.losses.cross_entropy(model(ids), mx.where(mask, targets, 0)) * mask
    count = mask.sum()
    return entropy.astype(mx.float32).sum() / count, count


def batches(
    dataset: list[Encoded],
    batch_size: int,
    max_seq_length: int,
    loop: bool = False,
    seed: int | None = None,
    comm_group: object = None,
) -> Iterator[tuple[mx.array, mx.array]]:
    """``(ids, targets)``, rows of like length together, none cut. The signature is the trainer's."""
    by_length: dict[int, list[Encoded]] = {length: [] for length in BUCKETS if length <= max_seq_length}
    for row in dataset:
        fitting = next((length for length in by_length if len(row[0]) <= length), max_seq_length)
        by_length[fitting].append(row)
    shuffle = random.Random(seed or 0)
    while True:
        made = []
        for length, rows in by_length.items():
            shuffle.shuffle(rows)
            made += [padded(rows[at : at + batch_size], length) for at in range(0, len(rows), batch_size)]
        shuffle.shuffle(made)
        for ids, targets in made:
            yield mx.array(ids), mx.array(targets)
        if not loop:
            return


class Curve(TrainingCallback):  # type: ignore[misc] # mlx-lm is not typed
    """Writes reports as lines and keeps the losses on the validation rows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.valid: list[float] = []
        path.write_text("")

    def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
        self._write({"step": train_info["iteration"], "loss": round(train_info["train_loss"], 4)})

    def on_val_loss_report(self, val_info: dict[str, Any]) -> None:
        self.valid.append(float(val_info["val_loss"]))
        self._write({"step": val_info["iteration"], "valid": round(self.valid[-1], 4)})

    def _write(self, line: dict[str, float]) -> None:
        with self.path.open("a") as stream:
            stream.write(json.dumps(line) + "\n")
        print("lora", line, file=sys.stderr, flush=True)
