"""What a child that trains is told, and what it tells. Knows no mlx: the parent reads and writes the same values."""

from __future__ import annotations

from typing import Literal

import msgspec

from codemode_tui.protocol.types import Segment

JOB, ROWS, CHECKPOINT, RESULT = "job.json", "rows.jsonl", "checkpoint.safetensors", "result"
"""In the work folder: what is to be done, the rows of a training, how far it is, and the folder that it makes."""


MOST_VALID = 64
"""Rows of the validation set that a loss is measured on."""
LARGE = 2 << 30
"""Bytes of weights from which activations are worked out again rather than kept."""
FULL = "free some space, or name another --out; a training that has a checkpoint goes on with --resume"
"""What to do where a folder cannot be written."""


class Train(msgspec.Struct, frozen=True, tag="train"):
    """LoRA on ``model``. The rows are in ``rows.jsonl``; the result is an adapter without its marker."""

    model: str
    """Folder of the base."""
    iters: int
    learning_rate: float
    rank: int
    scale: float
    layers: int
    """How many of the last blocks are adapted; below 1 for all."""
    batch_tokens: int
    max_tokens: int
    """Of one row; longer ones are left out."""
    base_share: float
    """How much of the rows of a step comes from the base set."""
    seed: int


class Fuse(msgspec.Struct, frozen=True, tag="fuse"):
    """An adapter into the weights of its base, and those into ``bits``."""

    model: str
    adapter: str
    bits: int
    group_size: int
    least_retained: float


Piece = tuple[tuple[Segment, ...], bool]
"""A part of a conversation as it is rendered, and whether it is learnt."""


class Row(msgspec.Struct, frozen=True):
    """One line of ``rows.jsonl``: a conversation, cut where learning begins and ends."""

    set: Literal["own", "base", "valid"]
    pieces: tuple[Piece, ...]


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """The model is there, the rows are read; numbers are of what is left of them."""

    trainable: int
    float_copy: bool
    over_long: tuple[tuple[int, int], ...] = ()
    """Lines of ``rows.jsonl``, from 0, that are left out, and their tokens."""
    step: int = 0
    """Where a run goes on."""
    tokens: int = 0
    """Learnt until there."""


class Stepped(msgspec.Struct, frozen=True, tag="step"):
    step: int
    loss: float | None
    """Mean over what was learnt since the last report, nats a token; None if that was nothing: rows that are mixed in
    are not learnt but kept."""
    tokens: int
    """Learnt so far, those of an earlier run included."""
    tokens_per_second: float
    """All that were read, the prompts' and those to be learnt."""
    seconds_left: float
    memory: int
    """Peak, in bytes."""


class Validated(msgspec.Struct, frozen=True, tag="valid"):
    step: int
    loss: float


class Fused(msgspec.Struct, frozen=True, tag="fused"):
    """How large the change of each block is, as a share of its weights, and how much of it the rounding keeps."""

    layers: dict[str, tuple[float, float]]


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The child has done what it was told; ``done`` is False when it was stopped before, at ``step``."""

    step: int
    done: bool = True


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    kind: Literal["data", "model", "engine", "gate"]
    message: str
    hint: str
    """Empty: what the process has said tells more."""


Job = Train | Fuse
Event = Loaded | Stepped | Validated | Fused | Ended | Failed
