"""What a training is to do: the options, and what their defaults come to for a model and a set of rows."""

from __future__ import annotations

from typing import Any

import msgspec

from codemode_tui.engine.api import ModelInfo
from codemode_tui.errors import UsageError
from codemode_tui.training.tuning.base_set import GENERATED

SMALL = 256 << 20
"""Bytes of weights below which all blocks are adapted, in small batches."""
NO_SET = "none"


class Options(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the command line says; None leaves it to ``resolved``."""

    data: str | None = None
    model: str | None = None
    iters: int | None = None
    base_set: str | None = None
    mix: float | None = None
    learning_rate: float | None = None
    rank: int | None = None
    scale: float | None = None
    layers: int | None = None
    batch_tokens: int | None = None
    max_seq_length: int | None = None
    seed: int | None = None

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}


def resolved(options: Options, info: ModelInfo, *, own: bool) -> Options:
    """``options`` with a value for everything but ``iters``; ``own``: the bundled model's weights are trained."""
    small = info.bytes < SMALL
    known = Options(
        base_set=GENERATED if own else NO_SET,
        mix=0.75,
        learning_rate=1e-4,
        rank=8,
        scale=8.0 if small else 20.0,
        layers=-1 if small else 16,
        batch_tokens=1024 if small else 2048,
        max_seq_length=min(2048, info.context_limit or 2048),
        seed=11,
    )
    found = msgspec.structs.replace(known, **options.given())
    return msgspec.structs.replace(found, mix=0.0) if found.base_set == NO_SET else found


def check_names(*names: str | None) -> None:
    """Raises UsageError: a file's or folder's name is no UTF-8, and could stand in no plan and no report."""
    for name in names:
        try:
            (name or "").encode()
        except UnicodeEncodeError:
            raise UsageError(f"{name!r} is no path in UTF-8", hint="rename it, or name another") from None


def conflicts(given: Options, kept: Options) -> None:
    """Raises UsageError: a run that goes on is told something else than it began with."""
    before = kept.given()
    told = given.given()
    if kept.base_set == NO_SET:
        told.pop("mix", None)  # there is nothing to be mixed in, whatever is said
    if other := [name for name, value in told.items() if before.get(name) != value]:
        flag = "--" + other[0].replace("_", "-")
        raise UsageError(
            f"the stopped run has {flag} {before.get(other[0])}, not {given.given()[other[0]]}",
            hint="leave it out to go on, or name another --out",
        )
