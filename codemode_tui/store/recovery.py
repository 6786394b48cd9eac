"""Turns whose program died get their end, so that every stored turn is finished or truly running."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from codemode_tui.store import owner
from codemode_tui.store.database import transaction
from codemode_tui.store.ends import end_open_corrections, end_open_steps
from codemode_tui.store.ids import new_id, now


def mark_interrupted(db: sqlite3.Connection, owners: Path) -> None:
    """Close what programs that are gone have left open. Two programs may do this at once."""
    for (process,) in db.execute("SELECT process FROM open_process").fetchall():
        if owner.is_alive(owners, process):
            continue
        with transaction(db):
            ended = db.execute("SELECT 1 FROM process_end WHERE process = ?", (process,)).fetchone()
            if not ended:
                end_process(db, process, "died")
    owner.forget_the_dead(owners)


def end_process(db: sqlite3.Connection, process: str, kind: str) -> None:
    """Within a transaction: the process is over, and so is everything that it had begun."""
    for turn, session in db.execute(_OPEN_TURNS, (process,)).fetchall():
        end_open_steps(db, turn, "killed")
        db.execute(
            "INSERT INTO turn_end VALUES (?, ?, 'interrupted', NULL, ?)",
            (turn, now(), "the program ended before the turn did"),
        )
        db.execute(
            "INSERT INTO session_event (id, at, session, kind, body) "
            "VALUES (?, ?, ?, 'interrupted', json_object('turn', ?))",
            (new_id(), now(), session, turn),
        )
    end_open_corrections(db, process, "killed")
    db.execute("INSERT INTO process_end VALUES (?, ?, ?)", (process, now(), kind))


_OPEN_TURNS = """
    SELECT id, session FROM turn WHERE process = ?
    AND NOT EXISTS (SELECT 1 FROM turn_end WHERE turn_end.turn = turn.id)"""
