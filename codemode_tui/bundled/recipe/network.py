"""A small Qwen3 in torch, named as transformers and mlx-lm name it, so that weights move without a map."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from codemode_tui.bundled.recipe.attention import Causal


@dataclass(frozen=True)
class Shape:
    """Sizes of the network; the fields of a Qwen3 ``config.json``."""

    vocab_size: int = 1024
    hidden_size: int = 256
    intermediate_size: int = 896
    num_hidden_layers: int = 8
    num_attention_heads: int = 4
    num_key_value_heads: int = 2
    head_dim: int = 64
    rope_theta: float = 100_000.0
    rms_norm_eps: float = 1e-6
    max_position_embeddings: int = 2048

    def config(self) -> dict[str, object]:
        """What mlx-lm reads as ``config.json``. ``rope_theta`` stays flat on purpose."""
        return {
            "model_type": "qwen3",
            "architectures": ["Qwen3ForCausalLM"],
            **asdict(self),
            "tie_word_embeddings": True,
            "attention_bias": False,
            "hidden_act": "silu",
            "torch_dtype": "float32",
        }


class Norm(nn.Module):
    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.eps)


class Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.groups, self.size = (
            shape.num_attention_heads,
            shape.num_key_value_heads,
            shape.head_dim,
        )
        self.q_proj = nn.Linear(shape.hidden_size, self.heads * self.size, bias=False)
        self.k_proj = nn.Linear(shape.hidden_size, self.groups * self.size, bias=False)
        self.v_proj = nn.Linear(shape.hidden_size, self.groups * self.size, bias=False)
        self.o_proj = nn.Linear(self.heads * self.size, shape.hidden_size, bias=False)
        self.q_norm = Norm(self.size, shape.rms_norm_eps)
        self.k_norm = Norm(self.size, shape.rms_norm_eps)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None) -> Tensor:
        batch, length, _ = x.shape
        q = self.q_norm(self.q_proj(x).view(batch, length, self.heads, self.size)).transpose(1, 2)
        k = self.k_norm(self.k_proj(x).view(batch, length, self.groups, self.size)).transpose(1, 2)
        v = self.v_proj(x).view(batch, length, self.groups, self.size).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if mask is None and x.device.type == "cpu":
            out: Tensor = Causal.apply(q, k, v)  # type: ignore[no-untyped-call]
        else:
            out = F.scaled_dot_product_attention(
                q, k, v, attn_mask=mask, is_causal=mask is None, enable_gqa=self.heads != self.groups
            )
        result: Tensor = self.o_proj(out.transpose(1, 2).reshape(batch, length, -1))
        return result


class FeedForward(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.up_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.down_proj = nn.Linear(shape.intermediate_size, shape.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return result


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self_attn = Attention(shape)
        self.mlp = FeedForward(shape)
        self.input_layernorm = Norm(shape.hidden_size, shape.rms_norm_eps)
        self.post_attention_layernorm = Norm(shape.hidden_size, shape.rms_norm_eps)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        result: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return result


class Trunk(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.num_hidden_layers))
        self.norm = Norm(shape.hidden_size, shape.rms_norm_eps)


class Network(nn.Module):
    """Ids ``[batch, length]`` to logits ``[batch, length, vocab]``; embeddings are tied.

    ``alone`` says that no row holds more than one conversation: then no mask is needed, which a CPU is much faster for.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.model = Trunk(shape)
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids: Tensor, at: Tensor | None = None, *, alone: bool = False) -> Tensor:
        """With ``at``, true where logits are wanted, they are ``[places, vocab]`` of those places alone."""
        mask = None if alone else apart(ids)
        cos, sin = (part.to(ids.device) for part in angles(self.shape, ids.shape[1]))
        x = self.model.embed_tokens(ids)
        for block in self.model.layers:
            x = block(x, cos, sin, mask)
        x = x if at is None else x[at]
        return F.linear(self.model.norm(x), self.model.embed_tokens.weight)


def apart(ids: Tensor) -> Tensor:
    """What may be looked at, ``[batch, 1, length, length]``: 0 for earlier ids of the same conversation, else -inf.

    A conversation ends where ``<|endoftext|>``, id 0, stands; rotary positions need no new start, being relative.
    """
    end = (ids == 0).long()
    part = end.cumsum(dim=1) - end
    place = torch.arange(ids.shape[1], device=ids.device)
    seen = (part[:, :, None] == part[:, None, :]) & (place[:, None] >= place[None, :])
    device = ids.device.type
    kind = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else torch.float32
    return torch.zeros(seen.shape, dtype=kind, device=ids.device).masked_fill(~seen, float("-inf"))[:, None]


def angles(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the rotary positions, each ``[length, head_dim]``."""
    half = torch.arange(0, shape.head_dim, 2, dtype=torch.float32) / shape.head_dim
    turns = torch.outer(torch.arange(length, dtype=torch.float32), shape.rope_theta**-half)
    both = torch.cat([turns, turns], dim=-1)
    return both.cos(), both.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate ``x`` ``[…, length, head_dim]`` by position, halves split as Qwen does."""
    first, second = x.chunk(2, dim=-1)
    return x * cos.to(x.dtype) + torch.cat([-second, first], dim=-1) * sin.to(x.dtype)
