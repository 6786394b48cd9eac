"""Puts a finished model where the package ships it from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from codemode_tui import locations
from codemode_tui.errors import ModelError

LARGEST = 6_000_000
"""Bytes of the whole folder: it is in every wheel."""
FILES = (
    "README.md",
    "chat_template.jinja",
    "codemode.json",
    "config.json",
    "generation_config.json",
    "loss.svg",
    "model.safetensors",
    "said.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "training.json",
)


def publish(model: Path, target: Path | None = None) -> Path:
    """Copy ``model`` to ``target`` (the package's own folder), replacing what is there.

    Raises:
        ModelError: it is incomplete, too large or not of 5 bits; nothing was copied.
    """
    target = target or locations.bundled_model()
    problems = check(model)
    if problems:
        raise ModelError(f"{model} cannot be published: {'; '.join(problems)}", hint="run the recipe to its end")
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(model / name, fresh / name)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return target


def check(model: Path) -> list[str]:
    """What is wrong with a model folder that is to be shipped; empty when nothing is."""
    missing = [f"{name} is missing" for name in FILES if not (model / name).is_file()]
    if missing:
        return missing
    problems = []
    size = sum((model / name).stat().st_size for name in FILES)
    if size > LARGEST:
        problems.append(f"{size:,} bytes, more than {LARGEST:,}")
    quantization = json.loads((model / "config.json").read_text("utf-8")).get("quantization") or {}
    if (quantization.get("bits"), quantization.get("group_size")) != (5, 64):
        problems.append("its config does not say 5 bits in groups of 64")
    return problems
