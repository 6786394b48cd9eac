"""`codemode train fuse`: an adapter and its base as one model, in few bits."""

from __future__ import annotations

import argparse
import shlex

from codemode_tui.cli.arguments import path
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.progress import ProgressLine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, metavar="ADAPTER", help="folder of the adapter")
    parser.add_argument("--out", type=path, required=True, metavar="DIR", help="a new folder for the model")
    parser.add_argument("--bits", type=int, choices=(2, 3, 4, 5, 6, 8), default=5, help="of the new weights (5)")


def run(args: argparse.Namespace) -> int:
    from codemode_tui.training.tuning.fuse import fuse

    progress = ProgressLine()
    progress.say("fusing")
    try:
        found = fuse(args.model, args.out, args.bits)
    finally:
        progress.clear()
    if args.json:
        print_json(found)
        return 0

    print("block      change   kept")
    for name, (delta, kept) in found.retention.items():
        say(f"{name:<10} {100 * delta:>5.1f} %  {kept:>5.2f}")
    say(f"written to {found.out} ({found.model.bytes / 1e6:,.1f} MB, {args.bits} bits)")
    say(f"next: codemode train gate --model {shlex.quote(str(found.out))}")
    return 0
