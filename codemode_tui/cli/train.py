"""`codemode train`: an adapter from accepted corrections; measured, promoted, fused by its actions."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from codemode_tui.cli.arguments import given, number, path, whole
from codemode_tui.cli.awake import keep_awake
from codemode_tui.cli.ending import interrupt_when_told_to_end
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.progress import ProgressLine
from codemode_tui.cli.tables import model_line
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.engine.api import ModelInfo
    from codemode_tui.engine.tuning.job import Loaded, Stepped
    from codemode_tui.training.tuning.rows import LeftOut
    from codemode_tui.training.tuning.run import Plan, Trained

EXAMPLE = """codemode train --data ./export --model bundled --out ./mine

from a thumbs-down to a better model:
  codemode export --out ./export                  all that was corrected and accepted
  codemode train --data ./export --out ./mine     an adapter on the model that you use; it always learns all rows
                                                  again from the base, so that adapters need not be stacked
  codemode train gate --model ./mine              old and new on the suite and on every corrected failure
  codemode train promote --model ./mine           it answers from now on
  codemode train rollback                         what was before it answers again

preference pairs (DPO): `codemode export` writes mlx-lm-lora-dpo/, which mlx-lm-lora trains on in an environment of its
own: pip install mlx-lm-lora; python -m mlx_lm_lora.train --train-mode dpo --data DIR (its files want other names: see
the README of the export)"""
INTERRUPTED = 130
SHOWN = 8
"""Rows left out that are named on the screen."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from codemode_tui.cli import train_gate

    parser.add_argument(
        "--data", type=path, metavar="DIR", help="an export, a folder with train.jsonl, or one file of rows"
    )
    parser.add_argument("--model", metavar="M", help="whose weights are adapted (default: the model that answers)")
    parser.add_argument("--out", type=path, metavar="DIR", help="a new folder for the adapter")
    parser.add_argument("--iters", type=whole(1, 1_000_000), metavar="N", help="steps (default: by the number of rows)")
    parser.add_argument(
        "--base-set",
        type=given,
        metavar="SET",
        help="what else is learnt, so that the model keeps what it knows: a folder or file of rows, bundled (rows that "
        "the bundled model's generator writes; the default for that model), or none",
    )
    parser.add_argument("--mix", type=number(0, 0.95), metavar="X", help="its share of the rows of each step (0.75)")
    parser.add_argument("--learning-rate", type=number(1e-8, 1.0), metavar="X", help="at its highest (1e-4)")
    parser.add_argument("--rank", type=whole(1, 1024), metavar="N", help="of the adapter's matrices (8)")
    parser.add_argument("--scale", type=number(0.01, 1000), metavar="X", help="of what they add (8 or 20)")
    parser.add_argument("--layers", type=_blocks, metavar="N", help="the last N blocks are adapted; -1: all "
                        "(all of a small model, 16 of others)")  # fmt: skip
    parser.add_argument(
        "--batch-tokens", type=whole(32, 1 << 24), metavar="N", help="of a step, padding included (1024 or 2048)"
    )
    parser.add_argument("--max-seq-length", type=whole(8, 1 << 24), metavar="N", help="longer rows are left out (2048)")
    parser.add_argument("--seed", type=whole(0, (1 << 31) - 1), metavar="N", help="of the order of rows (11)")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON document")
    train_gate.add_actions(parser)


def run(args: argparse.Namespace) -> int:
    from codemode_tui.cli import train_gate

    keep_awake()
    interrupt_when_told_to_end()  # a checkpoint is written, and the child goes
    if args.action is not None:
        return train_gate.run(args)
    from codemode_tui.training.tuning.base_set import GENERATED
    from codemode_tui.training.tuning.plan import NO_SET, Options
    from codemode_tui.training.tuning.run import train

    if args.out is None:
        raise UsageError("no folder for the adapter", hint="name a new one with --out")
    names = set(Options.__struct_fields__)
    given = {name: value for name, value in vars(args).items() if name in names and value is not None}
    if "data" in given:
        given["data"] = os.path.realpath(given["data"])  # however it is named: --resume asks for the same folder
    if given.get("base_set") not in (None, GENERATED, NO_SET):
        given["base_set"] = os.path.realpath(os.path.expanduser(given["base_set"]))
    screen = Screen(quiet=args.json)
    try:
        found = train(Options(**given), args.out, screen, resume=args.resume)
    finally:
        screen.progress.clear()
    if args.json:
        print_json(found)
    else:
        screen.tell(found)
    return 0 if found.state == "done" else INTERRUPTED


class Screen:
    """What a person sees meanwhile."""

    def __init__(self, *, quiet: bool) -> None:
        self.progress = ProgressLine()
        self._quiet = quiet

    def planned(self, plan: Plan, info: ModelInfo) -> None:
        from codemode_tui.training.tuning.card import measured

        counts, options = plan.counts, plan.options
        self._print(f"model    {model_line(info)}")
        self._print(f"rows     {counts.train:,} to learn from, {measured(counts.valid)} to validate with")
        if counts.base:
            mix = 100 * (options.mix or 0)
            self._print(f"mixed    {mix:.0f} % of the rows of each step from {options.base_set} ({counts.base:,} rows)")
        self._left_out(counts.left_out)
        if counts.unread:
            names = ", ".join(counts.unread[:SHOWN]) + (" …" if len(counts.unread) > SHOWN else "")
            self._print(f"note     not read: {names} (files named train, valid or test are; preference pairs never)")
        if counts.other_prompts:
            self._print(
                f"note     {counts.other_prompts:,} rows have another system prompt than profile {plan.profile}"
            )
        self.progress.say("loading the model")

    def loaded(self, event: Loaded, over_long: Sequence[LeftOut]) -> None:
        self._left_out(over_long)
        where = f"from step {event.step}, " if event.step else ""
        self._print(f"adapter  {where}{event.trainable:,} weights" + (" on a float copy" if event.float_copy else ""))

    def stepped(self, event: Stepped, iters: int, valid: float | None) -> None:
        parts = [
            f"step {event.step:,} of {iters:,}",
            *([] if event.loss is None else [f"loss {event.loss:.3f}"]),
            *([] if valid is None else [f"valid {valid:.3f}"]),
            f"{event.tokens_per_second:,.0f} tokens/s",
            f"{event.memory / 1e6:,.0f} MB",
            _time(event.seconds_left) + " left",
        ]
        self.progress.say("  ".join(parts))

    def tell(self, found: Trained) -> None:
        if found.state == "stopped":
            left = f"go on with --resume; it is kept in {found.work}" if found.work else "nothing is left of it"
            print(f"codemode: stopped at step {found.steps}; {left}", file=sys.stderr)
            return
        loss = found.loss
        if loss["train"] is not None:
            self._print(f"loss     {loss['train']:.3f} nats a token of what is learnt")
        if loss["valid_before"] is not None and loss["valid_after"] is not None:
            from codemode_tui.training.tuning.card import measured

            on = f"on {measured(found.rows['valid'])} rows kept back"
            self._print(f"valid    {loss['valid_before']:.3f} -> {loss['valid_after']:.3f} {on}")
        self._print(f"speed    {found.tokens_per_second:,.0f} tokens/s, {_time(found.seconds)} in all")
        self._print(f"written  {found.out}")
        self._print(f"next     codemode train gate --model {shlex.quote(str(found.out))}")

    def _left_out(self, rows: Sequence[LeftOut]) -> None:
        from codemode_tui.training.tuning.rows import REASONS

        for reason, times in Counter(one.reason for one in rows).items():
            which = [one.row for one in rows if one.reason == reason][:SHOWN]
            more = f" and {times - SHOWN} more" if times > SHOWN else ""
            self._print(f"left out {', '.join(which)}{more}: {REASONS[reason]}")

    def _print(self, text: str) -> None:
        if not self._quiet:
            self.progress.clear()
            say(text)


def _blocks(text: str) -> int:
    """A type of argument: how many blocks; none would be no adapter, and mlx-lm takes 0 for all of them."""
    if (value := whole(-1, 1000)(text)) == 0:
        raise argparse.ArgumentTypeError("must be -1 or at least 1")
    return value


def _time(seconds: float) -> str:
    whole_seconds = round(seconds)
    if whole_seconds < 60:
        return f"{whole_seconds} s"
    return f"{whole_seconds // 60} min {whole_seconds % 60} s" if whole_seconds < 3600 else f"{seconds / 3600:.1f} h"
