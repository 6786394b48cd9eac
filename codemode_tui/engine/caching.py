"""One live KV cache a conversation, keyed by the raw token log: only what is new is fed.

Generated tokens are replayed verbatim, so the log of the next turn begins with this turn's log; an
edit or a retry trims to the common prefix, a fork and a new session begin with what they share with another
conversation, and a session that goes on later begins with what was saved of it.
"""

from __future__ import annotations

import copy
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import mlx.core as mx
import mlx_lm
from mlx.utils import tree_map
from mlx_lm.models.cache import KVCache, QuantizedKVCache, can_trim_prompt_cache, make_prompt_cache, trim_prompt_cache

from codemode_tui.engine import kv_files
from codemode_tui.engine.saved_cache import SavedCaches

MAX_CONVERSATIONS = 4
MAX_BYTES = 8 * 1024**3
LEAST_SHARED = 32
"""Tokens that another conversation must have in common before its cache is copied."""
WORTH_WRITING = 8
"""While there is time a cache is written anew once an eighth of it is not saved yet: large ones wear the disk."""
QUICK_BYTES = 1 << 30
"""What can be written while somebody waits for the end."""
GROUPS = (64, 32)
_Name = tuple[str, bool]
"""A conversation, and whether its cache is saved with its session. What goes on from a session without being stored has
a cache of its own: it ends with whoever asked, and must take nothing from those who have the session open."""


class Live:
    """The KV cache of one conversation and the tokens that are in it."""

    def __init__(self, make: Callable[[], list[Any]]) -> None:
        self._make = make
        self.kv = make()
        self.tokens: list[int] = []
        self.key = ""
        """What it belongs to; empty: it is neither saved nor shared."""
        self.used = 0.0
        self.saved = 0
        """How many of its tokens are saved."""
        self._mark: tuple[int, list[Any]] | None = None

    def common(self, wanted: list[int]) -> int:
        """Length of the longest common prefix."""
        limit = min(len(self.tokens), len(wanted))
        if self.tokens[:limit] == wanted[:limit]:
            return limit
        return next(i for i in range(limit) if self.tokens[i] != wanted[i])

    def keep_prefix(self, wanted: list[int]) -> int:
        """Trim to the longest common prefix with ``wanted`` and return its length.

        At least one token of ``wanted`` is always left to be fed: an empty prompt gives no logits.
        """
        self._mark = None
        self.trim(min(self.common(wanted), len(wanted) - 1))
        return len(self.tokens)

    def mark(self) -> None:
        """Make it possible to come back to this length, also for a cache that cannot be trimmed."""
        self._mark = None if can_trim_prompt_cache(self.kv) else (len(self.tokens), copy.deepcopy(self.kv))

    def trim(self, length: int) -> None:
        """Forget the tokens beyond ``length``; a cache that cannot be trimmed goes back further, to its mark or to
        nothing: see what ``tokens`` is then."""
        surplus = len(self.tokens) - length
        if surplus <= 0:
            return
        if can_trim_prompt_cache(self.kv) and trim_prompt_cache(self.kv, surplus) == surplus:
            del self.tokens[length:]
        elif self._mark is not None and self._mark[0] <= length:
            self.kv = copy.deepcopy(self._mark[1])
            del self.tokens[self._mark[0] :]
        else:
            self.kv = self._make()
            self.tokens = []
        self.saved = min(self.saved, len(self.tokens))

    def part(self, length: int) -> list[Any] | None:
        """A cache of the first tokens alone, sharing memory until it grows; None for kinds that cannot be cut."""
        return (
            None if any(type(one) not in _CUT for one in self.kv) else [_CUT[type(one)](one, length) for one in self.kv]
        )

    def pack(self) -> None:
        """Give back the room that its arrays have beyond its tokens, one layer at a time, where they can be cut.

        Packed arrays are written to a file as they lie there; of others mlx copies all at once for that.
        """
        for at, layer in enumerate(self.kv if all(type(one) in _CUT for one in self.kv) else ()):
            if layer.keys is not None:
                self.kv[at] = part = _CUT[type(layer)](layer, len(self.tokens))
                part.keys, part.values = tree_map(mx.contiguous, (part.keys, part.values))
                mx.eval(part.keys, part.values)
                del layer
                mx.clear_cache()

    @property
    def bytes(self) -> int:
        return sum(int(getattr(layer, "nbytes", 0)) for layer in self.kv)


class Caches:
    """The live caches of all conversations, least recently used first, within one bound; and the saved ones."""

    def __init__(
        self,
        model: Any,  # noqa: ANN401 - an mlx module
        *,
        kv_bits: int = 0,
        disk_bytes: int = 0,
        numbers: str = "",
        max_bytes: int = MAX_BYTES,
        token_bytes: int = 0,
    ) -> None:
        """
        Args:
            kv_bits: quantise to 4 or 8 bits; 0 keeps the model's own numbers.
            disk_bytes: for saved caches, all together.
            numbers: how the weights are held (a float copy computes other numbers than quantised ones).
            max_bytes: of memory, all together.
            token_bytes: what one token more adds to a cache; 0 if unknown.
        """
        self._model = model
        self._max_bytes = max_bytes
        self._token_bytes = token_bytes
        self._live: OrderedDict[_Name, Live] = OrderedDict()
        self._bits = kv_bits
        self.note = ""
        """What could not be done as it was wished for, for people."""
        if kv_bits and (why := self._why_not_quantised()):
            self._bits = 0
            self.note = f"the KV cache is not quantised to {kv_bits} bits: {why}"
        self._disk = SavedCaches(disk_bytes, f"{self._bits} {numbers} {mlx_lm.__version__}")

    def of(self, conversation: str, wanted: list[int], key: str = "", keep: bool = False, *, room: int = 0) -> Live:
        """The cache of ``conversation``, holding a prefix of ``wanted``; others make room for it.

        Args:
            key: what it belongs to (``kv_files.key_of``); with none it is neither saved nor shared.
            keep: save it with its session.
            room: tokens that it may grow to before it is asked for again.
        """
        name = conversation, keep
        live = self._live.pop(name, None)
        if live is not None and live.key != key:
            live = None
        saved = 0 if live else self._disk.size_of(conversation, key)
        if saved > self._max_bytes:  # of a longer context, or of a machine with more memory
            saved = 0
        if not live and not saved:
            live = self._shared(wanted, key) or Live(self._fresh)
        self._make_room(max(live.bytes if live else saved, room * self._token_bytes))
        live = live or (self._resumed(conversation, key) if saved else None) or Live(self._fresh)
        live.key, live.used = key, time.time()
        live.keep_prefix(wanted)
        self._live[name] = live
        return live

    def forget(self, conversation: str, keep: bool = False) -> None:
        self._live.pop((conversation, keep), None)

    def save(self, *, ending: bool = False) -> None:
        """Save what its session would miss. ``ending``: nobody will come back to it in memory."""
        for name, live in list(self._live.items()):
            quick = ending and live.bytes <= QUICK_BYTES
            self._save(name, live, least=1 if quick else max(1, len(live.tokens) // WORTH_WRITING))
        if ending:
            self._disk.settle()

    def _make_room(self, size: int) -> None:
        """Let go of others until there is room for one more of ``size`` bytes."""
        while self._live and (
            len(self._live) >= MAX_CONVERSATIONS
            or size + sum(one.bytes for one in self._live.values()) > self._max_bytes
        ):
            self._save(*self._live.popitem(last=False), least=1)

    def _save(self, name: _Name, live: Live, *, least: int) -> None:
        conversation, keep = name
        if not keep or len(live.tokens) - live.saved < least:
            return
        if kv_files.forgotten_since(conversation, live.used):
            self.forget(*name)
            return
        live.pack()
        self._disk.save(conversation, live.key, live.kv, live.tokens, live.used)
        live.saved = len(live.tokens)  # also when it was not possible: it would not be the next time either

    def _resumed(self, conversation: str, key: str) -> Live | None:
        found = self._disk.load(conversation, key, self._fresh())
        if found is None:
            return None
        live = Live(self._fresh)
        live.kv, live.tokens = found
        live.saved = len(live.tokens)
        return live

    def _shared(self, wanted: list[int], key: str) -> Live | None:
        """A new cache with what another conversation of the same model and profile has in common with ``wanted``."""
        others = [(one.common(wanted), one) for one in self._live.values() if key and one.key == key]
        length, other = max(others, key=lambda pair: pair[0], default=(0, None))
        part = other.part(length) if other is not None and length >= LEAST_SHARED else None
        if part is None:
            return None
        live = Live(self._fresh)
        live.kv, live.tokens = part, wanted[:length]
        return live

    def _fresh(self) -> list[Any]:
        kv: list[Any] = make_prompt_cache(self._model)
        return [one.to_quantized(group_size=self._group, bits=self._bits) for one in kv] if self._bits else kv

    def _why_not_quantised(self) -> str:
        """Why this model's cache cannot be quantised; empty when it can. Sets the size of a group."""
        kinds = {type(one).__name__ for one in make_prompt_cache(self._model)}
        if kinds != {KVCache.__name__}:
            return f"mlx-lm cannot do it for {', '.join(sorted(kinds))}"
        width = head_width(self._model)
        group = next((size for size in GROUPS if width and width % size == 0), 0)
        self._group = group
        return "" if group else f"its heads are {width or 'an unknown number of'} numbers wide, not a multiple of 32"


def head_width(model: Any) -> int:  # noqa: ANN401 - an mlx module
    """Numbers in one key of one head; 0 if unknown."""
    args: Any = getattr(model, "args", None)
    heads = getattr(args, "num_attention_heads", 0) or 0
    return int(getattr(args, "head_dim", 0) or (heads and args.hidden_size // heads) or 0)


def _cut(layer: KVCache, length: int) -> KVCache:
    part = KVCache()
    if layer.keys is not None:
        part.keys, part.values = layer.keys[..., :length, :], layer.values[..., :length, :]
        part.offset = length
    return part


def _cut_quantised(layer: QuantizedKVCache, length: int) -> QuantizedKVCache:
    part = QuantizedKVCache(group_size=layer.group_size, bits=layer.bits)
    if layer.keys is not None:
        part.keys = tuple(one[..., :length, :] for one in layer.keys)
        part.values = tuple(one[..., :length, :] for one in layer.values)
        part.offset = length
    return part


_CUT: dict[type, Callable[[Any, int], Any]] = {KVCache: _cut, QuantizedKVCache: _cut_quantised}
"""Kinds of layer caches that can be cut. Never share an array between two caches: they write into it in place."""
