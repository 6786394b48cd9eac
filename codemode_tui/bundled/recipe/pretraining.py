"""Stages up to a float model folder: tokenizer, copy curriculum, conversations, export."""

from __future__ import annotations

import functools
from pathlib import Path

from codemode_tui.bundled.recipe import curve
from codemode_tui.bundled.recipe.markers import Facts
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.errors import ModelError

TOKENS = ("tokenizer_conversations",)
"""Settings that change the tokenizer."""
COPY = ("copy_steps", "copy_easy_steps", "batch_tokens", "learning_rate", "shape")
TALK = ("steps", "decay", "rounded", "mean", "seed", "learning_rate", "batch_tokens")


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
    from codemode_tui.bundled.recipe import batches, streams, vocabulary
    from codemode_tui.bundled.recipe.network import Shape
    from codemode_tui.bundled.recipe.trainer import Plan, train

    make = functools.partial(
        batches.copy_batches,
        tokens=settings.batch_tokens,
        vocab=vocabulary.SIZE,
        easy=settings.copy_easy_steps // streams.STREAMS,
    )
    plan = Plan(
        "copy",
        settings.copy_steps,
        settings.learning_rate,
        save_every=200,
        compiled=settings.compiled,
        alone=True,  # nothing in a row ends a conversation
        settings=settings.chosen(COPY),
        changeable=("copy_steps", "learning_rate"),
    )
    train(plan, work, make, seed=1, shape=Shape(**settings.shape))
    return last_of(work / "copy.jsonl")


def talk(work: Path, settings: Settings) -> Facts:
    """Stage ``talk``: generated conversations, a tenth of copying among them."""
    import torch

    from codemode_tui.bundled.recipe import batches, leaks, provenance
    from codemode_tui.bundled.recipe.network import Shape
    from codemode_tui.bundled.recipe.trainer import Plan, train

    alone = not torch.cuda.is_available()
    make = functools.partial(
        batches.talk_batches,
        tokenizer=work / "tok" / "tokenizer.json",
        tokens=settings.batch_tokens,
        chunk=min(settings.chunk, settings.batch_tokens // 64),
        forbidden=tuple(leaks.queries()),
        alone=alone,
    )
    plan = Plan(
        "talk",
        settings.steps,
        settings.learning_rate,
        decay_steps=round(settings.decay * settings.steps),
        rounded_steps=round(settings.rounded * settings.steps),
        mean=settings.mean,
        save_every=settings.save_every,
        compiled=settings.compiled,
        alone=alone,
        settings=settings.chosen((*TOKENS, *COPY, *TALK)),  # what it started from is a part of what it is
        changeable=("steps", "learning_rate", "decay", "rounded"),
    )
    seed = settings.seed + provenance.read(work).step  # a model that is trained further meets other conversations
    train(plan, work, make, seed=seed, start_from=work / "copy.pt", shape=Shape(**settings.shape))
    return last_of(work / "talk.jsonl")


def export(work: Path, settings: Settings) -> Facts:
    """Stage ``export``: the checkpoint as a float32 folder that mlx-lm loads."""
    import torch

    from codemode_tui.bundled.recipe import export as folders

    checkpoint = work / "talk.pt"
    saved = torch.load(checkpoint, map_location="cpu", weights_only=False)
    start = work / "copy.pt"
    folders.export(checkpoint, work / "tok", work / "float", mixed_with=start, share=settings.averaged)

    def steps(name: str) -> int:
        return (
            int(torch.load(work / name, map_location="cpu", weights_only=False)["step"])
            if (work / name).exists()
            else 0
        )

    return {
        "step": saved["step"],
        "ids": saved["ids"],
        "copy_step": steps("copy.pt"),
        "parameters": sum(tensor.numel() for tensor in saved["weights"].values()),
        "shape": {key: value for key, value in saved["shape"].items() if isinstance(value, int | float)},
        "torch": torch.__version__,
    }


def last_of(path: Path) -> Facts:
    """Step and loss of the last line of a curve; nothing when the phase was too short to have one."""
    told = curve.lines(path)
    return {key: value for key, value in told[-1].items() if key in ("step", "loss")} if told else {}
