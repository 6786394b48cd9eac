"""`codemode eval --perplexity`: how well a model predicts a set, what it may have learnt by heart apart."""

from __future__ import annotations

import argparse
from pathlib import Path

from codemode_tui import config, locations
from codemode_tui.cli.ending import interrupt_when_told_to_end
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.progress import ProgressLine
from codemode_tui.engine.models import find_model
from codemode_tui.errors import UsageError
from codemode_tui.training.perplexity import Measured, Perplexity, perplexity


def run(args: argparse.Namespace) -> int:
    file: Path = args.perplexity
    if not file.is_file():
        raise UsageError(f"no set at {file}", hint="name a .jsonl file, such as test.jsonl")
    train = args.train if args.train is not None else file.with_name("train.jsonl")
    if not train.is_file():
        if args.train is not None:
            raise UsageError(f"no file at {train}", hint="name what the model was trained on")
        train = None
    elif train.resolve() == file.resolve():
        train = None
    model = find_model(args.model or config.load_settings(locations.config_file()).model.default).here()
    interrupt_when_told_to_end()
    progress = ProgressLine()
    try:
        progress.say("loading the model")
        found = perplexity(model, file, train, lambda done, total: progress.say(f"{model.name}: row {done} of {total}"))
    finally:
        progress.clear()
    if args.json:
        print_json(found)
    else:
        _print(found)
    return 0


def _print(found: Perplexity) -> None:

    say(f"{found.model} on {found.set}")
    rows = [("all", found.all), ("in train", found.leaky), ("not in train", found.leak_free)]
    print(f"{'':<13} {'rows':>7} {'tokens':>10} {'loss':>8} {'perplexity':>11}")
    for name, one in rows:
        if one is not None:
            print(_line(name, one))
    if found.train is None:
        print("which rows the model has seen is not known: --train FILE tells what it was trained on")
    if found.cut or found.unreadable:
        print(f"{found.cut:,} rows were cut off, {found.unreadable:,} lines are no rows")


def _line(name: str, one: Measured) -> str:
    loss = "-" if one.loss is None else f"{one.loss:.4f}"
    power = "-" if one.perplexity is None else f"{one.perplexity:.3f}"
    return f"{name:<13} {one.rows:>7,} {one.tokens:>10,} {loss:>8} {power:>11}"
