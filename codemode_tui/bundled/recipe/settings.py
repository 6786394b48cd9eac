"""How much of everything: the full recipe, and a tiny one that only proves that the stages fit together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Settings:
    """Sizes of one run of the recipe. The defaults are the model that ships."""

    seed: int = 11
    sample_rows: int = 4000
    """Conversations that the data stage counts and checks."""
    tokenizer_conversations: int = 12_000
    shape: dict[str, int] = field(default_factory=dict)
    """What differs from ``network.Shape``."""
    compiled: bool = True
    chunk: int = 1024
    """Conversations that are packed into rows together."""
    batch_tokens: int = 131_072
    """Ids of one step of pre-training."""
    save_every: int = 500

    copy_steps: int = 400
    copy_easy_steps: int = 300
    """Steps with short distances, before repetitions may be far away."""
    steps: int = 860
    decay: float = 0.6
    """Share of the steps, at their end, over which the learning rate falls."""
    rounded: float = 0.2
    """Share of the steps, at their end, that see the weights as 5 bits will leave them."""
    learning_rate: float = 3e-3
    mean: float = 0.0
    """How slowly the running mean of the weights forgets, which is exported (0.998: about the last 500 steps); 0 for none."""
    averaged: float = 0.0
    """Share of the weights before in those that ship, where an earlier model was trained further."""

    lora_rows: int = 1200
    """Conversations of the held-back skill; as many of pre-training's own go with them."""
    lora_steps: int = 240
    lora_batch: int = 8
    lora_rank: int = 8
    lora_scale: float = 8.0
    lora_rate: float = 2e-4
    lora_kept: float = 1.0
    """Share of what LoRA changed that goes into the weights."""

    measured_rows: int = 60
    """Held-out conversations of each kind."""
    max_tokens: int = 220

    def chosen(self, names: Iterable[str]) -> dict[str, Any]:
        """The named ones alone."""
        everything = asdict(self)
        return {name: everything[name] for name in names}


TINY = Settings(
    sample_rows=60,
    tokenizer_conversations=400,
    shape={
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
    },
    compiled=False,
    chunk=160,
    batch_tokens=2048,
    copy_steps=3,
    copy_easy_steps=2,
    steps=3,
    lora_rows=4,
    lora_steps=3,
    lora_batch=2,
    measured_rows=2,
    max_tokens=12,
)
