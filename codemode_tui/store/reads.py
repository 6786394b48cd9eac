"""What is asked of the store. All run on the writer's thread, over one connection."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from pathlib import Path
from typing import Any

import msgspec

from codemode_tui.errors import UsageError
from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.blobs import data_of, decoded, messages_of, plain, text_if, text_of
from codemode_tui.store.records import (
    BEGIN,
    CORRECTION,
    END,
    SearchHit,
    StoredGeneration,
    StoredRun,
    StoredSession,
    StoredTurn,
)
from codemode_tui.store.words import apart, joined

_TITLE = 80
_SHORTEST_PREFIX = 6


def sessions(db: sqlite3.Connection, workspace: Path | None, limit: int) -> list[StoredSession]:
    """Those in which something was asked, the newest first: by their newest turn."""
    where = "WHERE now.last > 0" + (" AND now.workspace = ?" if workspace is not None else "")
    values = [plain(str(workspace))] if workspace is not None else []
    rows = db.execute(f"{_SESSIONS} {where} ORDER BY now.last DESC, now.seq DESC LIMIT ?", (*values, limit))
    return [_session(db, row) for row in rows.fetchall()]


def session(db: sqlite3.Connection, session_id: str) -> StoredSession:
    """A session by its id, or by a beginning of it that is unique. Raises UsageError: there is none, or several."""
    full = resolve(db, "session", session_id)
    row = db.execute(f"{_SESSIONS} WHERE session.id = ?", (full,)).fetchone()
    return _session(db, row)


def questions(db: sqlite3.Connection, workspace: Path, limit: int) -> list[str]:
    """What was asked in a workspace, the newest first, each once."""
    found: dict[str, None] = {}
    rows = db.execute(_QUESTIONS, (plain(str(workspace)),))
    for (digest,) in rows:
        found[digest] = None
        if len(found) == limit:
            break
    rows.close()
    return [text_of(db, digest) for digest in found]


def asked(db: sqlite3.Connection, session_id: str, limit: int) -> list[str]:
    """The newest questions of a session, oldest first."""
    rows = db.execute("SELECT query FROM turn WHERE session = ? ORDER BY idx DESC LIMIT ?", (session_id, limit))
    return [text_of(db, digest) for (digest,) in reversed(rows.fetchall())]


def turns(db: sqlite3.Connection, session_id: str) -> list[StoredTurn]:
    """The turns of a session, oldest first; ``StoredTurn.messages`` rebuilds the conversation."""
    rows = db.execute(f"{_TURNS} WHERE turn.session = ? ORDER BY turn.seq", (session_id,))
    return [_turn(db, row) for row in rows.fetchall()]


def turn(db: sqlite3.Connection, turn_id: str) -> StoredTurn:
    """Raises UsageError: there is no such turn."""
    full = resolve(db, "turn", turn_id)
    return _turn(db, db.execute(f"{_TURNS} WHERE turn.id = ?", (full,)).fetchone())


def last_turn(db: sqlite3.Connection, workspace: Path) -> StoredTurn | None:
    """The newest finished turn of a workspace: done, failed or cancelled."""
    found: tuple[int, str] = 0, ""
    rows = db.execute(_BY_LAST, (plain(str(workspace)),))
    for in_session, last in rows:
        if last < found[0]:
            break  # all further sessions are older than what there is
        found = max(found, db.execute(_FINISHED, (in_session,)).fetchone() or found)
    rows.close()
    return turn(db, found[1]) if found[1] else None


def context(db: sqlite3.Connection, turn_id: str) -> tuple[Message, ...]:
    """The messages that came before this turn, exactly as the model saw them."""
    row = db.execute("SELECT context FROM turn WHERE id = ?", (resolve(db, "turn", turn_id),)).fetchone()
    return messages_of(db, row[0])


def prompt(db: sqlite3.Connection, generation: str) -> tuple[str, dict[str, Any]]:
    """The rendered prompt of a generation, byte for byte, and its provenance."""
    row = db.execute(
        "SELECT prompt, body FROM generation JOIN provenance ON provenance.id = provenance WHERE generation.id = ?",
        (generation,),
    ).fetchone()
    if row is None:
        raise UsageError(f"no generation {generation}")
    return text_of(db, row[0]), json.loads(row[1])


def search(db: sqlite3.Connection, text: str, limit: int = 50) -> list[SearchHit]:
    """Turns whose question or answer has all words of ``text``, the newest first; then those in which the
    last word only begins like that. (The best first would have to weigh every match.)"""
    composed = unicodedata.normalize("NFC", text)  # what was typed is; what a Mac pastes need not be
    words = "".join(c if _is_said(c) else " " for c in composed).split()
    hits: dict[str, SearchHit] = {}
    for end in ("", "*") if words else ():
        query = " ".join(f'"{apart(word)}"' for word in words) + end
        # A turn may be found twice, in its question and in its answer.
        for turn_id, in_session, at, digest, snippet in db.execute(_SEARCH, (query, limit * 2)).fetchall():
            if turn_id not in hits:
                hits[turn_id] = SearchHit(turn_id, in_session, at, text_of(db, digest), joined(snippet))
        if len(hits) >= limit:
            break
    return list(hits.values())[:limit]


def _is_said(char: str) -> bool:
    """Whether it belongs to a word, as the index has them; how an emoji is to be drawn, or what encloses a letter, does
    not."""
    kind = unicodedata.category(char)
    return char == "_" or kind == "So" or (kind[0] in "LMN" and kind != "Me" and char not in "\ufe0e\ufe0f")


def resolve(db: sqlite3.Connection, table: str, given: str) -> str:
    """The whole id of a session or turn from it, or from a beginning that only one has.

    Raises:
        UsageError: none, or several.
    """
    given = plain(given)
    if db.execute(f"SELECT 1 FROM {table} WHERE id = ?", (given,)).fetchone():
        return given
    low, high = given, given + "g"  # ids are hexadecimal: every longer one lies between
    rows = db.execute(f"SELECT id FROM {table} WHERE id > ? AND id < ? LIMIT 2", (low, high)).fetchall()
    if len(given) < _SHORTEST_PREFIX or not rows:
        raise UsageError(f"no {table} {given or repr(given)}", hint="`codemode sessions list` lists what there is")
    if len(rows) > 1:
        raise UsageError(f"more than one {table} begins with {given}", hint="give more of the id")
    found: str = rows[0][0]
    return found


_SEARCH = f"""
    SELECT said.turn, turn.session, turn.at, turn.query, snippet(said, 0, '{BEGIN}', '{END}', '…', 16)
    FROM said CROSS JOIN turn ON turn.id = said.turn WHERE said MATCH ? ORDER BY said.rowid DESC LIMIT ?"""
_SESSIONS = """
    SELECT session.id, session.at, coalesce((SELECT at FROM turn WHERE seq = now.last), session.at),
        now.workspace,
        coalesce((SELECT title FROM session_title WHERE session = session.id ORDER BY seq DESC LIMIT 1), session.title),
        now.turns, (SELECT query FROM turn WHERE session = session.id AND idx = 1)
    FROM session_now now CROSS JOIN session ON session.seq = now.seq"""
_QUESTIONS = """
    SELECT turn.query FROM session_now now CROSS JOIN session ON session.seq = now.seq
    CROSS JOIN turn ON turn.session = session.id WHERE now.workspace = ?
    ORDER BY now.last DESC, turn.idx DESC"""
_BY_LAST = """
    SELECT session.id, now.last FROM session_now now CROSS JOIN session ON session.seq = now.seq
    WHERE now.workspace = ? ORDER BY now.last DESC"""
_FINISHED = """
    SELECT seq, id FROM turn JOIN turn_end ON turn_end.turn = turn.id
    WHERE session = ? AND state <> 'interrupted' ORDER BY idx DESC LIMIT 1"""
_TURNS = """
    SELECT turn.id, turn.session, turn.idx, turn.at, turn.query, turn_end.state, turn_end.answer,
        turn_end.error, feedback_now.rating
    FROM turn LEFT JOIN turn_end ON turn_end.turn = turn.id LEFT JOIN feedback_now ON feedback_now.turn = turn.id"""
_GENERATIONS = """
    SELECT g.id, g.step, g.origin, e.finish_reason, e.raw, e.token_ids, e.decision, e.probability, e.forced,
        e.dialect, e.text, e.code, e.warnings, e.usage, g.provenance,
        (SELECT json_extract(body, '$.model.tokenizer_sha256') FROM provenance WHERE id = g.provenance)
    FROM generation g LEFT JOIN generation_end e ON e.generation = g.id WHERE g.turn = ? ORDER BY g.seq"""
_RUNS = """
    SELECT run.id, run.code, run.edited_from, run.confirmed_by, run.backend, run_end.outcome, run_end.response
    FROM run LEFT JOIN run_end ON run_end.run = run.id WHERE run.generation = ? ORDER BY run.seq"""


def _session(db: sqlite3.Connection, row: tuple[Any, ...]) -> StoredSession:
    session_id, started, last, workspace, title, count, first = row
    if not title and first is not None:
        title = " ".join(text_of(db, first)[: 4 * _TITLE].split())[:_TITLE]
    return StoredSession(session_id, started, last, workspace, title, count)


def _turn(db: sqlite3.Connection, row: tuple[Any, ...]) -> StoredTurn:
    turn_id, in_session, index, at, query, state, answer, error, rating = row
    made = [_generation(db, g) for g in db.execute(_GENERATIONS, (turn_id,)).fetchall()]
    return StoredTurn(
        id=turn_id,
        session=in_session,
        index=index,
        at=at,
        query=text_of(db, query),
        state=state or "running",
        answer=text_if(db, answer),
        error=error or "",
        rating=rating or 0,
        generations=tuple(one for one in made if not one.origin.startswith(CORRECTION)),
        corrections=tuple(one for one in made if one.origin.startswith(CORRECTION)),
    )


def _generation(db: sqlite3.Connection, row: tuple[Any, ...]) -> StoredGeneration:
    (generation, step, origin, finish, raw, ids, decision, probability, forced, dialect, text, code, warnings,
     usage, provenance, tokenizer) = row  # fmt: skip
    return StoredGeneration(
        id=generation,
        step=step,
        origin=origin,
        finish_reason=finish,
        raw=text_of(db, raw) if raw else _chunks(db, generation),
        token_ids=tuple(msgspec.json.decode(data_of(db, ids))) if ids else (),
        decision=decision,
        probability=probability,
        forced=bool(forced),
        dialect=dialect,
        text=text_if(db, text) or "",
        code=text_if(db, code),
        warnings=tuple(json.loads(warnings or "[]")),
        usage=json.loads(usage or "{}"),
        provenance=provenance,
        tokenizer=tokenizer or "",
        runs=tuple(_run(db, r) for r in db.execute(_RUNS, (generation,)).fetchall()),
    )


def _run(db: sqlite3.Connection, row: tuple[Any, ...]) -> StoredRun:
    run, code, edited_from, confirmed_by, backend, outcome, response = row
    return StoredRun(
        id=run,
        code=text_of(db, code),
        edited_from=text_if(db, edited_from),
        confirmed_by=confirmed_by,
        backend=backend,
        outcome=decoded(data_of(db, outcome), Outcome) if outcome else None,
        response=text_if(db, response),
    )


def _chunks(db: sqlite3.Connection, generation: str) -> str:
    rows = db.execute("SELECT text FROM generation_chunk WHERE generation = ? ORDER BY i", (generation,))
    return "".join(text for (text,) in rows)
