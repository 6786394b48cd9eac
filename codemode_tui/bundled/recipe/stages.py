"""The stages in order, what each needs, and which are still to be done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codemode_tui.bundled.recipe import adaptation, card, markers, measure, pretraining, sample
from codemode_tui.bundled.recipe.markers import Facts
from codemode_tui.bundled.recipe.pretraining import COPY, TALK, TOKENS
from codemode_tui.bundled.recipe.provenance import TRAINING
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.errors import ModelError


@dataclass(frozen=True)
class Stage:
    """One step of the recipe. ``run`` returns facts for the card; heavy imports happen inside it."""

    name: str
    run: Callable[[Path, Settings], Facts]
    runtime: Literal["plain", "torch", "mlx"]
    """torch and mlx are never loaded into the same process."""
    product: str
    """What it leaves in the work folder."""
    needs: tuple[str, ...] = ()
    """Settings that change its product."""
    adoptable: bool = False
    """Whether a product that is already there can stand for it."""
    alone: bool = False
    """Whether no model is made from its product, so that doing it again undoes nothing."""

    def needed(self, settings: Settings) -> Facts:
        return settings.chosen(self.needs)


LORA = ("lora_rows", "lora_steps", "lora_batch", "lora_rank", "lora_scale", "lora_rate", "seed")
MEASURED = ("measured_rows", "max_tokens")

STAGES = (
    Stage("data", sample.run, "plain", "sample.jsonl", ("seed", "sample_rows"), alone=True),
    Stage("tokenizer", pretraining.tokenizer, "plain", "tok/tokenizer.json", TOKENS, adoptable=True),
    Stage("copy", pretraining.copy, "torch", "copy.pt", COPY, adoptable=True),
    Stage("talk", pretraining.talk, "torch", "talk.pt", TALK, adoptable=True),
    Stage("export", pretraining.export, "torch", "float/model.safetensors", ("averaged",)),
    Stage("lora", adaptation.lora, "mlx", "lora/adapters.safetensors", LORA),
    Stage("fuse", adaptation.fuse, "mlx", "fused/model.safetensors", ("lora_kept",)),
    Stage("quantise", adaptation.quantise, "mlx", "model/model.safetensors"),
    Stage("measure", measure.run, "mlx", "measured.json", MEASURED),
    Stage("card", card.run, "plain", "model/README.md", alone=True),
)
NAMES = tuple(stage.name for stage in STAGES)


def pending(work: Path, settings: Settings) -> list[Stage]:
    """What is still to be done: every stage that is not done as these settings want it, and what is made from it."""
    found: list[Stage] = []
    stale = False
    for stage in STAGES:
        done = markers.fits(work, stage.name, stage.needed(settings)) and (work / stage.product).exists()
        if stage.alone:
            if not done or stage is STAGES[-1]:
                found.append(stage)
            continue
        stale = stale or not done
        if stale:
            found.append(stage)
    return found


def perform(stage: Stage, work: Path, settings: Settings) -> None:
    """Run one stage and mark it as done.

    Raises:
        ModelError: it left nothing behind.
    """
    began = time.monotonic()
    print(f"== {stage.name}", flush=True)
    found = stage.run(work, settings)
    if not (work / stage.product).exists():
        raise ModelError(f"stage {stage.name} left no {stage.product}", hint="look at its output above")
    found = {**found, "seconds": round(time.monotonic() - began)}
    markers.write(work, stage.name, stage.needed(settings), found)
    print(f"== {stage.name}: done {json.dumps(found, ensure_ascii=False)[:400]}", flush=True)


def adopt(names: tuple[str, ...], work: Path, settings: Settings) -> None:
    """Let what lies in the work folder stand for the products of these stages, with whatever settings."""
    for stage in STAGES:
        if stage.name in names:
            markers.write(work, stage.name, stage.needed(settings), {"adopted": True})


def start_at(first: str, work: Path, settings: Settings) -> None:
    """Let products of earlier work stand for the stages before ``first``, and do all from there again.

    Raises:
        ModelError: one of those products is missing, or the work folder holds the weights of a finished model.
    """
    at = NAMES.index(first)
    if at <= NAMES.index("copy") and (work / TRAINING).exists():
        raise ModelError(
            f"{work} is for training a model further: what comes before talk is not made there",
            hint="start at talk, or name another folder with --work",
        )
    for stage in STAGES[:at]:
        if markers.fits(work, stage.name, stage.needed(settings)) or stage.alone:
            continue
        if not stage.adoptable or not (work / stage.product).exists():
            raise ModelError(
                f"{work / stage.product} was not made by this recipe, so stage {stage.name} cannot be skipped",
                hint=f"start at {stage.name}",
            )
        adopt((stage.name,), work, settings)
    for stage in STAGES[at:]:
        markers.clear(work, stage.name)
        if stage.name in ("copy", "talk"):
            # A phase goes on from its checkpoint: after a finished one nothing would be trained.
            for kept in (work / stage.product, work / f"{stage.name}.jsonl"):
                kept.unlink(missing_ok=True)
