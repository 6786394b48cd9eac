"""Which tokens end a message, and whether a tokenizer can be a model's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from codemode_tui.errors import ModelError
from codemode_tui.protocol.render import END, START


class Tokens(Protocol):
    """What is asked of an ``encoding.Encoder``, whose library front ends must not load."""

    added: dict[str, int]
    largest: int


def end_ids(folder: Path, config: Mapping[str, Any], added: Mapping[str, int] | None = None) -> frozenset[int]:
    """The ids that end a message: those of ``generation_config.json``, else of the model's config.

    With the tokenizer's ``added`` tokens also its own end, and what ends or begins a turn: a model whose files
    name only the end of a text would talk on behind its turn, in the user's name.
    """
    found = _table(folder / "generation_config.json").get("eos_token_id", config.get("eos_token_id"))
    ids = list(found) if isinstance(found, list) else [found]
    if added:
        named = str(_table(folder / "tokenizer_config.json").get("eos_token"))
        ids += [added.get(token) for token in (END, START, named)]
    return frozenset(one for one in ids if isinstance(one, int))


def check_tokenizer(folder: Path, encoder: Tokens, vocabulary: int) -> None:
    """Whether a tokenizer can be this model's.

    Args:
        vocabulary: rows of the model's embedding; 0 when unknown.

    Raises:
        ModelError: it makes ids that the model lacks, or it does not know the ends of a turn, so that the
            model would never stop.
    """
    missing = [token for token in (START, END) if token not in encoder.added]
    if missing:
        raise ModelError(
            f"the tokenizer in {folder} has no token {' and no '.join(missing)}",
            hint="copy tokenizer.json from the original model, or choose a model that speaks ChatML",
        )
    if vocabulary and encoder.largest >= vocabulary:
        raise ModelError(
            f"the tokenizer in {folder} knows {encoder.largest + 1:,} tokens and the model {vocabulary:,}",
            hint="copy tokenizer.json from the original model",
        )


def _table(file: Path) -> dict[str, Any]:
    try:
        table = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}
