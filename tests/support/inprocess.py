"""A model loaded into the test's own process: what the worker does, without the worker."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_map
from mlx_lm.models import qwen3
from mlx_lm.utils import save_model

from codemode_tui import locations
from codemode_tui.engine.api import Finished, GenerateRequest, Sampling, Token, ToolLikelihood
from codemode_tui.engine.generation import LoadedModel
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.types import Message

PROFILE = load_profile("bundled")
KEY = "k" * 64


def loaded(**more: Any) -> LoadedModel:
    """The bundled model; ``more`` as for ``LoadedModel``."""
    folder = more.pop("folder", locations.bundled_model())
    return LoadedModel(folder, more.pop("context_limit", 0), lambda _: None, **{"saved_bytes": 1 << 30, **more})


def tiny(folder: Path, *, layers: int = 2, **config: Any) -> Path:
    """Write a model of random weights that is over in no time, with the bundled model's tokenizer."""
    bundled = locations.bundled_model()
    for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json", "codemode.json"):
        shutil.copyfile(bundled / name, folder / name)
    table: dict[str, Any] = {
        **json.loads((bundled / "config.json").read_text()),
        **{"hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 2, "num_key_value_heads": 1},
        **{"num_hidden_layers": layers, "max_position_embeddings": 8192, **config},
    }
    del table["quantization"], table["quantization_config"]
    mx.random.seed(7)
    model = qwen3.Model(qwen3.ModelArgs.from_dict(table))
    # Far from even: so that no rounding decides which token is the likeliest.
    model.update(tree_map(lambda weights: weights * 4, model.parameters()))
    save_model(folder, model)
    (folder / "config.json").write_text(json.dumps(table))
    return folder


class Said:
    """What came of one request."""

    def __init__(self, events: Sequence[Any]) -> None:
        self.events = events
        self.finished: list[Finished] = [one for one in events if isinstance(one, Finished)]
        self.likelihoods: list[ToolLikelihood] = [one for one in events if isinstance(one, ToolLikelihood)]
        self.streamed = "".join(one.text for one in events if isinstance(one, Token) and not one.candidate)
        self.last = self.finished[-1]
        self.text, self.usage = self.last.text, self.last.usage

    @property
    def message(self) -> Message:
        return Message("assistant", self.text, self.last.token_ids or None)


def say(
    model: LoadedModel,
    messages: Sequence[Message],
    conversation: str = "c",
    *,
    script: tuple[int, ...] | None = None,
    max_tokens: int = 24,
    sampling: Sampling | None = None,
    **more: Any,
) -> Said:
    """Let the model say what comes after ``messages``."""
    events: list[Any] = []
    fields = {"stop": PROFILE.stop, "openings": PROFILE.openings, "cache_key": KEY, "keep": True, **more}
    request = GenerateRequest(
        prompt=render(PROFILE, messages),
        sampling=sampling or Sampling(max_tokens=max_tokens),
        conversation=conversation,
        **fields,
    )
    model.generate(request, events.append, lambda: False, script)
    return Said(events)


def user(text: str) -> Message:
    return Message("user", text)
