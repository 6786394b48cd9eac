"""Whether a model fits this machine: weights, KV cache and working memory against what there is. Knows no mlx.

Decimal units (1 GB = 10^9 bytes), as disks and Macs are sold. What is worked out is for one sequence at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from codemode_tui.engine.machine_memory import Machine, machine
from codemode_tui.engine.models import ModelRef, check, context_limit, described, quantization
from codemode_tui.engine.weights import BITS, Tensor, check_shard
from codemode_tui.errors import EngineError, ModelError
from codemode_tui.settings import EngineSettings

STEP = 256
"""Tokens by which mlx-lm lets a KV cache grow."""
GROUP = 64
"""Numbers of a quantised KV cache that share a scale and a bias."""
PREFILL_CHUNK = 256
"""Tokens fed at once: between chunks a cancel is seen and progress reported."""
PROGRAM = 300_000_000
"""The interpreter, mlx and the tokenizer, measured: 250 MB."""
FLOAT_COPY_BELOW = 64 * 1024 * 1024
"""Bytes of quantised weights up to which a CPU holds a float copy: prefill is 7 times faster."""
LEAST_CONTEXT = 2048
"""A smaller context is no use: that is as good as no room."""
ENOUGH_CONTEXT = 8192
"""Up to here a context that nobody set takes all that a GPU has; a longer one leaves something to another engine."""
LEAST_RESERVE, RESERVE = 350_000_000, 1_000_000_000
"""Bytes that are left to it: an eighth of what there is beside the weights, within these. The bundled model takes 330
MB."""
KV_BITS = (8, 4)
MOST_LAYERS = 10_000
"""Of any model there will be; a damaged file may say billions."""
MOST_BYTES = 1 << 60
"""An exabyte: more than that is no size but damage, and too large a number for some arithmetic."""


class Model(msgspec.Struct, frozen=True):
    """What of a model memory depends on."""

    name: str
    config: dict[str, Any]
    weights: int
    """Bytes on disk, which is what they take once loaded."""
    bits: int
    """Of the weights; 0 when they are floats."""
    width: int
    """Bytes of one number that it computes with."""

    @property
    def context(self) -> int:
        """Tokens that it was made for; 0 when unknown."""
        return context_limit(self.config)


class Need(msgspec.Struct, frozen=True):
    """Bytes that a model takes."""

    weights: int
    kv: int
    """KV cache when the context is full."""
    working: int
    """What is there for a moment while a prompt is read, and the program itself."""
    context: int
    """Tokens."""
    kv_bits: int = 0

    @property
    def total(self) -> int:
        return self.weights + self.kv + self.working


class Plan(msgspec.Struct, frozen=True):
    """How a model is held here."""

    model: str
    need: Need
    machine: Machine
    own_context: int
    """Tokens that the model was made for, or that the settings say; 0 when unknown."""

    @property
    def fits(self) -> bool:
        return self.need.total <= self.machine.bytes

    @property
    def shortened(self) -> bool:
        """Whether memory ends the context before the model does."""
        return self.need.context < self.own_context

    @property
    def cache_bytes(self) -> int:
        """What the KV caches of all conversations may take together."""
        spare = self.machine.bytes - _reserve(self.need.weights, self.machine)
        return max(self.need.kv, spare - self.need.weights - self.need.working)

    @property
    def wider(self) -> str:
        """What gives it more memory here, or enough; empty where nothing does."""
        return self.machine.wider(self.need.total)

    @property
    def figures(self) -> dict[str, Any]:
        """The arithmetic, for programs: bytes, and tokens of context."""
        has = self.need
        return {
            "fits": self.fits, "weights": has.weights, "kv": has.kv, "working": has.working, "total": has.total,
            "context": has.context, "available": self.machine.bytes, "source": self.machine.source,
        }  # fmt: skip

    @property
    def words(self) -> str:
        """The arithmetic, for people."""
        has = self.need
        bits = f" in {has.kv_bits} bits" if has.kv_bits else ""
        return (
            f"weights {gigabytes(has.weights)} + KV cache {gigabytes(has.kv)} of {has.context:,} tokens{bits} + "
            f"working {gigabytes(has.working)} = {gigabytes(has.total)}, "
            f"and there are {gigabytes(self.machine.bytes)} ({self.machine.source})"
        )


def admit(ref: ModelRef, settings: EngineSettings, here: Machine | None = None) -> Plan:
    """How ``ref`` is held on this machine; what does not fit is refused.

    Raises:
        EngineError: the arithmetic, and what would fit.
        ModelError: the model's files are not whole.
    """
    with described(ref.path):
        model = model_of(ref)
        found = planned(model, settings.context_limit, settings.kv_bits, here or machine())
    if not found.fits:
        raise EngineError(f"{model.name} does not fit into memory: {found.words}", hint=_fixes(model, found))
    return found


def plan(ref: ModelRef, settings: EngineSettings, here: Machine | None = None) -> Plan:
    """How ``ref`` is held on this machine, whether it fits or not.

    Raises:
        ModelError: its files are not whole.
    """
    with described(ref.path):
        return planned(model_of(ref), settings.context_limit, settings.kv_bits, here or machine())


def planned(model: Model, limit: int, kv_bits: int, here: Machine) -> Plan:
    """As ``plan``. A context that nobody set is as long as the model's own, or as memory holds beside another engine.

    Args:
        limit: the context that was set, in tokens; 0 when none was.

    Raises:
        ModelError: the model cannot be what its configuration says.
    """
    cap = min(filter(None, (model.context, limit)), default=0)
    least = min(cap or LEAST_CONTEXT, LEAST_CONTEXT)
    tokens = cap or least
    spare = here.bytes - (_reserve(model.weights, here) if tokens > ENOUGH_CONTEXT else 0)
    if not limit and need(model, tokens, kv_bits, gpu=here.gpu).total > spare:
        enough = largest_context(model, here, kv_bits, min(tokens, ENOUGH_CONTEXT))
        longer = largest_context(model, msgspec.structs.replace(here, bytes=spare), kv_bits, tokens)
        tokens = max(least, enough, longer)
    whole = need(model, tokens, kv_bits, gpu=here.gpu)
    if whole.total > MOST_BYTES:
        raise ModelError(
            "its configuration says that it takes over an exabyte", hint="the file is damaged; download it again"
        )
    return Plan(model.name, whole, here, cap)


def model_of(ref: ModelRef) -> Model:
    """Read what memory depends on.

    Raises:
        ModelError: the files are not whole.
    """
    config, shards = check(ref)
    tensors = {name: one for shard in shards for name, one in check_shard(shard).items()}
    config = {**config, **(config.get("text_config") or {})}
    more = sum(file.stat().st_size for file in ref.adapter.glob("*.safetensors")) if ref.adapter else 0
    bits = (quantization(config) or {}).get("bits", 0)
    return Model(ref.name, config, sum(one.bytes for one in tensors.values()) + more, bits, _width(tensors))


def need(model: Model, context: int, kv_bits: int = 0, *, gpu: bool = False) -> Need:
    """Bytes that ``model`` takes with ``context`` tokens."""
    copied = not gpu and model.bits and model.weights < FLOAT_COPY_BELOW
    weights = model.weights * (1 + 8 * model.width // model.bits) if copied else model.weights
    kv = kv_bytes(model.config, context, kv_bits=kv_bits, width=model.width)
    return Need(weights, kv, PROGRAM + _working(model, context, kv_bits, gpu), context, kv_bits)


def kv_bytes(config: Mapping[str, Any], context: int, *, kv_bits: int = 0, width: int = 2) -> int:
    """Bytes of the KV caches of all layers that hold ``context`` tokens.

    Args:
        config: the model's ``config.json``.
        context: tokens.
        kv_bits: 4 or 8 for quantised caches; those of a sliding window never are.
        width: bytes of one number.
    """
    total = 0.0
    for numbers, window in _layers(config):
        held = min(context, window) if window else context
        held = -(-held // STEP) * STEP
        each = kv_bits / 8 + 2 * width / GROUP if kv_bits and not window else width
        total += held * numbers * each
    return int(total)


def largest_context(model: Model, here: Machine, kv_bits: int, cap: int) -> int:
    """The longest context up to ``cap`` that fits, in whole steps; 0 when none does."""
    low, high = 0, cap // STEP
    while low < high:
        middle = (low + high + 1) // 2
        fits = need(model, middle * STEP, kv_bits, gpu=here.gpu).total <= here.bytes
        low, high = (middle, high) if fits else (low, middle - 1)
    return low * STEP


def _reserve(weights: int, here: Machine) -> int:
    """Bytes that are not promised to one model: of a GPU, whose memory is given out to one engine after another."""
    return max(LEAST_RESERVE, min(RESERVE, (here.bytes - weights) // 8)) if here.gpu else 0


def gigabytes(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.0f} MB"


def _fixes(model: Model, one: Plan) -> str:
    has, here = one.need, one.machine
    fixes: list[str] = []
    if (room := largest_context(model, here, has.kv_bits, has.context)) >= LEAST_CONTEXT:
        fixes.append(f"a context of {room:,} tokens fits (codemode config set engine.context_limit {room})")
    for bits in KV_BITS:
        if (not has.kv_bits or bits < has.kv_bits) and need(model, has.context, bits, gpu=here.gpu).total <= here.bytes:
            this = "so does this one" if fixes else "this context fits"
            fixes.append(f"{this} with its cache in {bits} bits (codemode config set engine.kv_bits {bits})")
            break
    if one.wider:
        fixes.append(one.wider)
    if not fixes:
        spare = here.bytes - need(model, LEAST_CONTEXT, has.kv_bits, gpu=here.gpu).total + has.weights
        size = f" with weights below {gigabytes(spare)}" if spare > 0 else ""
        fixes.append(f"choose a smaller model{size} or fewer bits")
        if not here.gpu:
            fixes.append("close other programs")
        elif here.taken:
            fixes.append("end the other engines (codemode engine stop)")
    return f"{', or '.join(fixes)}; --no-memory-guard loads it all the same"


def _layers(config: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Of each layer that keeps a cache: numbers a token, and its window (0: none)."""
    count = int(config.get("num_hidden_layers") or 0)
    heads = int(config.get("num_attention_heads") or 0)
    if not count or not heads:
        return []
    if count > MOST_LAYERS:
        raise ModelError(f"its configuration says {count:,} layers", hint="the file is damaged; download it again")
    size = int(config.get("head_dim") or int(config.get("hidden_size") or 0) // heads)
    numbers = 2 * int(config.get("num_key_value_heads") or heads) * size
    if rank := int(config.get("kv_lora_rank") or 0):  # multi-head latent attention
        rope = int(config.get("qk_rope_head_dim") or 0)
        numbers = rank + rope
        if config.get("model_type") in ("deepseek_v2", "minicpm3"):  # mlx-lm keeps these ones' keys and values whole
            both = int(config.get("qk_nope_head_dim") or 0) + int(config.get("v_head_dim") or size)
            numbers = heads * (both + rope)
    return [(numbers, window) for window in _windows(config, count) if window is not None]


def _windows(config: Mapping[str, Any], count: int) -> list[int | None]:
    """The window of each layer: 0 for all tokens, None for a layer that keeps a state of fixed size instead."""
    window = int(config.get("sliding_window") or 0) if config.get("use_sliding_window") is not False else 0
    kinds = config.get("layer_types")
    if isinstance(kinds, list) and len(kinds) == count:
        known = {"sliding_attention": window, "linear_attention": None}
        return [known.get(kind, 0) for kind in kinds]
    if every := int(config.get("full_attention_interval") or 0):
        return [0 if (at + 1) % every == 0 else None for at in range(count)]
    if every := int(config.get("sliding_window_pattern") or 0):
        return [0 if (at + 1) % every == 0 else window for at in range(count)]
    return [0] * count


def _working(model: Model, context: int, kv_bits: int, gpu: bool) -> int:
    """Bytes of one layer at work on a chunk of the prompt, and of the scores of one token."""
    config = model.config
    hidden = int(config.get("hidden_size") or 0)
    heads = int(config.get("num_attention_heads") or 0)
    inner = int(config.get("intermediate_size") or 4 * hidden)
    if experts := int(config.get("num_experts_per_tok") or 0):
        inner = max(inner, experts * int(config.get("moe_intermediate_size") or inner))
    chunk = PREFILL_CHUNK * (12 * hidden + 3 * inner) * model.width
    scores = heads * min(PREFILL_CHUNK, context) * context * model.width
    # A GPU works attention out without holding its scores, but not that of a quantised cache: there mlx-lm has them
    # and, measured, half as much again of what leads to them.
    held = (3 * scores // 2 if kv_bits else 0) if gpu else 2 * scores
    return chunk + held + 8 * 4 * int(config.get("vocab_size") or 0)


def _width(tensors: Mapping[str, Tensor]) -> int:
    """Bytes of the numbers that a model computes with: those of its norms, which are never quantised."""
    floats = [one for name, one in tensors.items() if "norm" in name and one.dtype in ("F32", "F16", "BF16")]
    floats = floats or [one for one in tensors.values() if one.dtype in ("F32", "F16", "BF16")]
    return BITS[floats[0].dtype] // 8 if floats else 2
