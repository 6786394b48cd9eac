"""More training of a model that is finished: its 5-bit folder as the start, and what it says of how it came about."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemode_tui.bundled.recipe import provenance
from codemode_tui.bundled.recipe.provenance import TRAINING
from codemode_tui.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json")
SHAPE = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
         "num_key_value_heads", "head_dim", "rope_theta", "rms_norm_eps")  # fmt: skip


def restore(model: Path, work: Path) -> None:
    """Leave in ``work`` what the stage ``talk`` starts from: ``tok/``, ``copy.pt`` and ``training.json``.

    Args:
        model: a folder that this recipe made.
        work: a work folder; one in which the same was restored before is left as it is.

    Raises:
        ModelError: the folder is not one of this recipe's, or the work folder holds other work.
    """
    missing = [
        name for name in (TRAINING, "config.json", "model.safetensors", *TOKENIZER) if not (model / name).is_file()
    ]
    if missing:
        raise ModelError(f"{model} has no {missing[0]}", hint="only a model that this recipe made can be trained on")
    provenance.read(model)  # what is damaged is said now, not after hours
    if (work / TRAINING).exists() and (work / TRAINING).read_bytes() == (model / TRAINING).read_bytes():
        return
    if any((work / name).exists() for name in (TRAINING, "copy.jsonl", "talk.pt")):
        raise ModelError(f"{work} holds other work", hint="name another folder with --work")
    import torch
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    from codemode_tui.bundled.recipe.network import Shape

    try:
        config = json.loads((model / "config.json").read_text("utf-8"))
        weights = exact(load_file(model / "model.safetensors"), **_quantised(config))
        shape = Shape(**{name: config[name] for name in SHAPE})
    except (SafetensorError, ValueError, KeyError, OSError) as error:
        raise ModelError(f"{model} is damaged: {error}", hint="take the model whole again") from error
    state = {name: torch.from_numpy(weight) for name, weight in weights.items()}
    try:
        (work / "tok").mkdir(parents=True, exist_ok=True)
        for name in TOKENIZER:
            shutil.copyfile(model / name, work / "tok" / name)
        torch.save({"shape": shape.config(), "step": 0, "ids": 0, "weights": state}, work / "copy.pt")
        shutil.copyfile(model / TRAINING, work / TRAINING)  # last: it says that the rest is whole
    except (OSError, RuntimeError) as error:  # torch says RuntimeError where there is no room
        raise ModelError(f"{work} cannot be written: {error}", hint="make room, or name another --work") from error


def _quantised(config: dict[str, Any]) -> dict[str, int]:
    found = config.get("quantization") or {}
    return {"bits": int(found.get("bits", 5)), "group": int(found.get("group_size", 64))}


def exact(arrays: dict[str, npt.NDArray[Any]], *, bits: int, group: int) -> dict[str, npt.NDArray[np.float32]]:
    """Matrices multiplied out, as mlx's affine quantisation defines them; all else as it is."""
    import numpy as np

    found = {}
    for name, array in arrays.items():
        layer, _, part = name.rpartition(".")
        if part in ("scales", "biases"):
            continue
        if f"{layer}.scales" in arrays:
            scales, biases = arrays[f"{layer}.scales"], arrays[f"{layer}.biases"]
            values = unpacked(array, bits).reshape(*scales.shape, group)
            array = (values * scales[..., None] + biases[..., None]).reshape(array.shape[0], -1)
        found[name] = np.ascontiguousarray(array, dtype=np.float32)
    return found


def unpacked(packed: npt.NDArray[np.uint32], bits: int) -> npt.NDArray[np.float32]:
    """The numbers of ``bits`` bits that lie one after the other, lowest bit first, in each row of ``packed``."""
    import numpy as np

    flags = np.unpackbits(np.ascontiguousarray(packed).view(np.uint8), axis=-1, bitorder="little")
    powers = (1 << np.arange(bits)).astype(np.float32)
    return (flags.reshape(packed.shape[0], -1, bits) @ powers).astype(np.float32)
