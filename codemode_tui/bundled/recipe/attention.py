"""Causal attention whose backward pass a CPU does in products of matrices: torch's own takes a third of a step."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx

CHUNK = 128
"""Queries that are taken together; keys after the last of them are left out."""


class Causal(torch.autograd.Function):
    """``q`` ``[batch, heads, length, size]`` looks at ``k`` and ``v`` ``[batch, groups, length, size]`` up to its place.

    The gradients are those of FlashAttention (Dao et al., arXiv 2205.14135, algorithm 4), by blocks of queries.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        shared = q.shape[1] // k.shape[1]
        # Expanded by hand: with enable_gqa there is no fast CPU kernel.
        wide_k, wide_v = k.repeat_interleave(shared, dim=1), v.repeat_interleave(shared, dim=1)
        out, sums = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(q, wide_k, wide_v, 0.0, True)
        ctx.save_for_backward(q, k, v, out, sums)
        found: Tensor = out
        return found

    @staticmethod
    def backward(ctx: FunctionCtx, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v, out, sums = ctx.saved_tensors
        batch, heads, length, size = q.shape
        groups = k.shape[1]
        split = (batch, groups, heads // groups, length)
        weight = (gradients[0].float() * out.float()).sum(-1).view(split)
        sums = sums.float().reshape(split)
        queries = (q * size**-0.5).view(*split, size)
        wanted = gradients[0].to(q.dtype).reshape(*split, size)
        keys, values = k.reshape(-1, length, size), v.reshape(-1, length, size)
        to_q = []
        to_k = torch.zeros(keys.shape, device=q.device)
        to_v = torch.zeros(keys.shape, device=q.device)
        for start in range(0, length, CHUNK):
            end = min(length, start + CHUNK)
            block = (batch * groups, -1, end - start, end)
            some = queries[:, :, :, start:end].reshape(batch * groups, -1, size)
            out_of = wanted[:, :, :, start:end].reshape(batch * groups, -1, size)
            scores = torch.bmm(some, keys[:, :end].mT).view(block).float()
            change = torch.bmm(out_of, values[:, :end].mT).view(block).float()
            place = torch.arange(end, device=q.device)
            later = place[None, :] > place[start:end, None]
            kept = torch.where(later, 0.0, torch.exp(scores - sums[:, :, :, start:end].reshape(*block[:3], 1)))
            change = kept * (change - weight[:, :, :, start:end].reshape(*block[:3], 1))
            flat, kept_flat = (part.to(q.dtype).view(batch * groups, -1, end) for part in (change, kept))
            to_q.append(torch.bmm(flat, keys[:, :end]).view(*split[:3], end - start, size))
            to_k = to_k + F.pad(torch.bmm(flat.mT, some).float(), (0, 0, 0, length - end))
            to_v = to_v + F.pad(torch.bmm(kept_flat.mT, out_of).float(), (0, 0, 0, length - end))
        of_q = (torch.cat(to_q, dim=3) * size**-0.5).view(q.shape)
        return of_q, to_k.to(k.dtype).view(k.shape), to_v.to(v.dtype).view(v.shape)
