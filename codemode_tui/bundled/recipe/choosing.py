"""Steps on what is not yet learnt: of several batches, the rows whose loss is highest for what they cost.

Most generated conversations are answered right after an hour; a step on them changes nothing and costs the same. A
forward pass costs a fifth of a step, so that looking at four batches to train on one is the better bargain
(selective backpropagation: Jiang et al., arXiv 1910.00762).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F

from codemode_tui.bundled.recipe.copying import IGNORED, Batch
from codemode_tui.bundled.recipe.network import Network

LOOKED_AT = 4
"""Batches of which one is made."""


def hardest(network: Network, batches: Iterator[Batch], *, tokens: int, alone: bool) -> Iterator[Batch]:
    """Batches ``[rows, length]`` of at most ``tokens`` ids out of ``LOOKED_AT`` times as many; rows keep their length."""
    waiting: dict[int, list[Batch]] = {}
    while True:
        seen: list[tuple[float, Batch]] = []
        for _ in range(LOOKED_AT):
            ids, targets = next(batches)
            found = losses(network, ids, targets, alone=alone)
            seen += [(loss, (ids[at], targets[at])) for at, loss in enumerate(found)]
        seen.sort(key=lambda one: -one[0])
        left = tokens
        for _, (ids, targets) in seen:
            if left <= 0:
                break
            left -= ids.size
            waiting.setdefault(ids.size, []).append((ids, targets))
        for length, rows in waiting.items():
            size = max(1, tokens // length)
            while len(rows) >= size:
                yield np.stack([ids for ids, _ in rows[:size]]), np.stack([targets for _, targets in rows[:size]])
                del rows[:size]


@torch.no_grad()
def losses(network: Network, ids: np.ndarray, targets: np.ndarray, *, alone: bool) -> list[float]:
    """Of each row of ``[rows, length]``: the sum of its loss over its length, so that a short row is not passed over."""
    device = network.model.embed_tokens.weight.device
    shown, wanted = (torch.from_numpy(part).to(device).long() for part in (ids, targets))
    with torch.autocast(device.type, dtype=torch.bfloat16):
        logits = network(shown, wanted != IGNORED, alone=alone)
    found = torch.zeros(shown.shape, device=device)
    at = wanted != IGNORED
    found[at] = F.cross_entropy(logits.float(), wanted[at], reduction="none")
    means: list[float] = found.mean(dim=1).tolist()
    return means
