"""Deleting for good: what `sessions delete` and `feedback purge` share. They only say what would go until ``--yes``."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from codemode_tui.cli.output import print_json
from codemode_tui.engine import kv_files
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.store.purge import Purged
from codemode_tui.store.records import KeptSplit, StoredTurn
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
    turns, rated = wait(_doomed(store, target))
    said: dict[str, Any] = {**target, "deleted": args.yes, "turns": [turn.id for turn in turns], "feedback": rated}
    purged, kept = None, 0
    if args.yes:
        purged, kept = wait(_purged(store, target, turns))
        said |= {"texts": purged.blobs, "backups": purged.backups, "kept_splits": kept}
        said |= {"held_by": purged.held_by, "running": purged.running}
        said |= {"shrunk": purged.shrunk, "pending": purged.pending}
    if args.json:
        print_json(said)
        if not args.yes:
            print(f"codemode: {_sentence(False, len(turns), len(rated))}", file=sys.stderr)
        return 0 if args.yes else NOT_DELETED
    for turn in turns[:SHOWN]:
        print(f"{turn.id}  {one_line(turn.query)[:80]}")
    if len(turns) > SHOWN:
        print(f"… and {len(turns) - SHOWN:,} more")
    print(_sentence(args.yes, len(turns), len(rated)))
    for line in _after(purged, kept) if purged else ():
        print(line)
    return 0 if args.yes else NOT_DELETED


async def deleted(store: Store, session: str) -> str:
    """Delete a session for good; returns what to say."""
    target = {"session": session}
    turns, rated = await _doomed(store, target)
    purged, kept = await _purged(store, target, turns)
    return " · ".join([_sentence(True, len(turns), len(rated)), *_after(purged, kept)[:-1]])


async def _doomed(store: Store, target: dict[str, str]) -> tuple[list[StoredTurn], list[str]]:
    """The turns that go, and the ids of those with feedback."""
    turns = [await store.turn(turn) for turn in await store.doomed(**target)]
    return turns, [turn.id for turn in turns if (await store.feedback_of(turn.id)).state != "none"]


async def _purged(store: Store, target: dict[str, str], turns: list[StoredTurn]) -> tuple[Purged, int]:
    """Delete them, and the saved caches that they can be read out of; of how many sessions the split is kept."""
    whole = {turn.session for turn in turns} if "session" in target or (turns and turns[0].index == 1) else set()
    # What was said and taken back has its place in the history of splits, too.
    kept = _kept(store, whole) if any([await store.feedback(turn.id) for turn in turns]) else {}
    try:
        return await store.purge(**target, kept=kept), len(kept)
    finally:  # also where only tidying up the file has failed: no id leads to the caches any more
        for session in {turn.session for turn in turns}:
            kv_files.forget(session)


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


def _after(purged: Purged, kept: int) -> list[str]:
    lines = [f"may still hold it, and is yours to delete: {one_line(str(backup))}" for backup in purged.backups]
    if purged.held_by:
        lines.append(f"remembered, and kept, in sessions that have the same question: {' '.join(purged.held_by)}")
    if purged.running:
        lines.append("a program that still runs has had it open: if it still has, end it or use /new")
    if not purged.shrunk:
        lines.append(
            "its room in the file, where remnants may be, is not given back yet (the disk is full, or another program "
            "writes): the next deletion does it"
        )
    if purged.pending:
        lines.append(
            "its text stays in the file, or in the -wal beside it, until the other program that reads just now ends, "
            "or a full disk has room: whoever opens or closes the store after that takes it out"
        )
    if kept:
        lines.append(f"{kept:,} session{'' if kept == 1 else 's'} that resembled others stay in their split")
    return [*lines, "exports and adapters made before still hold what was in them"]
