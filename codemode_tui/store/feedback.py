"""What was said about turns: its events, what they come to, and everything that an export needs of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from codemode_tui.store.blobs import plain, text_of
from codemode_tui.store.reads import context, prompt, resolve, turn
from codemode_tui.store.records import FeedbackEvent, FeedbackNow, FeedbackRecord, FeedbackState
from codemode_tui.store.standing import standing

BATCH = 200
LAST_EVENT = """
    SELECT max(coalesce((SELECT max(seq) FROM feedback_event), 0), coalesce((SELECT max(events) FROM purge), 0))"""
"""``seq`` of the newest event there ever was: their order never goes back, also when the newest was purged."""


def events(db: sqlite3.Connection, turn_id: str) -> list[FeedbackEvent]:
    """Everything that was said about a turn, in order."""
    return _events(db, resolve(db, "turn", turn_id))


def _events(db: sqlite3.Connection, turn_id: str) -> list[FeedbackEvent]:
    rows = db.execute(
        "SELECT id, seq, at, turn, generation, actor, kind, body FROM feedback_event WHERE turn = ? ORDER BY seq",
        (turn_id,),
    )
    return [
        FeedbackEvent(event, seq, at, of, generation, actor, kind, json.loads(body))
        for event, seq, at, of, generation, actor, kind, body in rows.fetchall()
    ]


def keep_standing(db: sqlite3.Connection, turn_id: str) -> None:
    """Within a transaction: what the events about a turn come to, where lists and queues find it."""
    said = _events(db, turn_id)
    words = [event.seq for event in said if event.kind != "implicit"]
    if words:
        now = standing(said)
        db.execute(
            "INSERT INTO feedback_now (turn, first, last, rating, state) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET last = excluded.last, rating = excluded.rating, state = excluded.state",
            (turn_id, words[0], words[-1], now.rating, now.state),
        )


def place_turn(db: sqlite3.Connection, turn_id: str) -> None:
    """Within a transaction: what was said about a turn is found where its session went on last, and not, as it is
    at first, where that began."""
    db.execute(f"{_PLACE} = ?", (turn_id,))


def place_session(db: sqlite3.Connection, session: str) -> None:
    """``place_turn`` for all turns of a session."""
    db.execute(f"{_PLACE} IN (SELECT id FROM turn WHERE session = ?)", (session,))


_PLACE = """
    UPDATE feedback_now SET workspace =
        (SELECT now.workspace FROM turn JOIN session ON session.id = turn.session
         JOIN session_now now ON now.seq = session.seq WHERE turn.id = feedback_now.turn)
    WHERE turn"""


def feedback_now(
    db: sqlite3.Connection,
    *,
    workspace: Path | None,
    rating: int | None,
    state: FeedbackState | None,
    limit: int,
) -> list[FeedbackNow]:
    """The feedback in force, one row a turn, newest first. Turns whose rating was taken back have 0."""
    wanted = {
        "feedback_now.workspace": None if workspace is None else plain(str(workspace)),
        "feedback_now.rating": rating,
        "feedback_now.state": state,
    }
    given = {column: value for column, value in wanted.items() if value is not None}
    where = "".join(f" AND {column} = ?" for column in given)
    rows = db.execute(
        # CROSS JOIN keeps the order: along the index of feedback_now, until there are enough.
        "SELECT turn.id, turn.session, turn.query FROM feedback_now CROSS JOIN turn ON turn.id = feedback_now.turn "
        f"WHERE true{where} ORDER BY last DESC LIMIT ?",
        (*given.values(), limit),
    ).fetchall()
    return [_now(db, turn_id, in_session, text_of(db, query)) for turn_id, in_session, query in rows]


def feedback_of(db: sqlite3.Connection, turn_id: str) -> FeedbackNow:
    """What the events about one turn come to; ``events`` is 0 when there are none."""
    found = turn(db, turn_id)
    return _now(db, found.id, found.session, found.query)


def records(db: sqlite3.Connection) -> Iterator[FeedbackRecord]:
    """Every turn about which a human said something, in the order of the first word about each."""
    after = 0
    query = "SELECT first, turn FROM feedback_now WHERE first > ? ORDER BY first LIMIT ?"
    while rows := db.execute(query, (after, BATCH)).fetchall():
        for seq, turn_id in rows:
            yield _record(db, turn_id, seq)
        after = rows[-1][0]


def _record(db: sqlite3.Connection, turn_id: str, first: int) -> FeedbackRecord:
    found = turn(db, turn_id)
    made = {one.id: prompt(db, one.id) for one in (*found.generations, *found.corrections)}
    query = db.execute("SELECT query FROM turn WHERE session = ? AND idx = 1", (found.session,)).fetchone()
    kept = db.execute("SELECT split FROM kept_split WHERE session = ?", (found.session,)).fetchone()
    folder = db.execute(_FOLDER, (found.session,)).fetchone()
    said = tuple(events(db, turn_id))
    return FeedbackRecord(
        turn=found,
        context=context(db, turn_id),
        prompts={one: text for one, (text, _) in made.items()},
        provenance={one: provenance for one, (_, provenance) in made.items()},
        events=said,
        first=first,
        session_query=text_of(db, query[0]) if query else found.query,
        standing=standing(said),
        kept=kept and kept[0],
        workspace=folder[0] if folder else "",
    )


_FOLDER = "SELECT now.workspace FROM session JOIN session_now now ON now.seq = session.seq WHERE session.id = ?"


def _now(db: sqlite3.Connection, turn_id: str, in_session: str, query: str) -> FeedbackNow:
    said = events(db, turn_id)
    now = standing(said)
    return FeedbackNow(
        turn=turn_id,
        session=in_session,
        at=said[-1].at if said else "",
        query=query,
        rating=now.rating,
        reasons=now.reasons,
        comment=now.comment,
        events=len(said),
        state=now.state,
        corrected=bool(now.chosen),
        verified=now.verified,
    )
