"""Stages up to a float model folder: tokenizer, copy curriculum, conversations, export."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from codemode_tui.bundled.recipe.copying import Batch, copy_batch
from codemode_tui.bundled.recipe.markers import Facts
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.errors import ModelError


def tokenizer(work: Path, settings: Settings) -> Facts:
    """Stage ``tokenizer``: 1,024 pieces of byte-level BPE from generated conversations."""
    from codemode_tui.bundled.recipe import vocabulary, wire

    path = vocabulary.train(work / "tok", conversations=settings.tokenizer_conversations)
    size = wire.load(path).get_vocab_size()
    if size != vocabulary.SIZE:
        raise ModelError(f"the vocabulary has {size} tokens, not {vocabulary.SIZE}", hint="give it more conversations")
    return {"tokens": size}


def copy(work: Path, settings: Settings) -> Facts:
    """Stage ``copy``: nothing but repeated random segments, until the copying circuit has formed."""
    from codemode_tui.bundled.recipe import vocabulary
    from codemode_tui.bundled.recipe.network import Shape
    from codemode_tui.bundled.recipe.trainer import Plan, train

    def batch(rng: np.random.Generator, step: int) -> Batch:
        if step < settings.copy_easy_steps:
            return copy_batch(rng, 64, 128, vocabulary.SIZE, hardest=0.2)
        return copy_batch(rng, 24, 384, vocabulary.SIZE, hardest=1.0)

    plan = Plan("copy", settings.copy_steps, 2e-3, save_every=200, compiled=settings.compiled)
    train(plan, work, batch, seed=1, shape=Shape(**settings.shape))
    return last_of(work / "copy.jsonl")


def talk(work: Path, settings: Settings) -> Facts:
    """Stage ``talk``: generated conversations, a tenth of copying among them."""
    from codemode_tui.bundled.recipe import wire
    from codemode_tui.bundled.recipe.batches import Batches
    from codemode_tui.bundled.recipe.network import Shape
    from codemode_tui.bundled.recipe.trainer import Plan, train

    batches = Batches(wire.load(work / "tok" / "tokenizer.json"), settings.seed, chunk=settings.chunk)
    plan = Plan(
        "talk",
        settings.steps,
        settings.learning_rate,
        decay_steps=settings.decay_steps,
        compiled=settings.compiled,
    )
    shape = Shape(**settings.shape)
    train(plan, work, batches, seed=settings.seed, start_from=work / "copy.pt", shape=shape)
    return last_of(work / "talk.jsonl")


def deep(work: Path, settings: Settings) -> Facts:
    """Stage ``deep``: two layers more, and conversations again."""
    from codemode_tui.bundled.recipe import wire
    from codemode_tui.bundled.recipe.batches import Batches
    from codemode_tui.bundled.recipe.network import Shape
    from codemode_tui.bundled.recipe.trainer import Plan, train

    batches = Batches(wire.load(work / "tok" / "tokenizer.json"), settings.seed + 1000, chunk=settings.chunk)
    plan = Plan(
        "deep",
        settings.deep_steps,
        settings.learning_rate,
        decay_steps=settings.deep_decay_steps,
        compiled=settings.compiled,
    )
    shape = Shape(**settings.shape)
    shape = replace(shape, num_hidden_layers=shape.num_hidden_layers + settings.more_layers)
    train(plan, work, batches, seed=settings.seed + 1000, start_from=work / "talk.pt", shape=shape)
    return last_of(work / "deep.jsonl")


def export(work: Path, settings: Settings) -> Facts:
    """Stage ``export``: the checkpoint as a float32 folder that mlx-lm loads."""
    import torch

    from codemode_tui.bundled.recipe import export as folders

    checkpoint = work / "deep.pt"
    saved = torch.load(checkpoint, map_location="cpu", weights_only=False)
    folders.export(checkpoint, work / "tok", work / "float")

    def steps(name: str) -> int:
        return (
            int(torch.load(work / name, map_location="cpu", weights_only=False)["step"])
            if (work / name).exists()
            else 0
        )

    return {
        "step": saved["step"],
        "copy_step": steps("copy.pt"),
        "talk_step": steps("talk.pt"),
        "parameters": sum(tensor.numel() for tensor in saved["weights"].values()),
        "shape": {key: value for key, value in saved["shape"].items() if isinstance(value, int | float)},
        "torch": torch.__version__,
    }


def last_of(curve: Path) -> Facts:
    """Step and loss of the last line of a curve; nothing when the phase was too short to have one."""
    lines = curve.read_text("utf-8").splitlines() if curve.exists() else []
    return {key: value for key, value in json.loads(lines[-1]).items() if key in ("step", "loss")} if lines else {}
