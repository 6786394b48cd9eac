"""The child that counts tokens: ``python -m codemode_tui.corpus.tokenizing MODEL FILE…``.

A row is as long as mlx-lm's trainer makes it, with the model's own chat template. Prints one JSON list.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from codemode_tui.corpus.rows import Row, read_rows


def main(folder: str, files: Sequence[str]) -> None:
    out = os.dup(1)
    os.dup2(2, 1)  # what a library prints must not get into the result
    count = functools.cache(lambda: counter(Path(folder)))  # seconds to load, and perhaps there is no row
    lengths = [count()(row) for row in read_rows(map(Path, files)) if row is not None]
    with open(out, "w", encoding="utf-8") as stream:
        json.dump(lengths, stream)


def counter(folder: Path) -> Callable[[Row], int]:
    """A function from rows to their lengths in tokens of the model in ``folder``."""
    encode = encoder(folder)
    return lambda row: len(encode(row))


def encoder(folder: Path) -> Callable[[Row], list[int]]:
    """A function from rows to their tokens."""
    from mlx_lm.tokenizer_utils import load
    from mlx_lm.tuner.datasets import create_dataset

    tokenizer = load(folder)
    config = SimpleNamespace()

    def encode(row: Row) -> list[int]:
        try:
            ids, _ = create_dataset([row.table], tokenizer, config).process(row.table)
        except Exception:
            # A trainer would refuse it too (a template that knows no such roles, a lone surrogate): its
            # text is counted, so that one odd row does not cost the figures of all others.
            ids = tokenizer.encode(_text(row).encode("utf-8", "replace").decode())
        return list(ids)

    return encode


def _text(row: Row) -> str:
    return "".join(f"<|im_start|>{turn.role}\n{turn.content}<|im_end|>\n" for turn in row.turns)


if __name__ == "__main__":
    arguments: list[Any] = sys.argv[1:]
    main(arguments[0], arguments[1:])
