"""The forward pass of a small Qwen3 in a third of the operations that mlx-lm makes of it.

On a processor mlx has no fused norm, rotary embedding or attention: each is a dozen small operations, and starting one
costs more than what it computes. Here projections of one input are one product, what a norm multiplies with stands in
the weights behind it, and the angles of the positions are worked out once a pass. Of several tokens NumPy takes the
exponentials, which it does several at a time and mlx one by one: of a long prompt they were two thirds of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import mlx.core as mx
import numpy as np
import numpy.typing as npt
from mlx import nn
from mlx_lm.models import qwen3
from mlx_lm.models.cache import KVCache

Forward = Callable[..., mx.array]
"""``forward(ids, cache=…)``: ids ``[1, tokens]`` to logits ``[1, tokens, vocabulary]``, as an mlx-lm model has it."""

_Floats = npt.NDArray[np.float32]
_ROWS = 32
"""Queries that are masked together: few enough that hardly a key behind them is looked at, many enough for NumPy."""
_LATER: _Floats = np.triu(np.full((_ROWS, _ROWS), -np.inf, np.float32), 1)
"""What keeps a query from keys behind its own."""


class _Layer(NamedTuple):
    """Weights of one layer, inputs first: ``[in, out]``."""

    qkv: mx.array
    heads: mx.array
    """What queries and keys are multiplied with when they have been normed, ``[heads + groups, 1, head]``."""
    out: mx.array
    gate_up: mx.array
    down: mx.array


class FewOps:
    """A model of the weights of a ``qwen3.Model``, which it takes away from it, for one conversation at a time."""

    def __init__(self, model: qwen3.Model) -> None:
        args = model.args
        self._heads, self._groups, self._size = args.num_attention_heads, args.num_key_value_heads, args.head_dim
        self._half = args.head_dim // 2
        # Norms divide by the root of a mean: of a sum here, which leaves a factor for the weights.
        self._eps, self._head_eps = args.hidden_size * args.rms_norm_eps, args.head_dim * args.rms_norm_eps
        wide = args.hidden_size**0.5
        self._turns = args.rope_theta ** (-mx.arange(self._half, dtype=mx.float32) / self._half)
        self._embedding = model.model.embed_tokens.weight
        # Not multiplied with the norm's, which would be a second copy of a large matrix.
        self._norm, head = model.model.norm.weight * wide, model.model.embed_tokens
        self._logits = (head if args.tie_word_embeddings else model.lm_head).weight.T
        self._layers = []
        for layer in model.model.layers:  # one by one: never is more than one of them there twice
            self._layers.append(self._layer(layer, wide))
            mx.eval(self._layers[-1])
            for part in _linear(layer):
                part.weight = mx.zeros((0, 0))
        mx.eval(self._turns, self._norm)

    def __call__(self, ids: mx.array, cache: Sequence[KVCache]) -> mx.array:
        x = self._embedding[ids.reshape(-1)]
        count, before = x.shape[0], cache[0].offset
        angles = mx.arange(before, before + count, dtype=mx.float32)[:, None] * self._turns
        cos, sin = mx.cos(angles), mx.sin(angles)
        cos, sin = mx.concatenate([cos, cos], axis=-1), mx.concatenate([-sin, sin], axis=-1)
        for layer, kv in zip(self._layers, cache, strict=True):
            x = x + self._attention(_normed(x, self._eps) @ layer.qkv, layer, kv, cos, sin)
            x = x + _gated(_normed(x, self._eps) @ layer.gate_up) @ layer.down
        logits: mx.array = _normed(x, self._eps) * self._norm @ self._logits
        return logits[None]

    def _attention(self, qkv: mx.array, layer: _Layer, kv: KVCache, cos: mx.array, sin: mx.array) -> mx.array:
        """What the layer adds, ``[tokens, width]``, of its projections ``[tokens, (heads + 2 groups) · head]``."""
        count, heads, groups = qkv.shape[0], self._heads, self._groups
        parts = qkv.reshape(1, count, -1, self._size).transpose(0, 2, 1, 3)
        both = _normed(parts[:, : heads + groups], self._head_eps) * layer.heads
        swapped = mx.concatenate([both[..., self._half :], both[..., : self._half]], axis=-1)
        both = both * cos + swapped * sin
        keys, values = kv.update_and_fetch(both[:, heads:], parts[:, heads + groups :])
        # The heads of a group stand one under the other: nothing is repeated for them.
        scores = both[:, :heads].reshape(1, groups, -1, self._size) @ keys.swapaxes(-1, -2)
        if count == 1:
            found = mx.softmax(scores, axis=-1) @ values
        else:
            sums = _exponentials(scores, count)
            found = (scores @ values) / sums
        found = found.reshape(heads, count, self._size)
        added: mx.array = found.transpose(1, 0, 2).reshape(count, -1) @ layer.out
        return added

    def _layer(self, layer: Any, wide: float) -> _Layer:  # noqa: ANN401 - an mlx module
        attention, mlp = layer.self_attn, layer.mlp
        root = self._size**0.5
        norms = [attention.q_norm.weight * (root * attention.scale)] * self._heads
        norms += [attention.k_norm.weight * root] * self._groups
        return _Layer(
            _columns([attention.q_proj, attention.k_proj, attention.v_proj], layer.input_layernorm.weight * wide),
            mx.stack(norms)[:, None],
            _columns([attention.o_proj]),
            _columns([mlp.gate_proj, mlp.up_proj], layer.post_attention_layernorm.weight * wide),
            _columns([mlp.down_proj]),
        )


def few_ops(model: Any) -> Forward | None:  # noqa: ANN401 - an mlx module
    """``model`` with few operations, after which it has no weights of its own.

    None, and nothing has happened to it, where it is of another kind than ``FewOps`` knows.
    """
    if not isinstance(model, qwen3.Model):
        return None
    ropes = [layer.self_attn.rope for layer in model.model.layers]
    plain = (
        # no adapter around it
        all(type(part) is nn.Linear and "bias" not in part for layer in model.model.layers for part in _linear(layer))
        and all(type(one) is nn.RoPE and not one.traditional and one.scale == 1.0 for one in ropes)
        and all(one.dims == model.args.head_dim and one.dims % 2 == 0 for one in ropes)
        and type(model.model.embed_tokens) is nn.Embedding
        and model.model.embed_tokens.weight.dtype == mx.float32
    )
    return FewOps(model) if plain else None


def _linear(layer: Any) -> list[Any]:  # noqa: ANN401 - an mlx module
    parts = (*layer.self_attn.children().values(), *layer.mlp.children().values())
    return [part for part in parts if not isinstance(part, nn.RMSNorm | nn.RoPE)]


def _exponentials(scores: mx.array, count: int) -> mx.array:
    """Make of ``scores``, in their place, what softmax divides by the sums that are returned, ``[1, groups, …, 1]``.

    Args:
        scores: ``[1, groups, queries, keys]``, of ``count`` queries of each head; the last keys are of the same tokens.
        count: tokens.
    """
    mx.eval(scores)
    rows: _Floats = np.array(scores, copy=False).reshape(-1, count, scores.shape[-1])
    before = rows.shape[-1] - count
    sums = np.empty((*rows.shape[:2], 1), np.float32)
    for start in range(0, count, _ROWS):
        end = min(start + _ROWS, count)
        rows[:, start:end, before + end :] = 0.0
        rows[:, start:end, before + start : before + end] += _LATER[: end - start, : end - start]
        for head, summed in zip(rows, sums, strict=True):  # one at a time stays in the processor's cache
            part = head[start:end, : before + end]
            part -= part.max(axis=-1, keepdims=True)
            np.exp(part, out=part)
            part.sum(axis=-1, keepdims=True, out=summed[start:end])
    return mx.array(sums).reshape(*scores.shape[:-1], 1)


def _gated(both: mx.array) -> mx.array:
    """``silu(gate) · up`` of ``gate`` and ``up`` beside each other, ``[tokens, 2 · inner]``."""
    if both.shape[0] == 1:
        gate, up = mx.split(both, 2, axis=-1)
        return gate * mx.sigmoid(gate) * up
    mx.eval(both)
    left, right = np.split(np.array(both, copy=False), 2, axis=-1)
    with np.errstate(over="ignore"):  # what becomes infinite divides to nothing, which is right
        divided = np.exp(-left)
    divided += 1.0
    return mx.array(left * right / divided)


def _normed(x: mx.array, eps: float) -> mx.array:
    return x * mx.rsqrt(mx.square(x).sum(axis=-1, keepdims=True) + eps)


def _columns(parts: Sequence[Any], factor: mx.array | None = None) -> mx.array:
    """The weights ``[out, in]`` of ``parts`` as one matrix ``[in, out]``, its inputs multiplied by ``factor``."""
    joined = mx.concatenate([part.weight for part in parts])
    return mx.contiguous((joined if factor is None else joined * factor).T)
