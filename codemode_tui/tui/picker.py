"""A list to choose from by typing: sessions, models, themes, settings … all look and act alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from codemode_tui.errors import CodemodeError
from codemode_tui.front.keys import first_key
from codemode_tui.front.matching import ranked
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.tui.in_order import Line
from codemode_tui.tui.keys import bindings
from codemode_tui.tui.page import BREADTHS, breadth

MOST = 200
"""Rows that are shown at once."""


# Enter goes to the line that is typed in, behind the letters that it has not read yet.
KEYS: list[BindingType] = [
    binding
    for first in (True, False)
    for binding in bindings("list", priority=first)
    if isinstance(binding, Binding) and (binding.action != "take") == first
]


class Row(NamedTuple):
    value: Any
    title: str | Content
    note: str = ""
    marked: bool = False
    """It is the one that is in use."""


Find = Callable[[str], Awaitable[Sequence[Row]]]
Preview = Callable[[Any], Content | Awaitable[Content]]


def among(rows: Sequence[Row]) -> Find:
    """Search in rows that are all known."""

    async def find(query: str) -> Sequence[Row]:
        return ranked(query, rows, lambda row: f"{row.title} {row.note}", MOST)

    return find


class Left(ModalScreen[Any]):
    """A screen that is left once: enter pressed twice may be read twice before it is gone."""

    HORIZONTAL_BREAKPOINTS = BREADTHS
    _left = False

    def dismiss(self, result: Any = None) -> AwaitComplete:  # noqa: ANN401 - as Textual's
        if self._left or not self.is_active:  # one with another above it cannot be left: not yet
            return AwaitComplete()
        leaving = super().dismiss(result)
        self._left = True
        return leaving


class Picker(Left):
    """Dismissed with the value of the chosen row; with None when nothing was chosen."""

    DEFAULT_CSS = """
    Picker { align: center middle; background: $background 70%; }
    Picker > Vertical {
        width: 110; max-width: 96%; height: auto; max-height: 90%; background: $surface; padding: 0 1;
        border: round $accent; border-title-color: $accent; border-subtitle-color: $muted;
    }
    Picker.-narrow > Vertical { max-width: 100%; }
    Picker Input, Picker Input:focus { border: none; height: 1; padding: 0 1; margin: 1 0; background: $panel; }
    Picker OptionList {
        border: none; background: $surface; height: auto; min-height: 1; max-height: 14; min-width: 8; padding: 0;
        scrollbar-size-vertical: 1;
        & > .option-list--option { padding: 0 1 0 0; }
        & > .option-list--option-highlighted, &:focus > .option-list--option-highlighted {
            background: $accent 20%; color: $foreground; text-style: bold;
        }
        &:ansi > .option-list--option-highlighted { background: $panel; }
    }
    Picker.-short.-shows OptionList { max-height: 8; }
    Picker .preview { height: auto; max-height: 9; border-top: solid $faint; padding: 0 1; display: none; }
    Picker .preview.-shown { display: block; }
    Picker .preview Static, Picker .none { background: $surface; }
    Picker .none { color: $muted; padding: 0 1; display: none; }
    Picker .none.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *KEYS,
        Binding("up,ctrl+p", "move('cursor_up')", show=False, priority=True),
        Binding("down,ctrl+n", "move('cursor_down')", show=False, priority=True),
        Binding("pageup", "move('page_up')", show=False, priority=True),
        Binding("pagedown", "move('page_down')", show=False, priority=True),
    ]
    # On a low terminal the list leaves room for what is shown of the marked row.
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012 - Textual declares it for instances

    def __init__(
        self,
        title: str,
        find: Find,
        *,
        text: str = "",
        at: Any = None,  # noqa: ANN401 - a value
        preview: Preview | None = None,
        free: str = "",
        acts: dict[str, Callable[[Any], Awaitable[str | None]]] | None = None,
        sure: Callable[[Any], str] | None = None,
        labels: dict[str, str] | Callable[[Any], dict[str, str]] | None = None,
        keymap: dict[str, str] | None = None,
    ) -> None:
        """
        Args:
            find: the rows for what was typed.
            text: typed beforehand; ``at``: value of the row that is marked then.
            preview: what to show of the marked row.
            free: what may be typed that is no row, in words; empty: nothing.
            acts: commands of the list (``delete``, ``rename``, ``export``) and what each does with the marked row;
                it returns what to say. The list is read again afterwards.
            labels: what the keys of ``acts``, and ``take``, are called here, or for a row; empty: it has none to offer.
            sure: what ``delete`` would do, said before its second press does it; empty where it does nothing.
        """
        super().__init__()
        self.heading, self.find, self.preview, self.free = title, find, preview, free
        self.acts, self.sure, self.keymap = acts or {}, sure, keymap or {}
        self.labels = labels or {}
        self.set_class(preview is not None, "-shows")
        self.typed = text
        self._first = at
        self.rows: Sequence[Row] = ()
        self._about_to: Any = None
        self._pointed: int | None = None
        self._acting = False
        self._found_for: str | None = None
        """What ``rows`` were found for; None while it is searched."""

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(self.heading)
            yield Line(self.typed, placeholder=self.free or "type to search", select_on_focus=False)
            yield OptionList(markup=False)
            yield Static(Content("nothing found"), classes="none")
            with VerticalScroll(can_focus=False, classes="preview"):
                yield Static(Content(""))

    async def on_mount(self) -> None:
        for shown in self.query(OptionList):
            shown.can_focus = False
        for line in self.query(Input):
            line.cursor_blink = False
        self._hint()
        await self._search()

    @property
    def marked(self) -> Row | None:
        shown = self.query(OptionList)  # none once it was closed, which keys pressed before may still find
        at = shown.first().highlighted if shown else None
        return self.rows[at] if at is not None and at < len(self.rows) else None

    def _work(self, group: str, method: Callable[..., Coroutine[None, None, None]], *args: object) -> None:
        """Not a coroutine, which nobody would await when the list closes first."""
        job: Any = partial(method, *args)
        self.run_worker(job, group=group, exclusive=True)

    # -- searching -----------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if event.value != self.typed:
            self.typed = event.value
            self._work("search", self._search)

    @on(Input.Submitted)
    async def _submitted(self, event: Input.Submitted) -> None:
        if self._found_for != event.value:  # the search for it is under way
            self.typed = event.value
            self.workers.cancel_group(self, "search")
            await self._search()
        self.action_take()

    async def _search(self, at: int | None = None) -> None:
        self._found_for = None
        typed = self.typed
        try:
            self.rows = await self.find(typed.strip())
        except CodemodeError as error:
            self.rows = ()
            self.app.notify(one_line(error.line()), severity="error", markup=False)
        if not self.query(OptionList):  # closed meanwhile
            return
        self._draw()
        if self.rows:
            if at is None:
                wanted, self._first = self._first, None
                fits = [not typed and row.marked if wanted is None else row.value == wanted for row in self.rows]
                at = fits.index(True) if True in fits else 0
            self.query_one(OptionList).highlighted = min(at, len(self.rows) - 1)
        else:
            self._show(None)
        self.query(".none").set_class(not self.rows, "-shown")  # one that is being closed has lost it first
        self._found_for = typed

    def _draw(self) -> None:
        self.query_one(OptionList).set_options([Option(_drawn(row, self._width)) for row in self.rows])

    def on_resize(self) -> None:
        for shown in self.query(OptionList):
            at = shown.highlighted
            self._draw()
            shown.highlighted = at

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self._about_to = None
        self._hint()
        self._point()
        self._show(self.marked)

    def _point(self) -> None:
        """The marked row has a mark, and the one before no longer."""
        for shown in self.query(OptionList):
            for at, row in enumerate(self.rows):
                if at in (self._pointed, shown.highlighted):
                    shown.replace_option_prompt_at_index(at, _drawn(row, self._width, at == shown.highlighted))
            self._pointed = shown.highlighted

    @property
    def _width(self) -> int:
        return breadth(self.app.size.width, 110) - 6

    def _show(self, row: Row | None) -> None:
        if self.preview is not None:
            self._work("preview", self._previewed, row)

    async def _previewed(self, row: Row | None) -> None:
        assert self.preview is not None
        try:
            found = self.preview(row.value) if row is not None else Content("")
            content = found if isinstance(found, Content) else await found
        except CodemodeError as error:  # a damaged text, say: the others can be looked at all the same
            content = Content.styled(one_line(error.line(), 400), "$error")
        for shown in self.query(".preview Static").results(Static):  # none once the list was closed
            shown.update(content)
        self.query(".preview").set_class(bool(content), "-shown")

    def _hint(self, instead: str = "") -> None:
        labels = self.labels(self.marked and self.marked.value) if callable(self.labels) else self.labels
        named = [(name, labels.get(name, name)) for name in ("take", *self.acts, "close")]
        hint = " · ".join(f"{first_key(f'list.{name}', self.keymap)} {label}" for name, label in named if label)
        for frame in self.query(Vertical):
            frame.border_subtitle = Content(instead or hint)

    # -- acting --------------------------------------------------------------------------------------

    def action_move(self, how: str) -> None:
        for shown in self.query(OptionList):
            getattr(shown, f"action_{how}")()

    @on(OptionList.OptionSelected)
    def action_take(self) -> None:
        row = self.marked
        if row is None and self.free and self.typed.strip():
            self.dismiss(self.typed.strip())
        elif row is not None:
            self.dismiss(row.value)

    def action_close(self) -> None:
        self.dismiss(None)

    async def action_delete(self) -> None:
        row = self.marked
        would = self.sure(row.value) if row is not None and self.sure is not None else ""
        if would and self._about_to is not row:
            self._about_to = row
            key = first_key("list.delete", self.keymap)
            self._hint(f"{key} again: {one_line(would, 80)}")
        else:
            self._about_to = None  # what is held down asks anew about the next one
            self._act("delete")

    def action_rename(self) -> None:
        self._act("rename")

    def action_export(self) -> None:
        self._act("export")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action in self.acts if action in ("delete", "rename", "export") else True

    def _act(self, name: str) -> None:
        if (row := self.marked) is not None and not self._acting:
            self._acting = True
            self._work("act", self._done, self.acts[name], row)

    async def _done(self, act: Callable[[Any], Awaitable[str | None]], row: Row) -> None:
        try:
            said = await act(row.value)
        except CodemodeError as error:
            self.app.notify(one_line(error.line()), severity="error", markup=False)
            return
        finally:
            self._acting = False
        if said:
            self.app.notify(one_line(said), markup=False)
        self._about_to = None
        self._hint()
        for shown in self.query(OptionList):  # none once it was closed
            await self._search(shown.highlighted)


class Ask(Left):
    """One line to write; None when it was left."""

    DEFAULT_CSS = """
    Ask { align: center middle; background: $background 70%; }
    Ask > Vertical {
        width: 84; max-width: 96%; height: auto; background: $surface; padding: 1 2;
        border: round $accent; border-title-color: $accent; border-subtitle-color: $muted;
    }
    Ask.-narrow > Vertical { max-width: 100%; }
    Ask Input, Ask Input:focus { border: none; height: 1; padding: 0 1; background: $panel; }
    Ask Static { background: $surface; color: $muted; margin-bottom: 1; }
    Ask .wrong { color: $error; margin: 1 0 0 0; display: none; }
    Ask .wrong.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    def __init__(
        self, title: str, about: str, text: str = "", *, key: bool = False, check: Callable[[str], str] = lambda _: ""
    ) -> None:
        """``key``: the next key that is pressed is the answer. ``check``: why it cannot be; empty when it can."""
        super().__init__()
        self.check = check
        self.heading, self.about, self.value, self.key = title, about, text, key

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(one_line(self.heading))
            box.border_subtitle = Content("esc close" if self.key else "enter take · esc close")
            yield Static(Content(one_line(self.about, 400)))
            if not self.key:
                yield Line(one_line(self.value, 2_000), select_on_focus=False)
            yield Static(Content(""), classes="wrong")

    def on_mount(self) -> None:
        for line in self.query(Input):
            line.cursor_blink = False

    def on_key(self, event: Any) -> None:  # noqa: ANN401 - a key
        if self.key:
            event.stop()
            self._answer(event.key)

    def _answer(self, text: str) -> None:
        if not (why := self.check(text)):
            self.dismiss(text)
        for shown in self.query(".wrong").results(Static):
            shown.set_class(bool(why), "-shown")
            shown.update(Content(one_line(why, 400)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action == "close" or (action == "take" and not self.key)

    @on(Input.Submitted)
    def action_take(self) -> None:
        for line in self.query(Input):
            self._answer(line.value)

    def action_close(self) -> None:
        self.dismiss(None)


def _drawn(row: Row, width: int, pointed: bool = False) -> Content:
    """The title, and at the right what there is to say of it."""
    note = _cut(row.note, width // 2)
    title = _cut(row.title, width - note.cell_length - 5)
    mark = ("●" if row.marked else " ", "$success")
    left = Content.assemble(("›" if pointed else " ", "$accent"), mark, " ", title)
    gap = max(2, width - left.cell_length - note.cell_length)
    return Content.assemble(left, " " * gap, note.stylize("$muted"))


def _cut(text: str | Content, cells: int) -> Content:
    cells = max(8, cells)
    shown = text if isinstance(text, Content) else Content(one_line(text, cells))
    return shown.truncate(cells, ellipsis=True)
