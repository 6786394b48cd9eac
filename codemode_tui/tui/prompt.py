"""Where questions are written. Enter sends; large pastes are folded, so that nothing hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets.text_area import Edit, EditResult, Location, Selection
from textual.worker import Worker, WorkerError

from codemode_tui.commands import at
from codemode_tui.front.completion import NOTHING, Offers, mention, offers, without_at
from codemode_tui.front.drafts import Draft
from codemode_tui.front.folding import Folds
from codemode_tui.tui.gone import blank_when_gone
from codemode_tui.tui.in_order import Lines, acted

MANY = 2_000
"""Files that are looked through at once while somebody types."""


class Prompt(Lines):
    DEFAULT_CSS = """
    Prompt {
        height: auto; min-height: 3; max-height: 10; margin: 0 1; padding: 0 1;
        border: round $faint; background: $background; border-subtitle-color: $muted;
        scrollbar-size-vertical: 1;
        &:focus { border: round $accent; border-subtitle-color: $muted; }
        .text-area--placeholder { color: $muted; }
    }
    """

    class Sent(Message):
        """A question or a command, pastes unfolded; and as it was written. ``accepted`` or ``refused`` answers it."""

        def __init__(self, text: str, written: str) -> None:
            super().__init__()
            self.text = text
            self.written = written

    class Bare(Message):
        """Sent with nothing written."""

    class Typed(Message):
        """Somebody is writing."""

    class LeaveWanted(Message):
        """The key that completes found nothing to complete."""

    class Offered(Message):
        """What the word at the cursor could become has changed."""

    class FilesWanted(Message):
        """An ``@`` was typed: ``offer_files`` is waited for."""

    class SearchWanted(Message):
        """Somebody looks for a question of before."""

    def __init__(self, keymap: dict[str, str]) -> None:
        self._folds = Folds()  # before the cursor has a place
        super().__init__(
            placeholder="Ask about this folder, or anything",
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
        )
        self._actions = {
            key.strip(): command.action
            for command in at("prompt")
            for key in keymap.get(command.id, command.keys).split(",")
        }
        self.asked: list[str] = []
        self._place = 0
        """Position in the history; its length means the draft."""
        self._changed: dict[int, str] = {}
        """Position → what was written there, until a question is taken."""
        self._recalled = ""
        """What the history has at this position: as long as it stands here, nobody has written it anew."""
        self.files: Sequence[str] = ()
        self.words: Mapping[str, Sequence[str]] = {}
        """Slash name → what may follow it (``completion.offers``)."""
        self.found: Offers = NOTHING
        self.marked = 0
        self._shown_files = False
        self._looked: object = None
        """What ``found`` was looked up for: a fast typist is ahead of it."""
        self._searching = asyncio.Lock()
        self._search: Worker[None] | None = None
        """Finds ``found`` among many files."""
        self._settled = ""
        """A text that was put here, not typed: nothing is offered for it."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return blank_when_gone(self, crop) or super().render_lines(crop)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """On a low terminal less than it would take: with a question above it, its cursor must be on the screen."""
        return min(super().get_content_height(container, viewport, width), max(1, viewport.height // 2 - 4))

    def hint(self, text: str) -> None:
        self.border_subtitle = Content(text)

    @property
    def empty(self) -> bool:
        return not self.text.strip()

    # -- sending -----------------------------------------------------------------------------------

    def action_send(self) -> None:
        text = self._folds.unfold(without_at(self.text, self.files)).strip()
        if not text:
            self.post_message(self.Bare())
            return
        self.post_message(self.Sent(text, self.text))
        self.clear()  # what is typed behind it, before anybody has read it, is the next one
        self.history.clear()  # what undo brings back belongs to it

    def accepted(self, written: str) -> None:
        """What was sent has been taken: into the history."""
        if not self.asked or self.asked[-1] != written:
            self.asked.append(written)
        self._place, self._recalled = len(self.asked), ""
        self._changed.clear()

    def refused(self, written: str) -> None:
        """What was sent is here again, before what has been typed meanwhile."""
        self.put(written + self.text)

    def put(self, text: str) -> None:
        """Show ``text`` as the draft, folded if it is very large."""
        self._show(self._folds.fold(text, written=True))

    def _show(self, text: str) -> None:
        self._settled = text
        self.clear()
        self.insert(text)

    @property
    def draft(self) -> Draft:
        """What would be lost, also of what is written elsewhere while somebody looks at questions of before."""
        written = self._changed | {self._place: "" if self.text == self._recalled else self.text}
        return self._folds.draft("\n\n".join(filter(str.strip, (written[place] for place in sorted(written)))))

    def restore(self, draft: Draft) -> None:
        """``draft``, before what is being written."""
        self._show("\n\n".join(filter(str.strip, (self._folds.adopt(draft), self.text))))

    def action_newline(self) -> None:
        self.insert("\n")

    # -- pasting -----------------------------------------------------------------------------------

    def edit(self, edit: Edit) -> EditResult:
        """As Textual's, but a fold goes whole: what is left of a marker would be sent in the place of the paste."""
        top, bottom = edit.top, edit.bottom
        edit.from_location, edit.to_location = self._beside(top, bottom), self._beside(bottom, top)
        return super().edit(edit)

    def validate_selection(self, selection: Selection) -> Selection:
        """The cursor passes a fold in one step."""
        start, end = self.selection
        return Selection(self._beside(selection.start, start), self._beside(selection.end, end))

    def _beside(self, place: Location, seen_from: Location) -> Location:
        """``place``; of one in the middle of a fold, the far end of that."""
        row, column = place
        fold = self._folds.around(self.document.get_line(row), column) if column else None
        return place if fold is None else (row, fold[seen_from <= place])

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.pasted(event.text)

    def action_paste(self) -> None:
        self.pasted(self.app.clipboard)

    def pasted(self, text: str) -> None:
        """``text`` in place of the selection, folded if it is large."""
        self.post_message(self.Typed())
        start, end = self.selection
        self.replace(self._folds.fold(text), start, end, maintain_selection_offset=False)

    # -- history and completion --------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        row = self.wrapped_document.location_to_offset(self.cursor_location).y  # of those on the screen
        if action == "history_previous":
            return row == 0 and self._place > 0
        if action == "history_next":
            return row == self.wrapped_document.height - 1 and self._place < len(self.asked)
        return True

    def action_history_previous(self) -> None:
        self._go(self._place - 1)

    def action_history_next(self) -> None:
        self._go(self._place + 1)

    def recall(self, question: str) -> None:
        """Show a question of before, where it stands among them: what was being written comes behind the newest."""
        self._go(max(place for place, asked in enumerate(self.asked) if asked == question))

    def _go(self, place: int) -> None:
        """Show what is at a position, as it was left there."""
        self._changed.pop(self._place, None)
        if self.text != self._recalled:
            self._changed[self._place] = self.text
        self._place = place
        self._recalled = self._folds.fold(self.asked[place], written=True) if place < len(self.asked) else ""
        self.text = self._settled = self._changed.get(place, self._recalled)
        self.move_cursor(self.document.end)

    def remember(self, questions: Sequence[str]) -> None:
        """``questions`` of before, the oldest first."""
        self._place += len(questions)
        self._changed = {place + len(questions): text for place, text in self._changed.items()}
        self.asked[:0] = questions

    def action_search(self) -> None:
        self.post_message(self.SearchWanted())

    def action_complete(self) -> None:
        if self.found.offers:
            self._take()
        elif not self._shown_files:  # files may still be looked for
            self.post_message(self.LeaveWanted())

    def offer_files(self, files: Sequence[str]) -> None:
        self.files, self._looked = files, None
        self.look()

    def look(self) -> None:
        """Find out what the word at the cursor could become: once, whoever asks."""
        if (looked := (self.text, self.cursor_location, self._settled)) == self._looked:
            return
        self._looked = looked
        before = self.get_text_range((0, 0), self.cursor_location)
        wanted = mention(before) is not None
        if wanted and not self._shown_files:
            self.post_message(self.FilesWanted())
        self._shown_files = wanted
        after = self.get_text_range(self.cursor_location, self.document.end)
        settled = self.text == self._settled
        if wanted and not settled and len(self.files) > MANY:
            self._search = self.run_worker(self._found_among_many(before, after), group="offers")
        else:
            self._offer(NOTHING if settled else offers(before, after, self.files, self.words))

    def _offer(self, found: Offers) -> None:
        self.found, self.marked = found, 0
        self.post_message(self.Offered())

    async def _found_among_many(self, before: str, after: str) -> None:
        """Where the screen does not wait for it; of letters that come faster, the last is looked for."""
        looked = self._looked
        async with self._searching:
            if self._looked == looked:
                found = await asyncio.to_thread(offers, before, after, self.files, self.words)
            if self._looked == looked:
                self._offer(found)

    def _take(self) -> bool:
        """Put the marked offer in the place of the word. True when nothing more need be written."""
        offer = self.found.offers[self.marked]
        before = self.get_text_range((0, 0), self.cursor_location)[: self.found.begin]
        begin = before.count("\n"), len(before) - before.rfind("\n") - 1
        self.replace(offer.text, begin, self.cursor_location, maintain_selection_offset=False)
        return offer.sends

    @property
    def _unfinished(self) -> bool:
        """Something of the word is there, and it is none of what is offered."""
        word = self.get_text_range((0, 0), self.cursor_location)[self.found.begin :].strip()
        return bool(word) and word not in {one.text.strip() for one in self.found.offers}

    def _choose(self, key: str) -> bool:
        """A key while something is offered; True if it was meant for that."""
        count = len(self.found.offers)
        if key in ("up", "down"):
            self.marked = (self.marked + (1 if key == "down" else -1)) % count
        elif key == "escape":
            self.found, self._settled = NOTHING, self.text
        elif key == "enter" and self._unfinished:
            if self._take() and self.text.startswith("/"):
                self.action_send()
        else:
            return False
        self.post_message(self.Offered())
        return True

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable or event.key in ("backspace", "delete"):
            self.post_message(self.Typed())
        self.look()  # what is offered is for the word at the cursor
        if self._search is not None and not event.is_printable:
            with suppress(WorkerError):
                await self._search.wait()
        if self.found.offers and self._choose(event.key):
            event.stop()
            event.prevent_default()
            return
        action = self._actions.get(event.key)
        if action is not None and self.check_action(action, ()):
            event.stop()
            event.prevent_default()
            await self.run_action(action)
        elif not await acted(self, event):
            await super()._on_key(event)
