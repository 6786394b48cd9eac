"""From a training checkpoint to a folder that mlx-lm loads, and on to 5 bits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from codemode_tui.bundled.recipe.batches import LENGTHS


def export(
    checkpoint: Path, tokenizer_folder: Path, out: Path, *, mixed_with: Path | None = None, share: float = 0.0
) -> Path:
    """Write the float32 model of ``checkpoint`` (the mean of its weights, if it has one) as a model folder.

    Args:
        checkpoint: what pre-training left.
        tokenizer_folder: its tokenizer and template.
        out: the folder to write.
        mixed_with: another checkpoint, of which ``share`` goes into the weights: the mean of two states of one run
            is often better than either, as their noise is not the same.
        share: 0 is ``checkpoint`` alone.
    """
    import torch
    from safetensors.torch import save_file

    saved = torch.load(checkpoint, map_location="cpu", weights_only=False)
    out.mkdir(parents=True, exist_ok=True)
    # No more room than conversations had in training: beyond, it would write nonsense; as it is, the oldest turn goes.
    config = {**saved["shape"], "max_position_embeddings": LENGTHS[-1], "eos_token_id": [2, 0]}
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    weights = {name: tensor.contiguous().float() for name, tensor in (saved.get("mean") or saved["weights"]).items()}
    if mixed_with is not None and share:
        others = torch.load(mixed_with, map_location="cpu", weights_only=False)["weights"]
        weights = {name: tensor.lerp(others[name].float(), share) for name, tensor in weights.items()}
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"):
        shutil.copy(tokenizer_folder / name, out / name)
    return out


def quantise(model: Path, out: Path) -> Path:
    """Convert a float folder to 5 bits, group size 64, with float32 scales (bfloat16 is slow on a CPU)."""
    from mlx_lm.convert import convert

    if out.exists():
        shutil.rmtree(out)
    convert(str(model), str(out), quantize=True, q_bits=5, q_group_size=64, dtype="float32")
    (out / "codemode.json").write_text(json.dumps({"name": "codemode-bundled", "profile": "bundled"}, indent=2) + "\n")
    return out
