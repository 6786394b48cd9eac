"""Steps, checkpoints and the curve: what every phase of pre-training shares."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from codemode_tui.bundled.recipe import curve
from codemode_tui.bundled.recipe.copying import IGNORED
from codemode_tui.bundled.recipe.markers import Facts
from codemode_tui.bundled.recipe.muon import Muon
from codemode_tui.bundled.recipe.network import Network, Shape
from codemode_tui.bundled.recipe.precision import quick
from codemode_tui.bundled.recipe.rounding import rounding
from codemode_tui.bundled.recipe.streams import Make, together
from codemode_tui.errors import ModelError

State = dict[str, torch.Tensor]

TOLD_EVERY = 20
"""Steps between two lines of the curve; in between a GPU is never waited for."""


@dataclass(frozen=True)
class Plan:
    """One phase: how long, how fast, and how the learning rate falls at its end."""

    name: str
    steps: int
    learning_rate: float
    warm_up: int = 100
    decay_steps: int = 0
    """Last steps over which the learning rate falls to a hundredth, linearly."""
    rounded_steps: int = 0
    """Last steps that see the weights as 5 bits will leave them."""
    mean: float = 0.0
    """How slowly the running mean of the weights forgets, which is what the phase is to give; 0 for the last weights."""
    save_every: int = 100
    compiled: bool = True
    alone: bool = False
    """No row of a batch holds more than one conversation."""
    settings: Facts = field(default_factory=dict)
    """What the card tells of the phase. It is kept in the checkpoint."""
    changeable: tuple[str, ...] = ()
    """Those that may change as long as there are steps to come."""

    def rate(self, step: int) -> float:
        up = min(1.0, (step + 1) / max(1, self.warm_up))
        left = self.steps - step
        down = 1.0 if not self.decay_steps else min(1.0, 0.01 + 0.99 * left / self.decay_steps)
        return self.learning_rate * up * down


def train(
    plan: Plan,
    folder: Path,
    make: Make,
    *,
    seed: int,
    start_from: Path | None = None,
    shape: Shape | None = None,
) -> Path:
    """Train one phase, resuming from its own checkpoint if there is one.

    Args:
        plan: length and learning rate.
        folder: where ``<phase>.pt`` and ``<phase>.jsonl`` (the curve) are kept.
        make: the batches of one stream, given its key.
        seed: of the batches. A resumed run gets fresh ones.
        start_from: checkpoint of the phase before, for a fresh start.
        shape: of the network; the one that ships if left out.

    Returns:
        The checkpoint: ``{"shape", "weights", "mean", "optimizers", "step", "ids", "settings"}``; ``ids`` counts those of all
        steps.

    Raises:
        ValueError: a checkpoint is of another shape.
        ModelError: the phase was begun with other settings, and what was trained with them cannot be changed.
    """
    torch.manual_seed(seed)
    checkpoint = folder / f"{plan.name}.pt"
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = Network(shape or Shape()).to(device)
    optimizers = make_optimizers(network, plan.learning_rate)
    step = ids_before = 0
    mean: State | None = None
    if (source := checkpoint if checkpoint.exists() else start_from) is not None:
        saved = torch.load(source, map_location=device, weights_only=False)
        if source == checkpoint:
            refuse_changes(plan, saved)
        if saved["shape"] != network.shape.config():
            raise ValueError(f"{source} is of another shape of network: use another --work folder")
        network.load_state_dict(saved["weights"])
        if source == checkpoint:
            for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
                optimizer.load_state_dict(state)
            step, ids_before, mean = saved["step"], saved["ids"], saved.get("mean")
    mean = running_mean(network, mean) if plan.mean else None
    if plan.compiled:
        torch._dynamo.config.recompile_limit = 64  # for each length of a row, with gradients and without
        for block in network.model.layers:  # all share what is compiled for the first
            block.compile(dynamic=False)
    began, tokens, losses, summed = time.monotonic(), 0, torch.zeros((), device=device), 0
    with together(make, f"{seed}/{step}", processes=device == "cuda") as batches:
        while step < plan.steps:
            ids, targets = (torch.from_numpy(part).to(device, non_blocking=True).long() for part in next(batches))
            for group in (group for optimizer in optimizers for group in optimizer.param_groups):
                group["lr"] = plan.rate(step)
            with rounding(network, on=step >= plan.steps - plan.rounded_steps):
                with torch.autocast(device, dtype=torch.bfloat16, enabled=quick(device) == torch.bfloat16):
                    logits = network(ids, at := targets != IGNORED, alone=plan.alone)
                loss = F.cross_entropy(logits.float(), targets[at])
                network.zero_grad(set_to_none=True)
                loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
            step += 1
            if mean is not None:
                # The first weights are no better than those of a later step: they are forgotten sooner.
                slow = min(plan.mean, step / (step + 20))
                torch._foreach_lerp_(list(mean.values()), list(network.state_dict().values()), 1 - slow)
            tokens += ids.numel()
            losses += loss.detach()
            summed += 1
            if step % TOLD_EVERY == 0:
                line = {
                    "step": step,
                    "loss": round(losses.item() / summed, 4),
                    "rate": round(plan.rate(step - 1), 6),
                    "tokens_per_second": round(tokens / (time.monotonic() - began)),
                }
                losses.zero_()
                summed = 0
                curve.add(folder / f"{plan.name}.jsonl", line)
                print(plan.name, line, flush=True)
            if step % plan.save_every == 0 or step == plan.steps:
                ids_seen = ids_before + tokens
                save(checkpoint, network, optimizers, step=step, ids=ids_seen, mean=mean, settings=plan.settings)
    return checkpoint


def refuse_changes(plan: Plan, saved: dict[str, Any]) -> None:
    """Raise ``ModelError`` where a checkpoint cannot become what ``plan`` asks for.

    A finished phase is left as it is, so that all must be as it was; one that goes on may go on longer or faster.
    """
    finished, before = saved["step"] >= plan.steps, saved.get("settings")
    if before is None and not finished:
        return  # a checkpoint of earlier code, which kept none
    changed = [
        f"{name} {value} (before: {(before or {}).get(name, 'unknown')})"
        for name, value in plan.settings.items()
        if (finished or name not in plan.changeable) and (before is None or before.get(name) != value)
    ]
    if changed:
        raise ModelError(
            f"{plan.name} was trained for {saved['step']:,} steps and cannot be changed to {', '.join(changed)}",
            hint=f"--start-at {plan.name} trains it anew; starting at the stage after it lets it stand",
        )


def make_optimizers(network: Network, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks, AdamW for embeddings and norms; both share one learning rate."""
    matrices = [p for p in network.model.layers.parameters() if p.dim() == 2]
    norms = [p for p in network.parameters() if p.dim() != 2]
    groups = [
        {"params": [network.model.embed_tokens.weight], "weight_decay": 0.05},
        {"params": norms, "weight_decay": 0.0},
    ]
    return [Muon(matrices, rate), torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=True)]


def running_mean(network: Network, saved: State | None) -> State:
    """A copy of the weights to add later ones to. Steps of a small batch are mostly noise, which a mean has less of."""
    return {name: weight.detach().clone() for name, weight in (saved or network.state_dict()).items()}


def save(
    path: Path,
    network: Network,
    optimizers: list[torch.optim.Optimizer],
    *,
    step: int,
    ids: int,
    mean: State | None = None,
    settings: Facts | None = None,
) -> None:
    """Write a checkpoint; an interrupted write leaves the old one whole."""
    scratch = path.with_suffix(".tmp")
    state = {"weights": network.state_dict(), "mean": mean, "optimizers": [o.state_dict() for o in optimizers]}
    torch.save(
        {"shape": network.shape.config(), "step": step, "ids": ids, "settings": settings or {}, **state}, scratch
    )
    scratch.replace(path)
