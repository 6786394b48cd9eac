"""`codemode review`: the terminal interface, opened on what was rated down, or on the rows of an imported set."""

from __future__ import annotations

import argparse
from contextlib import closing

from codemode_tui import locations
from codemode_tui.cli import rows, tui
from codemode_tui.cli.arguments import add_model, folder
from codemode_tui.errors import UsageError
from codemode_tui.store.store import Store

EXAMPLE = "codemode review --source phase22 --decision malformed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    rows.add_arguments(parser)
    parser.add_argument(
        "--state",
        choices=("none", "corrected", "verified", "dropped"),
        help="with --source: only these; none: not reviewed yet",
    )
    add_model(parser)
    parser.add_argument(
        "--workspace", type=folder, metavar="DIR", help="whose turns, and where their code runs (default: this folder)"
    )


def run(args: argparse.Namespace) -> int:
    wanted = rows.wanted(args, args.state)
    if args.source:
        with closing(Store.open(locations.store_file())) as store:
            rows.check_source(store, args.source)
    elif args.state:
        raise UsageError("--state is about the rows of a set", hint="name it with --source")
    args.session, args.fork, args.resume = None, None, False
    return tui.start(args, args.source or "", wanted)
