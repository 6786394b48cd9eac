"""`codemode review`: the terminal interface, opened on what was rated down, or on the rows of an imported set."""

from __future__ import annotations

import argparse
from pathlib import Path

from codemode_tui.cli import tui
from codemode_tui.errors import UsageError

SUMMARY = "go through thumbs-downs, or an imported set, and correct them"
EXAMPLE = "codemode review --source phase22"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", metavar="NAME", help="the rows that were imported under this name")
    parser.add_argument("--model", metavar="M", help="bundled, a folder, or a repository id of the local cache")
    parser.add_argument("--profile", metavar="P", help="how the model was trained (default: guessed)")
    parser.add_argument(
        "--workspace", type=Path, metavar="DIR", help="whose turns, and where their code runs (default: this folder)"
    )


def run(args: argparse.Namespace) -> int:
    if args.source:
        _check(args.source)
    args.session, args.resume = None, False
    return tui.start(args, args.source or "")


def _check(source: str) -> None:
    """Raises UsageError: nothing was imported under this name."""
    from codemode_tui import locations
    from codemode_tui.store.store import Store, wait

    store = Store.open(locations.store_file())
    try:
        known = wait(store.external_sources())
    finally:
        store.close()
    if source not in known:
        raise UsageError(
            f"no imported set {source!r}",
            hint=f"there is {', '.join(known)}" if known else "`codemode data import PATH --source NAME` imports one",
        )
