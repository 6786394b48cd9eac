"""The store as the rest of the house sees it: awaitable, and on disk when a method returns."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from codemode_tui import __version__
from codemode_tui.errors import StoreError
from codemode_tui.protocol.types import Message
from codemode_tui.store import database, external, feedback, reads, writes
from codemode_tui.store.database import empty_log, friendly, open_database, snapshot, transaction
from codemode_tui.store.external import ExternalRow
from codemode_tui.store.ids import new_id
from codemode_tui.store.owner import Owner
from codemode_tui.store.purge import Kind, Purged, doomed, purge
from codemode_tui.store.records import (
    CORRECTION,
    FeedbackEvent,
    FeedbackNow,
    FeedbackRecord,
    FeedbackState,
    KeptSplit,
    Rating,
    Standing,
    StoredSession,
    StoredTurn,
)
from codemode_tui.store.recovery import end_process, mark_interrupted
from codemode_tui.store.standing import standing
from codemode_tui.store.statistics import Statistics, statistics

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[sqlite3.Connection, P], T]


def _awaitable(work: Work[P, T]) -> Callable[Concatenate[Store, P], Coroutine[Any, Any, T]]:
    """The method that does ``work`` on the store's thread."""

    @wraps(work)
    def method(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        return store._do(work, *args, **kwargs)

    return method


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

    rename_session = _awaitable(writes.rename)

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

    append_chunk = _awaitable(writes.append_chunk)
    end_generation = _awaitable(writes.end_generation)
    begin_run = _awaitable(writes.begin_run)
    end_run = _awaitable(writes.end_run)
    end_turn = _awaitable(writes.end_turn)

    async def abandon_corrections(self) -> None:
        """Corrections that this program has begun and not ended, end."""
        if self._process:
            await self._do(writes.abandon_corrections, self._process)

    async def rate(self, target: str, value: Rating, actor: str = "user") -> FeedbackEvent:
        """Rate a turn, or one generation of it; 0 takes the rating in force back, however often it was said, and all
        that was said since it was first: what stood before stands again. Without a rating 0 changes nothing."""
        if value == 0:
            return await self._do(writes.add_feedback, target, "retract", {"of": "rating"}, actor)
        return await self._do(writes.add_feedback, target, "rate", {"v": value}, actor)

    add_feedback = _awaitable(writes.add_feedback)

    async def sessions(self, workspace: Path | None = None, limit: int = 50) -> list[StoredSession]:
        return await self._do(reads.sessions, None if workspace is None else _real(workspace), limit)

    session = _awaitable(reads.session)
    asked = _awaitable(reads.asked)
    turns = _awaitable(reads.turns)
    turn = _awaitable(reads.turn)
    context = _awaitable(reads.context)
    prompt = _awaitable(reads.prompt)
    search = _awaitable(reads.search)
    feedback_of = _awaitable(feedback.feedback_of)
    feedback = _awaitable(feedback.events)  # the last of them: from here on it hides the module

    async def questions(self, workspace: Path, limit: int = 500) -> list[str]:
        """What was asked in a workspace, the newest first, each once."""
        return await self._do(reads.questions, _real(workspace), limit)

    async def last_turn(self, workspace: Path) -> StoredTurn | None:
        return await self._do(reads.last_turn, _real(workspace))

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
        folder = None if workspace is None else _real(workspace)
        return await self._do(feedback.feedback_now, workspace=folder, rating=rating, state=state, limit=limit)

    def feedback_records(self) -> Iterator[FeedbackRecord]:
        """Every turn with human feedback, in the order of its first word, read in batches.

        All of it is one moment of the store, over a connection of its own: use it up on one thread.
        """
        with friendly(self.file), snapshot(self.file) as db:
            yield from feedback.records(db)

    import_rows = _awaitable(external.import_rows)
    external_sources = _awaitable(external.external_sources)
    external_event = _awaitable(external.add_external_event)

    def external_rows(self, source: str | None = None) -> Iterator[ExternalRow]:
        """The rows of one source, or of all, in the order of their import; as ``feedback_records``."""
        with friendly(self.file), snapshot(self.file) as db:
            yield from external.external_rows(db, source)

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

    async def statistics(self, workspace: Path | None = None, since: str = "") -> Statistics:
        """What the turns of one workspace or of all come to, from a day on."""
        return await self._do(statistics, None if workspace is None else _real(workspace), since)

    backup = _awaitable(database.backup)

    def close(self) -> None:
        """End what this program has begun, and close the file. Never raises; may be called again."""
        self._thread.submit(self._disconnect).result()
        self._thread.shutdown()
        self.close = lambda: None  # type: ignore[method-assign] # the thread is gone: nothing is left to do

    async def _do(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(db, …)`` on the store's thread. What has been begun is finished even if
        the waiting task is cancelled."""

        def on_thread() -> T:
            with friendly(self.file):
                assert self._db is not None
                return work(self._db, *args, **kwargs)

        try:
            future = self._thread.submit(on_thread)
        except RuntimeError:  # no thread takes anything any more
            raise StoreError("the store is closed", hint="start the program again") from None
        asyncio = sys.modules.get("asyncio")
        if asyncio is None or asyncio._get_running_loop() is None:
            return future.result()
        result: T = await asyncio.shield(asyncio.wrap_future(future))
        return result

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
