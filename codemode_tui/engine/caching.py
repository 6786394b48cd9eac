"""One live KV cache a conversation, keyed by the raw token log: only what is new is fed.

Generated tokens are replayed verbatim, so the log of the next turn begins with this turn's log; an
edit, a retry or a fork trims to the common prefix.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from mlx_lm.models.cache import can_trim_prompt_cache, make_prompt_cache, trim_prompt_cache

MAX_CONVERSATIONS = 4
MAX_BYTES = 8 * 1024**3


class Live:
    """The KV cache of one conversation and the tokens that are in it."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - an mlx module
        self._model = model
        self.kv: Any = make_prompt_cache(model)
        self.tokens: list[int] = []

    def keep(self, wanted: list[int]) -> int:
        """Trim to the longest common prefix with ``wanted`` and return its length.

        At least one token of ``wanted`` is always left to be fed: an empty prompt gives no logits.
        """
        limit = min(len(self.tokens), len(wanted) - 1)
        common = next((i for i in range(limit) if self.tokens[i] != wanted[i]), limit)
        self.trim(common)
        return len(self.tokens)

    def trim(self, length: int) -> None:
        """Forget all tokens beyond ``length``; a cache that cannot be trimmed is started afresh."""
        surplus = len(self.tokens) - length
        if surplus <= 0:
            return
        if can_trim_prompt_cache(self.kv) and trim_prompt_cache(self.kv, surplus) == surplus:
            del self.tokens[length:]
            return
        self.kv = make_prompt_cache(self._model)
        self.tokens = []

    @property
    def bytes(self) -> int:
        return sum(int(getattr(layer, "nbytes", 0)) for layer in self.kv)


class Caches:
    """The live caches of all conversations, least recently used first, within one bound."""

    def __init__(self, model: Any, max_bytes: int = MAX_BYTES) -> None:  # noqa: ANN401 - an mlx module
        self._model = model
        self._max_bytes = max_bytes
        self._live: OrderedDict[str, Live] = OrderedDict()

    def of(self, conversation: str) -> Live:
        """The cache of ``conversation``; others make room for it."""
        live = self._live.pop(conversation, None) or Live(self._model)
        while self._live and (
            len(self._live) >= MAX_CONVERSATIONS or sum(one.bytes for one in self._live.values()) > self._max_bytes
        ):
            self._live.popitem(last=False)
        self._live[conversation] = live
        return live

    def forget(self, conversation: str) -> None:
        self._live.pop(conversation, None)
