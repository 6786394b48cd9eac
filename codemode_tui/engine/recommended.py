"""The model that a first start offers: what it takes, and whether this machine can hold it."""

from __future__ import annotations

from typing import NamedTuple

from codemode_tui.engine.machine_memory import Machine, machine
from codemode_tui.engine.memory import Model, Plan, gigabytes, planned
from codemode_tui.engine.models import cached_folder

NAME = "mlx-community/Qwen3-Coder-30B-A3B-Instruct-5bit"
TITLE = "Qwen3-Coder-30B, 5-bit"
BYTES = 21_000_000_000
"""30.5 thousand million parameters at 5.5 bits, scales and biases included."""
CONFIG = {
    "model_type": "qwen3_moe", "hidden_size": 2048, "num_hidden_layers": 48, "num_attention_heads": 32,
    "num_key_value_heads": 4, "head_dim": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768,
    "intermediate_size": 5472, "vocab_size": 151_936, "max_position_embeddings": 262_144,
}  # fmt: skip
"""What memory depends on, of its ``config.json``: it is not here yet."""


class Recommended(NamedTuple):
    plan: Plan
    here: bool
    """Whether it has been pulled already."""

    @property
    def fits(self) -> bool:
        return self.plan.fits

    @property
    def words(self) -> str:
        """Whether this machine can hold it."""
        need, there = self.plan.need, gigabytes(self.plan.machine.bytes)
        if not self.fits:
            return f"too large for this machine: it needs {gigabytes(need.total)} of memory, and there are {there}"
        return f"this machine can hold it, with a context of {need.context:,} tokens"


def recommended(here: Machine | None = None) -> Recommended:
    """Asks the machine, which takes a moment on a Mac: not for an event loop."""
    model = Model(TITLE, CONFIG, BYTES, 5, 2)
    return Recommended(planned(model, 0, 0, here or machine()), cached_folder(NAME) is not None)
