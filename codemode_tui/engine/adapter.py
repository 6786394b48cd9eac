"""Put an adapter's layers around a loaded model's. Runs where mlx does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_flatten, tree_unflatten
from mlx_lm.tuner.utils import load_adapters

from codemode_tui.engine.models import ADAPTER
from codemode_tui.errors import ModelError


def adapt(model: Any, folder: Path) -> str:  # noqa: ANN401 - mlx-lm is not typed
    """Load the adapter in ``folder`` into ``model``, and say how it runs.

    Float weights take it in, which costs nothing later. Into quantised ones most of it would be rounded away, and into
    bfloat16 whatever is below a 256th of the weight that it changes: its layers stay beside them.

    Raises:
        ModelError: it belongs to another model, or is not finite.
    """
    weights: Any = mx.load(str(folder / ADAPTER))
    try:
        load_adapters(model, str(folder))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"the adapter {folder} does not fit this model ({error})", hint="train it again with `codemode train`"
        ) from error
    layers = {name for name, _ in tree_flatten(model.parameters()) if name.rsplit(".", 1)[-1] in ("lora_a", "lora_b")}
    if layers != set(weights):
        raise ModelError(f"the adapter {folder} is not whole", hint="train it again with `codemode train`")
    if not all(bool(mx.isfinite(one).all()) for one in weights.values()):
        raise ModelError(f"the adapter {folder} is not finite", hint="train it again: a row had nothing to learn")
    coarse = any(array.dtype in (mx.uint32, mx.bfloat16) for _, array in tree_flatten(model.parameters()))
    if not coarse:
        fused = [(name, module.fuse()) for name, module in model.named_modules() if hasattr(module, "fuse")]
        model.update_modules(tree_unflatten(fused))
    model.eval()
    mx.eval(model.parameters())
    return "adapter beside the weights" if coarse else "adapter in the float copy"
