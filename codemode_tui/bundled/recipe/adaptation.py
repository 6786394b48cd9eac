"""Stages from the float folder to the model that ships: LoRA, fuse, 5 bits."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from codemode_tui.bundled.recipe import leaks, outcomes, wire
from codemode_tui.bundled.recipe.markers import Facts
from codemode_tui.bundled.recipe.rows import Row, rows
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.errors import ModelError

VALID = 64
"""Rows of the skill, with held-out phrasings and names, on which LoRA's loss is watched."""
LEAST_RETAINED = 0.7


def lora(work: Path, settings: Settings) -> Facts:
    """Stage ``lora``: the skill that pre-training never saw, mixed half and half with what it knows."""
    from codemode_tui.bundled.recipe.batches import Encoded
    from codemode_tui.bundled.recipe.lora import train

    tokenizer = wire.load(work / "float" / "tokenizer.json")
    is_free = leaks.free_of(leaks.queries())

    def encoded(source: Iterator[Row], count: int) -> list[Encoded]:
        found = (wire.encode(tokenizer, row) for row in source if is_free(row))
        # An over-long row is left out here, whole: cut off, it might hold no target, and turn all to NaN.
        return list(itertools.islice((pair for pair in found if len(pair[0]) <= 1024), count))

    seed = settings.seed + 1
    mixed = encoded(outcomes.rows(seed), settings.lora_rows) + encoded(rows(seed), settings.lora_rows)
    valid = encoded(outcomes.rows(seed, held=True), min(VALID, settings.lora_rows))
    found = train(work / "float", work / "lora", mixed, valid, settings)
    return {
        "rows": len(mixed),
        "steps": settings.lora_steps,
        "rank": settings.lora_rank,
        "scale": settings.lora_scale,
        "valid_loss_before": found["before"],
        "valid_loss_after": found["after"],
        "mlx_lm": version("mlx-lm"),
    }


def fuse(work: Path, settings: Settings) -> Facts:
    """Stage ``fuse``: the adapter into the float weights. Into 5-bit weights most of it would be rounded away.

    Of the change that the adapter is, ``lora_kept`` goes in: its noise costs what pre-training learnt, and grows with it.
    """
    out, config = work / "fused", work / "lora" / "adapter_config.json"
    told = json.loads(config.read_text("utf-8"))
    told["lora_parameters"]["scale"] = settings.lora_scale * settings.lora_kept
    config.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(work / "said", ignore_errors=True)  # measurements of other weights
    paths = ["--model", str(work / "float"), "--adapter-path", str(work / "lora"), "--save-path", str(out)]
    done = subprocess.run([sys.executable, "-m", "mlx_lm", "fuse", *paths], capture_output=True, text=True)
    if done.returncode:
        raise ModelError(f"mlx_lm fuse failed: {done.stderr.strip()[-400:]}", hint="look at the adapter")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"):
        shutil.copyfile(work / "float" / name, out / name)  # as we made them, not as transformers writes them anew
    return {}


def quantise(work: Path, settings: Settings) -> Facts:
    """Stage ``quantise``: 5 bits, groups of 64; refused when the adapter got lost in the rounding.

    Raises:
        ModelError: of some layer, less than ``LEAST_RETAINED`` of a delta large enough to be measured is left.
    """
    from codemode_tui.bundled.recipe import export
    from codemode_tui.engine.tuning.fusing import lost_layers

    out = export.quantise(work / "fused", work / "model")
    shutil.copyfile(work / "tok" / "tokenizer.json", out / "tokenizer.json")
    (out / "model.safetensors.index.json").unlink(missing_ok=True)  # one shard needs no index
    layers = retained(work)
    lost = lost_layers(layers, LEAST_RETAINED)
    if lost:
        raise ModelError(f"5 bits lose what LoRA changed: {lost}", hint="train LoRA longer or quantise finer")
    return {
        "bytes": sum(file.stat().st_size for file in out.iterdir()),
        "retention": {
            name: {"delta_share": round(delta, 4), "kept": round(kept, 3)} for name, (delta, kept) in layers.items()
        },
    }


def retained(work: Path) -> dict[str, tuple[float, float]]:
    """How large LoRA's change is, as a share of the weights it changes, and how much of it 5 bits keep, for each layer."""
    from mlx_lm.tuner.utils import load_adapters
    from mlx_lm.utils import load_model

    from codemode_tui.engine.tuning import fusing

    model, _ = load_model(work / "float")
    return fusing.retained(load_adapters(model, str(work / "lora")), 5, 64)
