"""Steps, checkpoints and the curve: what every phase of pre-training shares."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from codemode_tui.bundled.recipe.copying import IGNORED, Batch
from codemode_tui.bundled.recipe.deepening import deepened
from codemode_tui.bundled.recipe.network import Network, Shape

MakeBatch = Callable[[np.random.Generator, int], Batch]


@dataclass(frozen=True)
class Plan:
    """One phase: how long, how fast, and how the learning rate falls at its end."""

    name: str
    steps: int
    learning_rate: float
    warm_up: int = 100
    decay_steps: int = 0
    """Last steps over which the learning rate falls to a twentieth, linearly."""
    save_every: int = 100
    compiled: bool = True
    """Compiling costs about a minute a length, and pays within a few hundred steps."""

    def rate(self, step: int) -> float:
        up = min(1.0, (step + 1) / max(1, self.warm_up))
        left = self.steps - step
        down = 1.0 if not self.decay_steps else min(1.0, 0.05 + 0.95 * left / self.decay_steps)
        return self.learning_rate * up * down


def train(
    plan: Plan,
    folder: Path,
    make_batch: MakeBatch,
    *,
    seed: int,
    start_from: Path | None = None,
    shape: Shape | None = None,
) -> Path:
    """Train one phase, resuming from its own checkpoint if there is one.

    Args:
        plan: length and learning rate.
        folder: where ``<phase>.pt`` and ``<phase>.jsonl`` (the curve) are kept.
        make_batch: given a generator and the step, returns ids and targets.
        seed: of the batches; batch ``n`` is the same whether or not training was interrupted.
        start_from: checkpoint of the phase before, for a fresh start; of as many layers or fewer.
        shape: of the network; the one that ships if left out.

    Returns:
        The checkpoint: ``{"shape", "weights", "optimizers", "step"}``.

    Raises:
        ValueError: a checkpoint in ``folder`` is of another shape.
    """
    torch.set_num_threads(2)
    torch.manual_seed(seed)
    checkpoint, curve = folder / f"{plan.name}.pt", folder / f"{plan.name}.jsonl"
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = Network(shape or Shape()).to(device)
    optimizers = make_optimizers(network, plan.learning_rate)
    step = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=False)
        if saved["shape"] != network.shape.config():
            raise ValueError(f"{checkpoint} is of another shape of network: use another --work folder")
        network.load_state_dict(saved["weights"])
        for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        step = saved["step"]
    elif start_from is not None:
        weights = torch.load(start_from, map_location=device, weights_only=False)["weights"]
        network.load_state_dict(deepened(weights, network.shape.num_hidden_layers))
    forward = torch.compile(network) if plan.compiled else network
    mean, began, tokens = math.nan, time.monotonic(), 0
    while step < plan.steps:
        ids, targets = make_batch(np.random.default_rng((seed, step)), step)
        rate = plan.rate(step)
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] = rate
        wanted = torch.from_numpy(targets).to(device).flatten()
        with torch.autocast(device, dtype=torch.bfloat16):
            logits = forward(torch.from_numpy(ids).to(device))
        loss = F.cross_entropy(logits.float().flatten(0, 1), wanted, ignore_index=IGNORED)
        network.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        step += 1
        tokens += ids.size
        value = loss.item()
        mean = value if math.isnan(mean) else 0.95 * mean + 0.05 * value
        if step % 20 == 0:
            speed = tokens / (time.monotonic() - began)
            line = {
                "step": step,
                "loss": round(mean, 4),
                "rate": round(rate, 6),
                "tokens_per_second": round(speed),
            }
            with curve.open("a") as stream:
                stream.write(json.dumps(line) + "\n")
            print(plan.name, line, flush=True)
        if step % plan.save_every == 0 or step == plan.steps:
            save(checkpoint, network, optimizers, step)
    return checkpoint


def make_optimizers(network: Network, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks, AdamW for embeddings and norms.

    Muon makes the copying circuit form in a fraction of the steps that AdamW takes, and costs 3 % of a step.
    ``match_rms_adamw`` lets both share one learning rate.
    """
    matrices = [p for p in network.model.layers.parameters() if p.dim() == 2]
    norms = [p for p in network.parameters() if p.dim() != 2]
    groups = [
        {"params": [network.model.embed_tokens.weight], "weight_decay": 0.05},
        {"params": norms, "weight_decay": 0.0},
    ]
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=True),
    ]


def save(path: Path, network: Network, optimizers: list[torch.optim.Optimizer], step: int) -> None:
    """Write a checkpoint; an interrupted write leaves the old one whole."""
    scratch = path.with_suffix(".tmp")
    state = {"weights": network.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step}
    torch.save({"shape": network.shape.config(), **state}, scratch)
    scratch.replace(path)
