"""Adapters of the bundled model, made without training: of random layers, of a size that one can choose."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from codemode_tui import locations
from codemode_tui.engine.models import find_model, inspect

RANK = 2


def make_adapter(folder: Path, *, size: float = 0.0, base: str = "bundled", fill: float | None = None) -> Path:
    """An adapter that changes what the last layer attends to. ``size`` 0: nothing; ``fill`` sets every weight."""
    config = json.loads((locations.bundled_model() / "config.json").read_text())
    wide = config["num_attention_heads"] * config["head_dim"]
    last = f"model.layers.{config['num_hidden_layers'] - 1}.self_attn.o_proj"
    random = np.random.default_rng(1)
    one = random.standard_normal((wide, RANK)).astype(np.float32)
    other = (size * random.standard_normal((RANK, config["hidden_size"]))).astype(np.float32)
    if fill is not None:
        other[:] = fill
    folder.mkdir(parents=True)
    save_file({f"{last}.lora_a": one, f"{last}.lora_b": other}, folder / "adapters.safetensors")
    layers = {"rank": RANK, "scale": 1.0, "dropout": 0.0, "keys": ["self_attn.o_proj"]}
    table = {"fine_tune_type": "lora", "num_layers": 1, "lora_parameters": layers}
    (folder / "adapter_config.json").write_text(json.dumps(table))
    marker = {"name": folder.name, "profile": "bundled", "base": base}
    marker["base_sha256"] = inspect(find_model(base)).weights_sha256
    (folder / "codemode.json").write_text(json.dumps(marker))
    return folder
