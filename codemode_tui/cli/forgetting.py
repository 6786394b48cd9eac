"""Deleting for good: what `sessions delete` and `feedback purge` share. They only say what would go until ``--yes``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from codemode_tui.cli.output import print_json
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.store.records import KeptSplit
from codemode_tui.store.store import Store, wait

NOT_DELETED = 4
SHOWN = 10
"""Questions that are listed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="delete it; without this you are only told what would go")


def forget(store: Store, args: argparse.Namespace, **target: str) -> int:
    """Tell, and with ``--yes`` delete: ``turn`` (with those after it) or ``session``. Returns the exit code.

    Raises:
        UsageError: there is none, or it still runs.
    """
    turns = [wait(store.turn(turn)) for turn in wait(store.doomed(**target))]
    rated = [turn.id for turn in turns if wait(store.feedback_of(turn.id)).state != "none"]
    said: dict[str, Any] = {**target, "deleted": args.yes, "turns": [turn.id for turn in turns], "feedback": rated}
    if args.yes:
        whole = {turn.session for turn in turns} if "session" in target or (turns and turns[0].index == 1) else set()
        kept = _kept(store, whole) if rated else {}
        purged = wait(store.purge(**target, kept=kept))
        said |= {"texts": purged.blobs, "backups": purged.backups, "kept_splits": len(kept)}
    if args.json:
        print_json(said)
        return 0 if args.yes else NOT_DELETED
    for turn in turns[:SHOWN]:
        print(f"{turn.id}  {one_line(turn.query)[:80]}")
    if len(turns) > SHOWN:
        print(f"… and {len(turns) - SHOWN:,} more")
    print(_sentence(args.yes, len(turns), len(rated)))
    for line in _after(said["backups"], said["kept_splits"]) if args.yes else ():
        print(line)
    return 0 if args.yes else NOT_DELETED


def _kept(store: Store, gone: set[str]) -> dict[str, KeptSplit]:
    """The splits that other rows owe to what goes: no row of theirs may move to another one."""
    from codemode_tui.cli.export import person
    from codemode_tui.feedback.export import owed_splits

    return owed_splits(store.feedback_records(), store.external_rows(), person(), gone)


def _sentence(done: bool, turns: int, rated: int) -> str:
    what = f"{turns:,} turn{'' if turns == 1 else 's'}, {rated:,} of them with feedback"
    if done:
        return f"deleted for good: {what}"
    return f"would be deleted for good: {what}; --yes does it, nothing has been deleted"


def _after(backups: list[Path], kept: int) -> list[str]:
    lines = [f"may still hold it, and is yours to delete: {one_line(str(backup))}" for backup in backups]
    if kept:
        lines.append(f"{kept:,} session{'' if kept == 1 else 's'} that resembled others stay in their split")
    return [*lines, "exports and adapters made before still hold what was in them"]
