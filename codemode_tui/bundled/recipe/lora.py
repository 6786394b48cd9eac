"""LoRA on the float model: the product's own training loop, on conversations of a new skill and of the old ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlx_lm.utils import load_model

from codemode_tui.bundled.recipe.batches import LENGTHS, Encoded
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.engine.tuning.job import Event, Stepped, Train, Validated
from codemode_tui.engine.tuning.loop import Run, add_layers, write_arrays
from codemode_tui.errors import ModelError


def train(
    base: Path, out: Path, rows: Sequence[Encoded], valid: Sequence[Encoded], settings: Settings
) -> dict[str, float]:
    """Train an adapter on ``base`` (a float folder) and write it to ``out``.

    Returns:
        ``{"before", "after"}``: mean loss on ``valid`` in nats a token.

    Raises:
        EngineError: the loss is not a number.
        ModelError: the adapter changed nothing.
    """
    job = Train(
        model=str(base), iters=settings.lora_steps, learning_rate=settings.lora_rate, rank=settings.lora_rank,
        scale=settings.lora_scale, layers=-1, batch_tokens=settings.lora_batch * LENGTHS[0], max_tokens=LENGTHS[-1],
        base_share=0.0, seed=settings.seed,
    )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    (out / "checkpoint.safetensors").unlink(missing_ok=True)
    model: Any
    model, *_ = load_model(base)
    config = add_layers(model, job)
    (out / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")
    losses: list[float] = []

    def tell(event: Event) -> None:
        line: dict[str, float] = {}
        if isinstance(event, Validated):
            losses.append(event.loss)
            line = {"step": event.step, "valid": event.loss}
        elif isinstance(event, Stepped):
            line = {"step": event.step, "loss": event.loss}
        with (out / "lora.jsonl").open("a") as stream:
            stream.write(json.dumps(line) + "\n")
        print("lora", line, file=sys.stderr, flush=True)

    (out / "lora.jsonl").write_text("")
    run = Run(model, job, out / "checkpoint.safetensors", tell)
    run.train([rows], valid, lambda: False)
    weights = run.weights()
    if not any(bool((value != 0).any()) for name, value in weights.items() if name.endswith("lora_b")):
        raise ModelError("the adapter changed nothing", hint="give it more steps or a higher learning rate")
    write_arrays(out / "adapters.safetensors", weights)
    return {"before": round(losses[0], 4), "after": round(losses[-1], 4)}
