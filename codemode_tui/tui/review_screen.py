"""The review: what waits on the left, what happened on the right, and the same keys as under a turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList, Static

from codemode_tui.errors import CodemodeError
from codemode_tui.front.acting import UNFINISHED, Severity
from codemode_tui.front.corrections import recorded
from codemode_tui.front.keys import first_key
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.tui.choices import HEIGHTS, ChoicePanel
from codemode_tui.tui.code_card import CodeCard
from codemode_tui.tui.editing import CodeEditor, WritingPanel, writes
from codemode_tui.tui.feedback_bar import FeedbackBar
from codemode_tui.tui.header import Header
from codemode_tui.tui.keys import bindings
from codemode_tui.tui.open_questions import OpenQuestions
from codemode_tui.tui.status import StatusLine
from codemode_tui.tui.turn_card import TurnCard

if TYPE_CHECKING:
    from codemode_tui.tui.app import CodemodeApp

MARKS = {
    "open": ("▼", "$error"), "skipped": ("▽", "$muted"), "corrected": ("✓", "$warning"), "verified": ("✓", "$success"),
    "dropped": ("✗", "$faint"), "approved": ("▲", "$success"), "none": ("○", "$faint"),
}  # fmt: skip
QUERY_LIMIT = 200


class Entry(NamedTuple):
    """One line of the list."""

    query: str
    state: str
    """Key of ``MARKS``."""
    note: str
    """Why it stands where it stands."""


class Queue(OptionList, can_focus=False):
    """What waits. The keys are the screen's, so that it never holds the keyboard."""

    DEFAULT_CSS = """
    Queue {
        width: 34%; min-width: 24; max-width: 56; height: 1fr; padding: 0; background: $background;
        border: none; border-right: solid $panel; scrollbar-size-vertical: 1;
        text-wrap: nowrap; text-overflow: ellipsis;
        & > .option-list--option { padding: 0 1; }
        & > .option-list--option-highlighted { background: $panel; color: $foreground; text-style: none; }
        & > .option-list--option-hover { background: $surface; }
    }
    """


class ReviewScreen(Screen[None]):
    """Base of the reviews: the list, moving in it, progress. ``show`` and the keys are a subclass's."""

    DEFAULT_CSS = """
    ReviewScreen { layout: vertical; background: $background; }
    ReviewScreen > Horizontal { height: 1fr; }
    ReviewScreen > Horizontal > VerticalScroll { height: 1fr; padding: 1 1 0 1; scrollbar-size-vertical: 1; }
    ReviewScreen .nothing { width: 1fr; height: 1fr; content-align: center middle; text-align: center; display: none; }
    ReviewScreen.-empty .nothing { display: block; }
    ReviewScreen.-empty Horizontal, ReviewScreen.-empty .progress { display: none; }
    ReviewScreen .progress { height: 1; padding: 0 1; color: $muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("review"), *bindings("scroll", priority=True)]
    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = HEIGHTS
    EMPTY: ClassVar[str] = ""
    """What is said when nothing waits."""

    def __init__(self, owner: CodemodeApp) -> None:
        super().__init__()
        self.keymap = owner.keys
        self.entries: list[Entry] = []
        self.at = 0
        self.seen: int | None = None
        """The entry that is on the screen; None while another one is being built."""
        self._touched: set[int] = set()
        """Entries that have been dealt with here."""
        self.header = Header(owner.chat.workspace)
        self.queue = Queue(markup=False)
        self.pane = VerticalScroll(can_focus=False)
        self.status = StatusLine()

    @property
    def owner(self) -> CodemodeApp:
        return cast("CodemodeApp", self.app)

    @property
    def bar(self) -> FeedbackBar | None:
        """Where something is said about a turn; None where no turn is shown."""
        return None

    @property
    def questions(self) -> OpenQuestions:
        raise NotImplementedError

    def bars(self) -> ComposeResult:
        """What stands below list and turn."""
        yield self.questions

    async def load(self) -> list[Entry]:
        raise NotImplementedError

    async def show(self, at: int) -> None:
        """Fill the pane with the entry at this place."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield self.header
        yield Static(Content(""), classes="progress")
        with Horizontal():
            yield self.queue
            yield self.pane
        yield Static(Content(""), classes="nothing")
        yield from self.bars()
        yield self.status

    async def on_mount(self) -> None:
        main = self.owner.main
        for name in ("state", "progress", "info", "rate", "used", "limit"):
            self._mirror(main.status, self.status, name)
        for name in ("sandbox", "problem", "info"):
            self._mirror(main.header, self.header, name)
        leave = first_key("review.leave", self.keymap)
        self.query_one(".nothing", Static).update(
            Content("\n").join([Content.styled("nothing to review", "bold $accent"), Content(""),
                                Content.styled(one_line(self.EMPTY), "$muted"), Content(""),
                                Content.styled(f"{leave} back", "$muted")])
        )  # fmt: skip
        try:
            self.entries = await self.load()
        except CodemodeError as error:
            self.say(error.line(), "error")
        self.set_class(not self.entries, "-empty")
        self.queue.add_options([self._drawn(entry) for entry in self.entries])
        await self.go(0)

    def _mirror(self, source: Widget, target: Widget, name: str) -> None:
        def follow(value: object) -> None:
            setattr(target, name, value)

        self.watch(source, name, follow)

    @on(ChoicePanel.Settled)
    def _reveal(self) -> None:
        """What is asked about is seen."""
        for code in self.pane.query(CodeCard).filter(".-asking"):
            code.scroll_visible(animate=False)

    def busy(self) -> bool:
        """Something of this entry is running, and nothing else may happen to it. Then that is said."""
        running = self.owner.main.driver.running
        if running:
            self.say(f"something is running; {first_key('review.leave', self.keymap)} stops it", "warning")
        return running

    @property
    def writing(self) -> bool:
        """Something is being written about this entry, which would be lost. Then that is said."""
        found = bool(self.query(WritingPanel))
        if found:
            self.say(UNFINISHED, "warning")
        return found

    # -- moving --------------------------------------------------------------------------------------

    async def go(self, at: int) -> None:
        """Show another entry."""
        if not self.entries or self.busy() or self.writing:
            return
        self.at, self.seen = max(0, min(at, len(self.entries) - 1)), None
        self.queue.highlighted = self.at
        self._draw_progress()
        # Whoever holds the key down sees the last one; those between are not built to their end.
        self.run_worker(self._show(self.at), group="show", exclusive=True)

    async def _show(self, at: int) -> None:
        try:
            await self.show(at)
        except CodemodeError as error:  # it was deleted meanwhile, or cannot be read
            await self.pane.remove_children()
            self.say(error.line(), "error")
        self.seen = at

    async def action_next(self) -> None:
        await self.go(self.at + 1)

    async def action_previous(self) -> None:
        await self.go(self.at - 1)

    @on(OptionList.OptionSelected)
    async def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        await self.go(event.option_index)
        self.queue.highlighted = self.at  # also where it stays: the click has marked the other one

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action.startswith("page_") and isinstance(self.focused, CodeEditor))

    def action_page_up(self) -> None:
        self.pane.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        self.pane.scroll_page_down(animate=False)

    def changed(self, at: int, entry: Entry) -> None:
        """An entry has been dealt with."""
        self.entries[at] = entry
        self._touched.add(at)
        self.queue.replace_option_prompt_at_index(at, self._drawn(entry))
        self._draw_progress()

    async def action_skip(self) -> None:
        raise NotImplementedError

    async def action_drop(self) -> None:
        raise NotImplementedError

    async def action_leave(self) -> None:
        """The innermost thing that is open, else this screen."""
        if not await self.questions.back() and not self.writing:
            self.dismiss()

    # -- the keyboard --------------------------------------------------------------------------------

    @property
    def drafting(self) -> bool:
        return writes(self.focused)

    @property
    def lends_keyboard(self) -> bool:
        return not writes(self.focused)

    @property
    def chosen(self) -> TurnCard | None:
        return next(iter(self.pane.query(TurnCard)), None)

    def say(self, text: str, severity: Severity = "information") -> None:
        self.owner.say(text, severity)

    async def attempt(self, work: Awaitable[object], then: Callable[[], Awaitable[object]]) -> bool:
        """Do ``then`` once ``work`` is on disk; if it cannot be, that is said. Returns whether it is."""
        done = await recorded(work, self.say)
        if done:
            await then()
        return done

    # -- drawing -------------------------------------------------------------------------------------

    def _draw_progress(self) -> None:
        done = f" · {len(self._touched)} done" if self._touched else ""
        keys = [first_key(f"review.{name}", self.keymap) for name in ("next", "previous", "leave")]
        self.query_one(".progress", Static).update(
            Content.assemble((f"{self.at + 1} of {len(self.entries)}", "bold $accent"), (done, "$success"),
                             (f"   {keys[0]} {keys[1]} move · {keys[2]} back", "$muted"))
        )  # fmt: skip

    def _drawn(self, entry: Entry) -> Content:
        mark, color = MARKS[entry.state]
        name = "$foreground" if entry.state in ("open", "none") else "$muted"
        note = f"\n  {one_line(entry.note)}" if entry.note else ""
        return Content.assemble((f"{mark} ", color), (one_line(entry.query, QUERY_LIMIT), name), (note, "$muted"))
