"""How well a model predicts a set, with the rows that its training knew apart from those that it did not."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from codemode_tui.corpus.near import leaked
from codemode_tui.corpus.rows import read_rows
from codemode_tui.engine.lock import heavy, held_files
from codemode_tui.engine.models import ModelRef, inspect
from codemode_tui.engine.spawning import worker_environment
from codemode_tui.errors import EngineError, ModelError

CHILD = "codemode_tui.corpus.predicting"
MOST_TOKENS = 2048
"""Of a row that are read: what mlx_lm reads, too."""
LAST_BYTES = 4096
"""Of what the child said, looked at for its last line."""


class Measured(msgspec.Struct, frozen=True):
    """Some rows together. Every token counts, as in mlx_lm's test without ``--mask-prompt``."""

    rows: int
    tokens: int
    loss: float | None
    """Nats a token; None without tokens."""
    perplexity: float | None


class Perplexity(msgspec.Struct, frozen=True):
    """``eval --perplexity``."""

    model: str
    set: str
    train: str | None
    """What the model was trained on; None: nobody knows which rows it has seen."""
    all: Measured
    leaky: Measured | None
    """Rows whose first question stands in ``train``, or nearly (Jaccard of character 5-grams ≥ 0.8)."""
    leak_free: Measured | None
    cut: int
    """Rows of which only the beginning was read."""
    unreadable: int


class Loss(NamedTuple):
    """One row."""

    nats: float
    predicted: int
    tokens: int


def perplexity(
    model: ModelRef, file: Path, train: Path | None, on_row: Callable[[int, int], None] = lambda done, total: None
) -> Perplexity:
    """Measure every row of ``file``.

    Raises:
        ModelError: the model is not whole, or an adapter of another base, or cannot be loaded.
        EngineError: another job or the engine of the terminals holds the memory, or the losses are no numbers.
        UsageError: a file cannot be read.
    """
    info = inspect(model)
    found = list(read_rows([file]))
    rows = [row for row in found if row is not None]
    losses: Sequence[Loss] = []
    if rows:
        with heavy(f"an evaluation of {model.name}", info.bytes, alone=True):
            losses = _losses(model, file, len(rows), on_row)
    known: set[str] = set()
    if train is not None:
        asked = (row.query for row in read_rows([train]) if row is not None and row.query is not None)
        known = set(leaked((row.query for row in rows if row.query is not None), asked))
    seen = [row.query in known for row in rows]
    return Perplexity(
        model=model.name,
        set=str(file),
        train=None if train is None else str(train),
        all=measured(losses),
        leaky=None if train is None else measured(one for one, leak in zip(losses, seen, strict=True) if leak),
        leak_free=None if train is None else measured(one for one, leak in zip(losses, seen, strict=True) if not leak),
        cut=sum(one.tokens > MOST_TOKENS for one in losses),
        unreadable=len(found) - len(rows),
    )


def measured(losses: Iterable[Loss]) -> Measured:
    """The mean over all their tokens."""
    some = list(losses)
    tokens = sum(one.predicted for one in some)
    if not tokens:
        return Measured(len(some), 0, None, None)
    loss = sum(one.nats for one in some) / tokens
    if not math.isfinite(loss):
        raise EngineError("the loss is no number", hint="check the model with `codemode model verify`")
    return Measured(len(some), tokens, round(loss, 4), round(math.exp(min(loss, 700.0)), 4))


def _losses(model: ModelRef, file: Path, total: int, on_row: Callable[[int, int], None]) -> Sequence[Loss]:
    command = [sys.executable, "-P", "-m", CHILD, str(model.path), str(model.adapter or ""), str(MOST_TOKENS)]
    found = []
    with tempfile.TemporaryFile() as said:  # a pipe that nobody reads would stop a child that warns much
        with subprocess.Popen(
            [*command, str(file.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=worker_environment(dict(os.environ)),
            cwd="/",
            pass_fds=held_files(),
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    found.append(Loss(*json.loads(line)))
                    on_row(len(found), total)
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0 or len(found) != total:
            said.seek(max(0, said.seek(0, os.SEEK_END) - LAST_BYTES))
            last = (said.read().decode("utf-8", "replace").strip().splitlines() or ["it was killed"])[-1]
            raise ModelError(f"{model.name} cannot be measured: {last}", hint="check it with `codemode model verify`")
    return found
