"""How much of everything: the full recipe, and a tiny one that only proves that the stages fit together."""

from __future__ import annotations

from dataclasses import dataclass, field


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
    chunk: int = 768
    """Conversations that are sorted into batches together."""

    copy_steps: int = 1500
    copy_easy_steps: int = 1200
    """Steps with short rows, before repetitions may be far away."""
    steps: int = 5400
    decay_steps: int = 3200
    learning_rate: float = 2e-3
    more_layers: int = 2
    """Added after ``steps``, for the rest of pre-training."""
    deep_steps: int = 6220
    deep_decay_steps: int = 3300

    lora_rows: int = 1200
    """Conversations of the held-back skill; as many of pre-training's own go with them."""
    lora_steps: int = 240
    lora_batch: int = 8
    lora_rank: int = 8
    lora_scale: float = 8.0
    lora_rate: float = 2e-4

    measured_rows: int = 60
    """Held-out conversations of each kind."""
    max_tokens: int = 220


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
    copy_steps=3,
    copy_easy_steps=2,
    steps=3,
    decay_steps=1,
    more_layers=1,
    deep_steps=3,
    deep_decay_steps=1,
    lora_rows=4,
    lora_steps=3,
    lora_batch=2,
    measured_rows=2,
    max_tokens=12,
)
