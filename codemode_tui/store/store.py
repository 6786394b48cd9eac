"""The store as the rest of the house sees it: awaitable, and on disk when a method returns."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from codemode_tui import __version__
from codemode_tui.engine.api import FinishReason, Usage
from codemode_tui.errors import StoreError
from codemode_tui.protocol.types import Message, Parsed
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store import external, feedback, reads, writes
from codemode_tui.store.database import backup, empty_log, friendly, open_database, snapshot, transaction
from codemode_tui.store.external import ExternalEvent, ExternalKind, ExternalRow, Imported, NewRow
from codemode_tui.store.ids import new_id
from codemode_tui.store.owner import Owner
from codemode_tui.store.purge import Kind, Purged, doomed, purge
from codemode_tui.store.records import (
    CORRECTION,
    FeedbackEvent,
    FeedbackKind,
    FeedbackNow,
    FeedbackRecord,
    FeedbackState,
    KeptSplit,
    Rating,
    SearchHit,
    Standing,
    StoredSession,
    StoredTurn,
)
from codemode_tui.store.recovery import end_process, mark_interrupted
from codemode_tui.store.standing import standing
from codemode_tui.store.statistics import Statistics, statistics

T = TypeVar("T")


class Store:
    """One database, one thread that alone touches it. Safe beside other programs with the same file.

    Its methods are coroutines for the event loop's sake; ``wait`` runs one where there is no loop.
    Every method raises ``StoreError`` when the file cannot be used.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        # Programs that have it by several names must see each other's locks.
        self._place = _real(file)
        self._owners = self._place.with_name(f"{self._place.name}-owners")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._db: sqlite3.Connection | None = None
        self._process = ""
        self._owner: Owner | None = None

    @classmethod
    def open(cls, file: Path) -> Store:
        """Open or create the database; what programs that died have left open is marked as such.

        Raises:
            StoreError: it cannot be opened, is newer than this program, or is damaged.
        """
        store = cls(file)
        try:
            store._thread.submit(store._connect).result()
        except BaseException:
            store.close()
            raise
        return store

    async def new_session(self, cwd: Path, title: str = "") -> str:
        return await self._do(writes.new_session, _real(cwd), title)

    async def resume_session(self, session: str, cwd: Path) -> None:
        """Record that a conversation is continued, in its folder. By the name that the folder has now, the session
        and all that was said about it are found from here on."""
        await self._do(writes.resume, session, _real(cwd))

    async def rename_session(self, session: str, title: str) -> None:
        """Give a session another title; an empty one: the beginning of its first question again."""
        await self._do(writes.rename, session, title)

    async def begin_turn(self, session: str, query: str, context: Sequence[Message]) -> str:
        """Record the question and what came before it, before anything is generated."""
        process = await self._register()
        return await self._do(writes.begin_turn, process, session, query, context)

    async def begin_generation(
        self, turn: str, step: int, origin: str, prompt_text: str, provenance: dict[str, Any]
    ) -> str:
        """Record the prompt, before anything is generated. A correction (``fix_…``) may be made by another program."""
        process = await self._register() if origin.startswith(CORRECTION) else None
        return await self._do(writes.begin_generation, process, turn, step, origin, prompt_text, provenance)

    async def append_chunk(self, generation: str, text: str) -> None:
        """Text that has arrived. Each call costs a sync of the disk: collect some 250 ms of it."""
        await self._do(writes.append_chunk, generation, text)

    async def end_generation(
        self,
        generation: str,
        *,
        raw_text: str,
        token_ids: Sequence[int],
        finish_reason: FinishReason,
        usage: Usage,
        probability: float | None,
        forced: bool,
        parsed: Parsed,
    ) -> None:
        await self._do(
            writes.end_generation,
            generation,
            raw_text,
            token_ids,
            finish_reason,
            usage,
            probability,
            forced,
            parsed,
        )

    async def begin_run(
        self, generation: str, code: str, *, edited_from: str | None, confirmed_by: str, backend: str
    ) -> str:
        """Record the code before it runs. ``edited_from`` is the model's own, if the user changed it."""
        return await self._do(writes.begin_run, generation, code, edited_from, confirmed_by, backend)

    async def end_run(self, run: str, outcome: Outcome, response: str) -> None:
        """Record what the code did, and ``response``: what the model is told of it."""
        await self._do(writes.end_run, run, outcome, response)

    async def end_turn(self, turn: str, state: str, answer: str | None, error: str = "") -> None:
        """``state`` is ``done``, ``failed`` or ``cancelled``. Steps that are still open end with it."""
        await self._do(writes.end_turn, turn, state, answer, error)

    async def abandon_corrections(self) -> None:
        """Corrections that this program has begun and not ended, end."""
        if self._process:
            await self._do(writes.abandon_corrections, self._process)

    async def rate(self, target: str, value: Rating, actor: str = "user") -> FeedbackEvent:
        """Rate a turn, or one generation of it; 0 takes everything said about it back."""
        if value == 0:
            return await self._do(writes.add_feedback, target, "retract", {}, actor)
        return await self._do(writes.add_feedback, target, "rate", {"v": value}, actor)

    async def add_feedback(
        self, target: str, kind: FeedbackKind, body: dict[str, Any], actor: str = "user"
    ) -> FeedbackEvent:
        """Append any feedback event; ``body`` as in ``records``.

        Raises:
            UsageError: no such turn or generation, an unknown reason code, or another body than ``kind`` needs.
        """
        return await self._do(writes.add_feedback, target, kind, body, actor)

    async def sessions(self, workspace: Path | None = None, limit: int = 50) -> list[StoredSession]:
        return await self._do(reads.sessions, None if workspace is None else _real(workspace), limit)

    async def session(self, session: str) -> StoredSession:
        """A session by its id, or by a beginning of it that is unique."""
        return await self._do(reads.session, session)

    async def questions(self, workspace: Path, limit: int = 500) -> list[str]:
        """What was asked in a workspace, the newest first, each once."""
        return await self._do(reads.questions, _real(workspace), limit)

    async def asked(self, session: str, limit: int) -> list[str]:
        """The newest questions of a session, oldest first."""
        return await self._do(reads.asked, session, limit)

    async def turns(self, session: str) -> list[StoredTurn]:
        """The turns of a session, oldest first; ``StoredTurn.messages`` rebuilds the conversation."""
        return await self._do(reads.turns, session)

    async def turn(self, turn: str) -> StoredTurn:
        return await self._do(reads.turn, turn)

    async def last_turn(self, workspace: Path) -> StoredTurn | None:
        return await self._do(reads.last_turn, _real(workspace))

    async def context(self, turn: str) -> tuple[Message, ...]:
        """The messages before a turn, exactly as the model saw them."""
        return await self._do(reads.context, turn)

    async def prompt(self, generation: str) -> tuple[str, dict[str, Any]]:
        """The rendered prompt of a generation, and its provenance."""
        return await self._do(reads.prompt, generation)

    async def feedback(self, turn: str) -> list[FeedbackEvent]:
        """All feedback events of one turn, in order."""
        return await self._do(feedback.events, turn)

    async def feedback_of(self, turn: str) -> FeedbackNow:
        """What the events about one turn come to; ``events`` is 0 when there are none."""
        return await self._do(feedback.feedback_of, turn)

    async def standing(self, turn: str) -> Standing:
        """What the events about one turn come to, with the corrections that are in force."""
        return standing(await self.feedback(turn))

    async def feedback_now(
        self,
        workspace: Path | None = None,
        rating: Rating | None = None,
        limit: int = 50,
        state: FeedbackState | None = None,
    ) -> list[FeedbackNow]:
        """The feedback in force, one row a turn, newest first."""
        return await self._do(
            lambda db: feedback.feedback_now(
                db,
                workspace=None if workspace is None else _real(workspace),
                rating=rating,
                state=state,
                limit=limit,
            )
        )

    def feedback_records(self) -> Iterator[FeedbackRecord]:
        """Every turn with human feedback, in the order of its first word, read in batches.

        All of it is one moment of the store, over a connection of its own: use it up on one thread.
        """
        with friendly(self.file), snapshot(self.file) as db:
            yield from feedback.records(db)

    async def import_rows(self, source: str, rows: Iterable[NewRow]) -> Imported:
        """Keep rows of training data under a name, all or none."""
        return await self._do(external.import_rows, source, rows)

    def external_rows(self, source: str | None = None) -> Iterator[ExternalRow]:
        """The rows of one source, or of all, in the order of their import; as ``feedback_records``."""
        with friendly(self.file), snapshot(self.file) as db:
            yield from external.external_rows(db, source)

    async def external_sources(self) -> dict[str, int]:
        """The names of imported sets, and how many rows each has."""
        return await self._do(external.external_sources)

    async def external_event(
        self, row: int, kind: ExternalKind, body: dict[str, Any], actor: str = "user"
    ) -> ExternalEvent:
        """Append what a reviewer did with an imported row."""
        return await self._do(external.add_external_event, row, kind, body, actor)

    async def doomed(self, *, turn: str = "", session: str = "") -> list[str]:
        """The turns that ``purge`` would delete."""
        return (await self._do(doomed, "turn" if turn else "session", turn or session))[1]

    async def purge(self, *, turn: str = "", session: str = "", kept: Mapping[str, KeptSplit] | None = None) -> Purged:
        """Really delete a turn (with those after it in its session, whose prompts hold it) or a session.

        Args:
            turn: its id, or ``session``.
            kept: splits of other sessions that follow from what goes, and are to stay (``FeedbackRecord.kept``).

        Raises:
            UsageError: there is none, or it still runs.
        """
        kind: Kind = "turn" if turn else "session"
        return await self._do(purge, self._place, kind, turn or session, kept or {}, self._process)

    async def search(self, text: str, limit: int = 50) -> list[SearchHit]:
        """Turns by the words of their questions and answers, the newest first."""
        return await self._do(reads.search, text, limit)

    async def statistics(self, workspace: Path | None = None, since: str = "") -> Statistics:
        """What the turns of one workspace or of all come to, from a day on."""
        return await self._do(statistics, None if workspace is None else _real(workspace), since)

    async def backup(self, file: Path) -> None:
        """Write all of it into a new file, as it is at this moment.

        Raises:
            UsageError: there is such a file already.
            StoreError: it cannot be written; nothing is left of it.
        """
        await self._do(backup, file)

    def close(self) -> None:
        """End what this program has begun, and close the file. Never raises; may be called again."""
        self._thread.submit(self._disconnect).result()
        self._thread.shutdown()
        self.close = lambda: None  # type: ignore[method-assign] # the thread is gone: nothing is left to do

    async def _do(self, work: Callable[..., T], *args: Any) -> T:  # noqa: ANN401 - the arguments of ``work``
        """Run ``work(db, *args)`` on the store's thread. What has been begun is finished even if
        the waiting task is cancelled."""
        try:
            future = self._thread.submit(self._work, work, args)
        except RuntimeError:  # no thread takes anything any more
            raise StoreError("the store is closed", hint="start the program again") from None
        asyncio = sys.modules.get("asyncio")
        if asyncio is None or asyncio._get_running_loop() is None:
            return future.result()
        result: T = await asyncio.shield(asyncio.wrap_future(future))
        return result

    def _work(self, work: Callable[..., T], args: tuple[Any, ...]) -> T:
        with friendly(self.file):
            return work(self._db, *args)

    def _connect(self) -> None:
        with friendly(self.file):
            if self.file.is_fifo():  # opening it waits for a writer that may never come
                raise StoreError(f"{self.file} is a pipe, not a file", hint="remove it, or put a file in its place")
        self._db = open_database(self.file)
        empty_log(self._db)  # what was deleted may stand there still, after a program that was killed
        with friendly(self.file), suppress(sqlite3.OperationalError, OSError):
            mark_interrupted(self._db, self._owners)  # on a full disk the next program does it; reading goes on

    async def _register(self) -> str:
        return self._process or await self._do(self._become_known)

    def _become_known(self, db: sqlite3.Connection) -> str:
        """On its first turn this program becomes known, so that its death can be told."""
        if not self._process:
            process = new_id()
            # The lock first: a process without one counts as dead.
            owner = Owner(self._owners, process)
            try:
                writes.register(db, process, os.getpid(), __version__)
            except BaseException:
                owner.close()
                raise
            self._owner, self._process = owner, process
        return self._process

    def _disconnect(self) -> None:
        if self._db is None:
            return
        try:
            if self._process:
                with transaction(self._db):
                    end_process(self._db, self._process, "closed")
        except sqlite3.Error:
            pass  # the next program to open the store finds the lock free and does it
        finally:
            empty_log(self._db)
            self._db.close()
            if self._owner:
                self._owner.close()


def wait(work: Coroutine[Any, Any, T]) -> T:
    """Run one of the store's coroutines where there is no event loop (the command line).

    It never suspends there, so this costs no loop and no import of asyncio.
    """
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise RuntimeError("inside an event loop: await it instead")


def _real(folder: Path) -> Path:
    """One spelling for a workspace, so that it is found again, and for a file."""
    return Path(os.path.realpath(folder))
