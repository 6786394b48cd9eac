"""`codemode replay`: the failures that were corrected, and the turns that were good, once more with another model."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import TYPE_CHECKING

from codemode_tui.cli.arguments import whole
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.playing import Contender, contender, finish, make_bench, reach, replayed, watched

if TYPE_CHECKING:
    from codemode_tui.training.regression import Regression
    from codemode_tui.training.replay import Replay

EXAMPLE = "codemode replay --model ./adapter --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="M", help="the model that is asked (default: the chosen one)")
    parser.add_argument("--baseline", metavar="M2", help="another model, asked after the first and compared with it")
    parser.add_argument("--profile", metavar="P", help="how the models were trained (default: guessed)")
    parser.add_argument("--jobs", type=whole(1, 4), default=2, metavar="N", help="turns side by side (default: 2); "
                        "the results do not depend on it")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    from codemode_tui.training.playing import must_have_answered
    from codemode_tui.training.replay import document

    names = [args.model, *([args.baseline] if args.baseline is not None else [])]
    contenders = [contender(name, args.profile) for name in names]
    first, *others = finish(_replays(contenders, args.jobs))
    baseline = others[0] if others else None
    if args.json:
        print_json(document(first, baseline))
    else:
        from codemode_tui.cli.replay_table import lines

        say(*lines(first, baseline))
    for one in (first, *others):
        must_have_answered(one.model, [turn.result for turn in one.turns])
    return 0


async def _replays(contenders: list[Contender], jobs: int) -> list[Replay]:
    await reach(contenders)
    found = await _past()
    return [await replayed(found, one, jobs=jobs) for one in contenders]


async def _past() -> Regression:
    """What the store holds, as cases."""
    from codemode_tui import locations
    from codemode_tui.store.store import Store
    from codemode_tui.training.regression import regression

    bench = await make_bench()
    with closing(Store.open(locations.store_file())) as store:
        return await regression(watched(store.feedback_records()), bench)
