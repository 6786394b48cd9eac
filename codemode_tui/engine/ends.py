"""Which tokens end a message, and whether a tokenizer can be a model's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codemode_tui.engine.jsonfile import read_optional
from codemode_tui.errors import ModelError
from codemode_tui.protocol.render import END, START


def end_ids(folder: Path, config: Mapping[str, Any], added: Mapping[str, int] | None = None) -> frozenset[int]:
    """The ids that end a message: those of ``generation_config.json``, else of the model's config.

    With the tokenizer's ``added`` tokens also its own end, and what ends or begins a turn: a model whose files
    name only the end of a text would talk on behind its turn, in the user's name.
    """
    found = read_optional(folder, "generation_config.json").get("eos_token_id", config.get("eos_token_id"))
    ids = list(found) if isinstance(found, list) else [found]
    if added:
        named = str(read_optional(folder, "tokenizer_config.json").get("eos_token"))
        ids += [added.get(token) for token in (END, START, named)]
    return frozenset(one for one in ids if isinstance(one, int))


def added_tokens(tokenizer: Mapping[str, Any]) -> dict[str, int]:
    """The tokens of a ``tokenizer.json`` that are no ordinary text, and their ids."""
    return {str(one["content"]): int(one["id"]) for one in tokenizer.get("added_tokens") or ()}


def vocabulary(config: Mapping[str, Any]) -> int:
    """Rows of a model's embedding; 0 when its config does not say."""
    inner = config.get("text_config")
    return int(config.get("vocab_size") or (inner or {}).get("vocab_size") or 0)


def check_tokenizer(folder: Path, added: Mapping[str, int], largest: int, rows: int, needs: str = "") -> None:
    """Whether a tokenizer can be this model's.

    Args:
        added: its added tokens.
        largest: the largest id that it makes.
        rows: of the model's embedding; 0 when unknown.
        needs: who needs the ends of a turn, behind the message that lacks them.

    Raises:
        ModelError: it makes ids that the model lacks, or it does not know the ends of a turn, so that the
            model would never stop.
    """
    if missing := [token for token in (START, END) if token not in added]:
        raise ModelError(
            f"the tokenizer in {folder} has no token {' and no '.join(missing)}{needs}",
            hint="copy tokenizer.json from the original model, or choose a model that speaks ChatML",
        )
    if rows and largest >= rows:
        raise ModelError(
            f"the tokenizer in {folder} knows {largest + 1:,} tokens and the model {rows:,}",
            hint="copy tokenizer.json from the original model",
        )
