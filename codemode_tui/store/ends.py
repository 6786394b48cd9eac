"""What a turn had begun and not ended when it ended itself."""

from __future__ import annotations

import sqlite3
from typing import Literal

from codemode_tui.store.blobs import keep
from codemode_tui.store.ids import now


def end_open_steps(db: sqlite3.Connection, turn: str, finish: Literal["cancel", "error", "killed"]) -> None:
    """Within a transaction: give every generation and run of ``turn`` its end."""
    _end_all(db, "turn", turn, finish)


def end_open_corrections(db: sqlite3.Connection, process: str, finish: Literal["error", "killed"]) -> None:
    """Within a transaction: give every correction that ``process`` was making, and its run, its end."""
    _end_all(db, "process", process, finish)


def _end_all(db: sqlite3.Connection, column: Literal["turn", "process"], value: str, finish: str) -> None:
    for (run,) in db.execute(_OPEN_RUNS.format(column), (value,)).fetchall():
        db.execute("INSERT INTO run_end VALUES (?, ?, 'killed', NULL, NULL)", (run, now()))
    for (generation,) in db.execute(_OPEN_GENERATIONS.format(column), (value,)).fetchall():
        _end_generation(db, generation, finish)


def _end_generation(db: sqlite3.Connection, generation: str, finish: str) -> None:
    """What had arrived by then is its raw text; nothing of it is parsed or ever run."""
    chunks = db.execute("SELECT text FROM generation_chunk WHERE generation = ? ORDER BY i", (generation,))
    raw = "".join(text for (text,) in chunks)
    db.execute(
        "INSERT INTO generation_end VALUES (?, ?, ?, ?, ?, '{}', NULL, NULL, 0, NULL, NULL, NULL, '[]')",
        (generation, now(), keep(db, raw), keep(db, b"[]"), finish),
    )


_OPEN_GENERATIONS = """
    SELECT id FROM generation WHERE {} = ?
    AND NOT EXISTS (SELECT 1 FROM generation_end WHERE generation_end.generation = generation.id)"""
_OPEN_RUNS = """
    SELECT run.id FROM run JOIN generation ON generation.id = run.generation
    WHERE generation.{} = ? AND NOT EXISTS (SELECT 1 FROM run_end WHERE run_end.run = run.id)"""
