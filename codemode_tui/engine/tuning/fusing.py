"""An adapter into the weights of its base, and those into few bits: refused where the rounding loses it."""

from __future__ import annotations

import copy
import json
import math
import shutil
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
from mlx.utils import tree_flatten, tree_unflatten
from mlx_lm.tuner.utils import load_adapters
from mlx_lm.utils import dequantize_model, quantize_model, save_model

from codemode_tui.engine.lean import load_model
from codemode_tui.engine.tuning.job import Ended, Event, Fuse, Fused
from codemode_tui.engine.weights import check_shards
from codemode_tui.errors import CodemodeError, ModelError

SMALLEST_DELTA = 0.005
"""Below this share of the weights' size a change drowns in rounding, and what is kept of one block says nothing."""
COPIED = (
    "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "chat_template.json", "generation_config.json",
    "vocab.json", "merges.txt", "special_tokens_map.json", "added_tokens.json",
)  # fmt: skip
"""As they are, not as a library would write them anew."""


class Lost(CodemodeError):
    """The rounding would lose what was trained."""

    exit_code = 8


def fuse(job: Fuse, out: Path, tell: Callable[[Event], None], stopped: Callable[[], bool]) -> None:
    """A whole model in ``out``.

    Raises:
        Lost: of some block, less than ``job.least_retained`` of its change is left, or so much that it is noise.
        ModelError: the adapter changes nothing, or is not finite.
        OSError: the disk is full.
    """
    base = Path(job.model)
    model: Any
    model, config = load_model(base, lazy=True)
    load_adapters(model, job.adapter)
    mx.eval(model.parameters())
    layers = retained(model, job.bits, job.group_size)
    tell(Fused(layers))
    check_kept(layers, job.bits, job.least_retained)
    if stopped():
        return tell(Ended(0, done=False))
    model, config = rounded(model, config, job.bits, job.group_size)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    try:
        save_model(out, model, donate_model=True)
        check_shards(out)
    except (ModelError, RuntimeError) as error:  # mlx does not look whether what it wrote has arrived
        raise OSError(ENOSPC, "no space left on device", str(out)) from error
    (out / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    for name in COPIED:
        if (base / name).is_file():
            shutil.copyfile(base / name, out / name)
    tell(Ended(0, done=not stopped()))


def rounded(model: nn.Module, config: dict[str, Any], bits: int, group_size: int) -> tuple[nn.Module, dict[str, Any]]:
    """``model`` with its adapter in its weights, and those in ``bits``; with the config that says so."""
    dtypes = {name: _dtype(module.linear) for name, module in _adapted(model)}
    model.update_modules(tree_unflatten([(name, _fused(module)) for name, module in _adapted(model)]))
    config = {key: value for key, value in config.items() if key not in ("quantization", "quantization_config")}
    model, config = quantize_model(dequantize_model(model), config, group_size, bits)
    modules = dict(model.named_modules())
    for name, dtype in dtypes.items():
        modules[name].set_dtype(dtype)  # its scales: in float32 they would make all that follows float32
    for _, array in tree_flatten(model.parameters()):
        mx.eval(array)  # one by one: together they would be there in float32 together
    return model, config


def retained(model: nn.Module, bits: int, group_size: int) -> dict[str, tuple[float, float]]:
    """How large the change of each block is, as a share of the weights it changes, and how much of it ``bits`` keep.

    The second is ``<Q(W + D) - Q(W), D> / <D, D>`` over the changed matrices of a block: 1 keeps all, 0 nothing.

    Raises:
        ModelError: nothing is changed at all, or into what is no number.
    """

    def read(weight: mx.array, dtype: mx.Dtype) -> mx.array:
        """As it is multiplied with once it is rounded, by scales of ``dtype``."""
        codes, *floats = mx.quantize(weight, group_size, bits)
        scales, biases = (one.astype(dtype).astype(mx.float32) for one in floats)
        return mx.dequantize(codes, scales, biases, group_size=group_size, bits=bits)

    sums: dict[str, list[float]] = {}
    for name, module in _adapted(model):
        before, after, dtype = _float_weight(module.linear), _fused(module).weight, _dtype(module.linear)
        delta = after - before
        block = sums.setdefault(".".join(name.split(".")[1:3]), [0.0, 0.0, 0.0])
        kept = (read(after, dtype) - read(before, dtype)) * delta
        for at, part in enumerate((before * before, delta * delta, kept)):
            block[at] += float(part.sum().item())
    if wrong := [name for name, found in sums.items() if not all(map(math.isfinite, found))]:
        raise ModelError(
            f"base and adapter are not finite together ({', '.join(wrong[:4])})",
            hint="look at both with `codemode model verify`, or train it again with a lower --learning-rate",
        )
    if not any(changes for _, changes, _ in sums.values()):
        raise ModelError("the adapter changes nothing", hint="train it longer")
    return {
        name: ((changes / weights) ** 0.5, products / changes)
        for name, (weights, changes, products) in sorted(sums.items(), key=lambda one: (len(one[0]), one[0]))
        if changes
    }


def check_kept(layers: dict[str, tuple[float, float]], bits: int, least: float) -> None:
    """Raises Lost: ``bits`` keep too little of some block, or drown it."""
    if lost := lost_layers(layers, least):
        few = ", ".join(f"{name}: {kept:.3f}" for name, kept in list(lost.items())[:4])
        longer = ", or longer" if min(lost.values()) < least else ""
        raise Lost(
            f"{bits} bits do not keep what was trained ({few} of it: below {least:.3f} it is lost, "
            f"above {1 / least:.3f} it is mostly rounding)",
            hint=f"fuse into more --bits, or train on a float model{longer}",
        )


def lost_layers(layers: dict[str, tuple[float, float]], least: float) -> dict[str, float]:
    """The blocks of which too little is kept, or so much that it is noise: weights that lie on a grid jump to the next
    point of another one. Of changes too small to be measured one by one, their mean."""
    found = {name: kept for name, (delta, kept) in layers.items() if delta >= SMALLEST_DELTA}
    if small := [kept for delta, kept in layers.values() if delta < SMALLEST_DELTA]:
        found["the small changes"] = sum(small) / len(small)
    return {name: kept for name, kept in found.items() if not least <= kept <= 1 / least}


def _adapted(model: nn.Module) -> list[tuple[str, Any]]:
    return [(name, module) for name, module in model.named_modules() if hasattr(module, "fuse")]


def _fused(module: Any) -> Any:  # noqa: ANN401 - a layer with the adapter's around it
    """The layer with its change in it, in float32: in bfloat16 the sum would lose a change that is small beside the
    weights, before anything is measured or rounded to bits."""
    wide = copy.copy(module)
    wide.linear = _wide(module.linear)
    wide.set_dtype(mx.float32)
    return wide.fuse(dequantize=True)


def _float_weight(linear: Any) -> mx.array:  # noqa: ANN401 - a layer, quantised or not
    wide = _wide(linear)
    found: mx.array = wide.weight
    if hasattr(wide, "bits"):
        found = mx.dequantize(found, wide.scales, wide.biases, group_size=wide.group_size, bits=wide.bits)
    return found


def _wide(linear: Any) -> Any:  # noqa: ANN401 - as above
    """The same layer in float32. Of one of few bits those are the scales: it multiplies with code times scale, and that
    product is rounded to no type."""
    if getattr(linear, "mode", "affine") != "affine":  # the scales of such a kind are no floats
        linear = dequantize_model(nn.Sequential(linear)).layers[0]
    wide = copy.copy(linear)
    wide.set_dtype(mx.float32)
    return wide


def _dtype(linear: Any) -> mx.Dtype:  # noqa: ANN401 - as above
    """What the layer works in."""
    held: mx.Dtype = (linear.scales if hasattr(linear, "bits") else linear.weight).dtype
    return held if mx.issubdtype(held, mx.floating) else mx.bfloat16
