"""What all turns come to, counted by the database: quick also with a hundred thousand of them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from statistics import median

import msgspec

from codemode_tui.engine.api import decode_tps
from codemode_tui.store.blobs import data_of, decoded, plain
from codemode_tui.store.feedback import events
from codemode_tui.store.standing import standing

EXAMINED = 1000
"""Failed runs, the newest, whose exceptions are counted: each has to be read."""


class Day(msgspec.Struct):
    """One day on the clock of this machine. Speeds are medians of that day: of decoding over its turns, else over its
    messages; None without any."""

    date: str
    turns: int = 0
    runs: int = 0
    good_runs: int = 0
    up: int = 0
    down: int = 0
    decode_tps: float | None = None
    prompt_tps: float | None = None
    ttft_ms: float | None = None


class Statistics(msgspec.Struct):
    """Counts by name, and days from the first to the last on which something was asked."""

    sessions: int
    turns: int
    since: str
    """The first of these days; empty without any turn."""
    states: dict[str, int]
    """Turns that were done, failed, were cancelled or interrupted."""
    decisions: dict[str, int]
    """Of the first message of each turn."""
    runs: dict[str, int]
    exceptions: dict[str, int]
    """Of the newest failed runs."""
    ratings: dict[str, int]
    reasons: dict[str, int]
    models: dict[str, int]
    """Messages by the name of the model that wrote them."""
    days: list[Day]


def statistics(db: sqlite3.Connection, workspace: Path | None, since: str) -> Statistics:
    """Of one workspace or of all, from the day ``since`` (``2026-11-26``) on."""
    day = "date(turn.at, 'localtime')"
    where = f"{day} >= ?" + (" AND now.workspace = ?" if workspace is not None else "")
    db.execute("DROP TABLE IF EXISTS temp.counted")
    db.execute(
        f"CREATE TEMP TABLE counted AS SELECT turn.id, turn.session, {day} AS day FROM turn "
        f"JOIN session ON session.id = turn.session JOIN session_now now ON now.seq = session.seq WHERE {where}",
        (since, *([plain(str(workspace))] if workspace is not None else [])),
    )
    db.execute("CREATE UNIQUE INDEX temp.counted_id ON counted (id)")
    try:
        return _counted(db)
    finally:
        db.execute("DROP TABLE temp.counted")


def _counted(db: sqlite3.Connection) -> Statistics:
    days = _days(db)
    sessions, turns = db.execute("SELECT count(DISTINCT session), count(*) FROM counted").fetchone()
    reasons: Counter[str] = Counter()
    for (turn,) in db.execute(
        "SELECT DISTINCT e.turn FROM feedback_event e JOIN counted c ON c.id = e.turn "
        "JOIN feedback_now now ON now.turn = e.turn AND now.rating < 0 WHERE e.kind = 'reason'"
    ).fetchall():
        reasons.update(standing(events(db, turn)).reasons)
    return Statistics(
        sessions=sessions,
        turns=turns,
        since=days[0].date if days else "",
        states=_pairs(db, "SELECT state, count(*) FROM turn_end JOIN counted c ON c.id = turn GROUP BY 1"),
        decisions=_pairs(db, f"SELECT decision, count(*) {_SAID} WHERE step = 0 AND decision IS NOT NULL GROUP BY 1"),
        runs=_pairs(db, f"SELECT status, count(*) {_RAN} GROUP BY 1"),
        exceptions=_exceptions(db),
        ratings=_pairs(
            db,
            "SELECT CASE WHEN rating > 0 THEN 'up' ELSE 'down' END, count(*) FROM feedback_now "
            "JOIN counted c ON c.id = turn WHERE rating <> 0 GROUP BY 1",
        ),
        reasons=dict(reasons.most_common()),
        models=_pairs(
            db,
            "SELECT json_extract(p.body, '$.model.name'), sum(n) FROM (SELECT provenance, count(*) AS n "
            f"{_SAID} GROUP BY 1) JOIN provenance p ON p.id = provenance GROUP BY 1",
        ),
        days=days,
    )


def _days(db: sqlite3.Connection) -> list[Day]:
    days = {
        date: Day(date, turns) for date, turns in db.execute("SELECT day, count(*) FROM counted GROUP BY 1 ORDER BY 1")
    }
    for date, runs, good in db.execute(
        f"SELECT c.day, count(*), sum(status = 'ok') {_RAN} AND status NOT IN ('not_run', 'denied') GROUP BY 1"
    ):
        days[date].runs, days[date].good_runs = runs, good
    for date, up, down in db.execute(
        "SELECT c.day, sum(rating > 0), sum(rating < 0) FROM feedback_now JOIN counted c ON c.id = turn GROUP BY 1"
    ):
        days[date].up, days[date].down = up, down
    speeds: dict[str, tuple[list[float], list[float], list[float]]] = {date: ([], [], []) for date in days}
    messages: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for date, turn, tokens, rate, *values in db.execute(
        "SELECT c.day, c.id, json_extract(usage, '$.generated_tokens'), json_extract(usage, '$.decode_tps'), "
        f"json_extract(usage, '$.prompt_tps'), json_extract(usage, '$.ttft_ms') {_SAID}"
    ):
        messages.setdefault((date, turn), []).append((tokens or 0, rate or 0))
        for kept, value in zip(speeds[date][1:], values, strict=True):
            if value:
                kept.append(value)
    for (date, _), said in messages.items():
        if speed := decode_tps(said):
            speeds[date][0].append(speed)
    for date, (decode, prompt, first) in speeds.items():
        day = days[date]
        day.decode_tps, day.prompt_tps, day.ttft_ms = (
            round(median(kept), 1) if kept else None for kept in (decode, prompt, first)
        )
    return list(days.values())


def _exceptions(db: sqlite3.Connection) -> dict[str, int]:
    found: Counter[str] = Counter()
    rows = db.execute(
        f"SELECT outcome {_RAN} AND status = 'error' AND outcome IS NOT NULL ORDER BY run_end.at DESC LIMIT ?",
        (EXAMINED,),
    )
    for (outcome,) in rows.fetchall():
        error = decoded(data_of(db, outcome), dict).get("exception") or {}
        found[error.get("type", "") or "other"] += 1
    return dict(found.most_common())


def _pairs(db: sqlite3.Connection, query: str) -> dict[str, int]:
    return dict(sorted(((name or "unknown", count) for name, count in db.execute(query)), key=lambda pair: -pair[1]))


_SAID = """
    FROM counted c JOIN generation g ON g.turn = c.id AND g.origin NOT LIKE 'fix~_%' ESCAPE '~'
    JOIN generation_end e ON e.generation = g.id"""
_RAN = """
    FROM counted c JOIN generation g ON g.turn = c.id JOIN run ON run.generation = g.id
    JOIN run_end ON run_end.run = run.id WHERE g.origin NOT LIKE 'fix~_%' ESCAPE '~'"""
