"""What the model typically says, for an engine that guesses before it has heard anything."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

from codemode_tui.bundled.recipe import wire
from codemode_tui.bundled.recipe.rows import Row
from codemode_tui.engine.lookup import SAID

LARGEST = 24_000
"""Ids: more of them are guessed right hardly more often, and every wheel carries them."""


def write(sample: Path, model: Path) -> None:
    """Write the assistant's messages of the generated conversations in ``sample`` into the folder ``model``."""
    tokenizer = wire.load(model / "tokenizer.json")
    messages: list[list[int]] = []
    for line in sample.read_text("utf-8").splitlines():
        found = json.loads(line)
        turns = tuple((one["role"], one["content"]) for one in found["messages"])
        ids, own = wire.encode(tokenizer, Row(found["kind"], turns))
        for mine, run in itertools.groupby(zip(ids, own, strict=True), key=lambda pair: pair[1]):
            if mine:
                messages.append([token for token, _ in run])
    sizes = itertools.accumulate(map(len, messages))
    kept = [message for message, size in zip(messages, sizes, strict=True) if size <= LARGEST]
    (model / SAID).write_text(json.dumps(kept, separators=(",", ":")) + "\n", "utf-8")
