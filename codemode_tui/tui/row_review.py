"""The review of an imported set: see a row, write it anew, run it, say that it is right, or drop it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult

from codemode_tui.chat import events as ev
from codemode_tui.corpus.rows import Row, read_row
from codemode_tui.feedback.imported import reviewed, state
from codemode_tui.front.ports import Records
from codemode_tui.front.questions import Choice
from codemode_tui.front.rehearsal import Rehearsal
from codemode_tui.store.external import ExternalKind, ExternalRow
from codemode_tui.tui.editing import WritingPanel
from codemode_tui.tui.key_strip import KeyStrip
from codemode_tui.tui.open_questions import OpenQuestions
from codemode_tui.tui.review_screen import Entry, ReviewScreen
from codemode_tui.tui.row_view import RowView, rewritten

if TYPE_CHECKING:
    from codemode_tui.tui.app import CodemodeApp

CHOICES = (
    Choice("row.edit", "edit"), Choice("row.run", "run"), Choice("row.verify", "right"),
    Choice("review.skip", "skip"), Choice("review.drop", "drop"), Choice("row.keep", "keep"),
)  # fmt: skip
MOST = 5_000
"""Rows that are walked through at a time; those already reviewed come last."""
WORDS = {"none": "not reviewed", "corrected": "edited, not verified", "verified": "verified", "dropped": "dropped"}


class RowReview(ReviewScreen):
    def __init__(self, owner: CodemodeApp, records: Records, source: str, rehearsal: Rehearsal) -> None:
        super().__init__(owner)
        self.EMPTY = f"There is no row of {source!r}; codemode data import brings some."  # type: ignore[misc]
        self.records = records
        self.source = source
        self.rehearsal = rehearsal
        self.rows: list[ExternalRow] = []
        self.view: RowView | None = None
        self.strip = KeyStrip(CHOICES, self.keymap, classes="-row")
        self._questions = OpenQuestions(self, rehearsal, owner.main.guard)
        self._runs = False
        """Code of a row runs, or is asked about."""
        self._ran_well = False
        """All code of the row as it stands has run well here."""

    DEFAULT_CSS = """
    RowReview .-row { margin: 0 1; }
    RowReview.-writing .-row, RowReview.-empty .-row { display: none; }
    """

    @property
    def questions(self) -> OpenQuestions:
        return self._questions

    def bars(self) -> ComposeResult:
        yield self._questions
        yield self.strip

    async def load(self) -> list[Entry]:
        found = await asyncio.to_thread(lambda: list(islice(self.records.external_rows(self.source), MOST)))
        self.rows = sorted(found, key=lambda row: bool(row.events))
        return [self._entry(row) for row in self.rows]

    async def show(self, at: int) -> None:
        self._ran_well = False
        await self._put_away()
        await self.pane.remove_children()
        self.strip.focus()
        row = self._row(at)
        if row is None:
            self.view = None
            self.say("this row cannot be read", "warning")
            return
        self.view = RowView(row, WORDS[self.entries[at].state])
        await self.pane.mount(self.view)
        await self.view.fill()
        self.pane.scroll_home(animate=False)

    def keyboard_back(self) -> None:
        (self._questions.current or self.strip).focus()

    # -- what the keys do ----------------------------------------------------------------------------

    @on(KeyStrip.Chosen)
    async def _chosen(self, event: KeyStrip.Chosen) -> None:
        if not self.busy() and self.seen == self.at:
            await self._choose(event.action)
        if not self.query(WritingPanel):
            event.strip.nothing_opened()

    async def _choose(self, action: str) -> None:
        match action:
            case "edit" if self.view is not None and self.view.drafts:
                panel = WritingPanel(self.view.drafts)
                await self.mount(panel, before=self.strip)
                panel.write()
                self.add_class("-writing")
            case "run" if self.view is not None:
                self.owner.main.driver.running = self._runs = True  # from this key on
                self.run_worker(self._run(self.view), group="turn")
            case "verify":
                await self._record("verify", {"ok": True, "how": "run" if self._ran_well else "human"}, move=True)
            case "keep":
                await self._record("keep", {})

    async def action_skip(self) -> None:
        await self.action_next()

    async def action_drop(self) -> None:
        if not self.writing:
            await self._record("drop", {}, move=True)

    async def action_leave(self) -> None:
        if await self._questions.back():
            return
        if self._runs:
            await self.rehearsal.stop()
        else:  # a turn that runs meanwhile is the conversation's
            await super().action_leave()

    @on(WritingPanel.Left)
    async def _left(self) -> None:
        await self._put_away()
        self.strip.focus()

    @on(WritingPanel.Written)
    async def _written(self, event: WritingPanel.Written) -> None:
        row, draft = self._row(self.at), event.draft
        if row is None or draft is None:
            return
        line = None if event.text == draft.text else rewritten(row, draft, event.text)
        if line is not None:
            if await self._record("edit", {"line": line.decode("utf-8", "surrogatepass")}):
                await self.show(self.at)
        elif event.text == draft.text:
            self.say("nothing has been changed yet", "warning")
        else:
            self.say("this cannot stand in the row: it would be read as something else", "warning")

    async def _put_away(self) -> None:
        self.remove_class("-writing")
        await self.query(WritingPanel).remove()

    async def _run(self, view: RowView) -> None:
        """Run each code of the row, one after the other, until one fails."""
        well = 0
        if not view.codes:
            self.say("there is no code in this row", "warning")

        async def source() -> AsyncIterator[ev.Event]:
            nonlocal well
            for draft in view.codes:
                asked, good, changed = "", False, False
                async for event in self.rehearsal.run(draft.text, draft.step or 0):
                    if isinstance(event, ev.ApprovalWanted):
                        asked = event.code
                    elif isinstance(event, ev.RunStarted) and asked and event.code != asked:
                        changed = True
                        self.say("what runs now is not the row's code: edit the row to keep it", "warning")
                    elif isinstance(event, ev.RunFinished):
                        good = event.outcome.status == "ok" and not changed
                    yield event
                if not good:
                    return
                well += 1

        try:
            await self.owner.main.driver.follow(source(), view, self._questions)
        finally:
            self._runs = False
        # Counted: where a run cannot even begin, nothing has failed either.
        self._ran_well = 0 < well == len(view.codes) and view is self.view
        self.strip.focus()

    async def _record(self, kind: ExternalKind, body: dict[str, object], *, move: bool = False) -> bool:
        """Say something about the row. False when it could not be: nobody judges what he has not seen."""
        at = self.at
        if not self.rows or self.seen != at or self.busy():
            return False

        async def then() -> None:
            self.changed(at, self._entry(self.rows[at]))
            if move and at + 1 < len(self.rows):
                await self.go(at + 1)
            elif self.view is not None:
                self.view.stands(WORDS[self.entries[at].state])

        async def work() -> None:
            event = await self.records.external_event(self.rows[at].seq, kind, body)
            self.rows[at] = replace(self.rows[at], events=(*self.rows[at].events, event))

        return await self.attempt(work(), then)

    # -- helpers -------------------------------------------------------------------------------------

    def _row(self, at: int) -> Row | None:
        """The row as it stands after what was done with it."""
        return read_row(reviewed(self.rows[at]).line, self.rows[at].split) if self.rows else None

    def _entry(self, row: ExternalRow) -> Entry:
        return Entry(row.query or "(no question)", state(row), row.split or "")
