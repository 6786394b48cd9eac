"""What is recorded, each a transaction of its own. All run on the writer's thread."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from codemode_tui.engine.api import FinishReason, Usage
from codemode_tui.errors import UsageError
from codemode_tui.protocol.types import Message, Parsed
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.blobs import encoded, keep, keep_if, keep_messages, plain
from codemode_tui.store.bodies import check
from codemode_tui.store.database import transaction
from codemode_tui.store.ends import end_open_corrections, end_open_steps
from codemode_tui.store.feedback import LAST_EVENT, keep_standing, place_session, place_turn
from codemode_tui.store.ids import new_id, now
from codemode_tui.store.reads import resolve
from codemode_tui.store.records import FeedbackEvent, FeedbackKind, TurnEnd
from codemode_tui.store.words import apart


def new_session(db: sqlite3.Connection, workspace: Path, title: str) -> str:
    session = new_id()
    with transaction(db):
        db.execute(
            "INSERT INTO session (id, at, workspace, title) VALUES (?, ?, ?, ?)",
            (session, now(), plain(str(workspace)), plain(title)),
        )
    return session


def resume(db: sqlite3.Connection, session: str, workspace: Path) -> None:
    """A folder that was moved is learnt of here, once, and not by each search in a folder: it would have to look at
    every folder there ever was, and one on a file server that does not answer would hold it up."""
    name = plain(str(workspace))
    with transaction(db):
        moved = db.execute(
            "UPDATE session_now SET workspace = ? WHERE seq = (SELECT seq FROM session WHERE id = ?) "
            "AND workspace <> ?",
            (name, session, name),
        ).rowcount
        if moved:
            place_session(db, session)
        _check_there(db, session)
        _session_event(db, session, "resumed", {"workspace": name} if moved else {})


def rename(db: sqlite3.Connection, session: str, title: str) -> None:
    """Give a session another title; an empty one: the beginning of its first question again."""
    with transaction(db):
        db.execute(
            "INSERT INTO session_title (at, session, title) VALUES (?, ?, ?)",
            (now(), resolve(db, "session", session), plain(" ".join(title.split()))),
        )


def register(db: sqlite3.Connection, process: str, pid: int, app: str) -> None:
    with transaction(db):
        db.execute("INSERT INTO process (id, at, pid, app) VALUES (?, ?, ?, ?)", (process, now(), pid, app))


def begin_turn(db: sqlite3.Connection, process: str, session: str, query: str, context: Sequence[Message]) -> str:
    turn = new_id()
    with transaction(db):
        _check_there(db, session)
        index = db.execute("SELECT coalesce(max(idx), 0) + 1 FROM turn WHERE session = ?", (session,)).fetchone()[0]
        db.execute(
            "INSERT INTO turn (id, at, session, idx, process, query, context) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (turn, now(), session, index, process, keep(db, query), keep_messages(db, context)),
        )
        _make_findable(db, turn, query)
    return turn


def begin_generation(
    db: sqlite3.Connection,
    process: str | None,
    turn: str,
    step: int,
    origin: str,
    prompt_text: str,
    provenance: dict[str, Any],
) -> str:
    """``process``: which program makes it, where that need not be the turn's own."""
    generation = new_id()
    with transaction(db):
        db.execute(
            "INSERT INTO generation (id, at, turn, step, origin, prompt, provenance, process) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (generation, now(), turn, step, origin, keep(db, prompt_text), _keep_provenance(db, provenance), process),
        )
    return generation


def append_chunk(db: sqlite3.Connection, generation: str, text: str) -> None:
    """Text that has arrived. Each call costs a sync of the disk: collect some 250 ms of it."""
    with transaction(db):
        db.execute(
            "INSERT INTO generation_chunk SELECT ?1, coalesce(max(i), -1) + 1, ?2 FROM generation_chunk "
            "WHERE generation = ?1",
            (generation, plain(text)),
        )


def end_generation(
    db: sqlite3.Connection,
    generation: str,
    raw_text: str,
    token_ids: Sequence[int],
    finish_reason: FinishReason,
    usage: Usage,
    probability: float | None,
    forced: bool,
    parsed: Parsed,
) -> None:
    with transaction(db):
        db.execute(
            "INSERT INTO generation_end VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                generation,
                now(),
                keep(db, raw_text),
                keep(db, msgspec.json.encode(list(token_ids))),
                finish_reason,
                _json(usage),
                probability,
                parsed.decision.value,
                int(forced),
                parsed.dialect,
                keep(db, parsed.text),
                keep_if(db, parsed.code),
                _json(parsed.warnings),
            ),
        )


def begin_run(
    db: sqlite3.Connection,
    generation: str,
    code: str,
    edited_from: str | None,
    confirmed_by: str,
    backend: str,
) -> str:
    """Record the code before it runs. ``edited_from`` is the model's own, if the user changed it."""
    run = new_id()
    with transaction(db):
        db.execute(
            "INSERT INTO run (id, at, generation, code, edited_from, confirmed_by, backend) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run, now(), generation, keep(db, code), keep_if(db, edited_from), confirmed_by, backend),
        )
    return run


def end_run(db: sqlite3.Connection, run: str, outcome: Outcome, response: str) -> None:
    """Record what the code did, and ``response``: what the model is told of it."""
    with transaction(db):
        db.execute(
            "INSERT INTO run_end VALUES (?, ?, ?, ?, ?)",
            (run, now(), outcome.status, keep(db, encoded(outcome)), keep(db, response)),
        )


def end_turn(db: sqlite3.Connection, turn: str, state: TurnEnd, answer: str | None, error: str = "") -> None:
    """Steps that are still open end with it."""
    with transaction(db):
        end_open_steps(db, turn, "cancel" if state == "cancelled" else "error")
        db.execute(
            "INSERT INTO turn_end VALUES (?, ?, ?, ?, ?)",
            (turn, now(), state, keep_if(db, answer), plain(error)),
        )
        if answer:
            _make_findable(db, turn, answer)


def abandon_corrections(db: sqlite3.Connection, process: str) -> None:
    with transaction(db):
        end_open_corrections(db, process, "error")


def add_feedback(
    db: sqlite3.Connection, target: str, kind: FeedbackKind, body: dict[str, Any], actor: str = "user"
) -> FeedbackEvent:
    """Append one event about ``target``, the id of a turn or of one of its generations; ``body`` as in ``records``.

    Raises:
        UsageError: there is no such turn or generation, or ``body`` is not what ``kind`` needs.
    """
    check(kind, body)
    turn, generation = _target(db, target)
    named = {"correct": "chosen", "verify": "generation"}.get(kind)
    if named and _target(db, body[named]) != (turn, body[named]):
        raise UsageError(f"{body[named]} is no message of turn {turn}")
    event, at = new_id(), now()
    with transaction(db):
        seq = db.execute(LAST_EVENT).fetchone()[0] + 1
        db.execute(
            "INSERT INTO feedback_event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (seq, event, at, turn, generation, actor, kind, _json(body)),
        )
        keep_standing(db, turn)
        place_turn(db, turn)
    return FeedbackEvent(event, seq, at, turn, generation, actor, kind, body)


def _target(db: sqlite3.Connection, target: str) -> tuple[str, str | None]:
    if db.execute("SELECT 1 FROM turn WHERE id = ?", (target,)).fetchone():
        return target, None
    row = db.execute("SELECT turn FROM generation WHERE id = ?", (target,)).fetchone()
    if row is None:
        raise UsageError(f"no turn {target}", hint="`codemode sessions show SESSION` lists the turns")
    return row[0], target


def _check_there(db: sqlite3.Connection, session: str) -> None:
    if not db.execute("SELECT 1 FROM session WHERE id = ?", (session,)).fetchone():
        raise UsageError("this session was deleted meanwhile", hint="begin another one with /new")


def _session_event(db: sqlite3.Connection, session: str, kind: str, body: dict[str, Any]) -> None:
    db.execute(
        "INSERT INTO session_event (id, at, session, kind, body) VALUES (?, ?, ?, ?, ?)",
        (new_id(), now(), session, kind, _json(body)),
    )


def _keep_provenance(db: sqlite3.Connection, provenance: dict[str, Any]) -> str:
    """Once per distinct content: its id is the hash of its canonical JSON."""
    body = _json(provenance)
    digest = hashlib.sha256(body.encode()).hexdigest()
    db.execute("INSERT OR IGNORE INTO provenance VALUES (?, ?)", (digest, body))
    return digest


def _make_findable(db: sqlite3.Connection, turn: str, text: str) -> None:
    db.execute("INSERT INTO said (text, turn) VALUES (?, ?)", (apart(plain(text)), turn))


def _json(value: Any) -> str:  # noqa: ANN401 - any JSON value or Struct
    """Canonical JSON: sorted keys, no spaces. ASCII, so that lone surrogates survive."""
    return json.dumps(msgspec.to_builtins(value, enc_hook=str), sort_keys=True, separators=(",", ":"))
