"""Lines of coloured text that wrap and never clip, with an optional gutter. Append costs what is appended.

The text is drawn by hand, strip by strip: no markup is read, nothing is laid out twice, and a mouse
selection yields the source lines without gutter and without the breaks that wrapping made.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import get_character_cell_size, split_graphemes
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.geometry import Offset, Region, Size
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from codemode_tui.front.highlight import Line
from codemode_tui.tui.gone import blank_when_gone

TAB = 4


class Row(NamedTuple):
    """One row of the screen."""

    line: int
    """Index of the source line."""
    start: int
    """Where in that line the row begins, in characters."""
    pieces: Line


class LinesView(Widget):
    """Shows ``lines``; subclasses decide what they are."""

    DEFAULT_CSS = "LinesView { height: auto; width: 1fr; }"

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self.lines: list[Line] = []
        self._rows: list[Row] = []
        self._open = False
        """More is to come."""
        self._width = 0
        self._styles: dict[str, Style] = {}
        self._strips: dict[int, Strip] = {}
        """Rows as they were drawn: while text arrives only what is new is drawn."""

    # -- what is shown -----------------------------------------------------------------------------

    def set_lines(self, lines: list[Line]) -> None:
        """Replace everything."""
        self.lines, self._open = lines, False
        self._rewrap()

    def replace_tail(self, keep: int, lines: list[Line]) -> None:
        """Keep the first ``keep`` lines, then ``lines``: only these are wrapped again, and only they are drawn.

        Room is taken for more than has come, so that what is being read stands still: a view that grows has the
        whole screen laid out and drawn anew.
        """
        before, room = len(self._rows), self.room
        self.lines[keep:], self._open = lines, True
        while self._rows and self._rows[-1].line >= keep:
            self._rows.pop()
            self._strips.pop(len(self._rows), None)
        first = len(self._rows)
        self._wrap_from(keep)
        count = len(self._rows)
        for y in range(first, max(before, count)):
            self._strips.pop(y, None)  # drawn as empty room, or as what stood there
        if self.room != room:
            self.refresh(layout=True)
        elif self._width:
            self.refresh(Region(0, first, self._width, max(before, count) - first))

    def settle(self) -> None:
        """Nothing more comes: give back the room that is empty."""
        if self._open:
            self._open = False
            self.refresh(layout=True)

    @property
    def room(self) -> int:
        """Rows that are taken."""
        count = len(self._rows)
        return room_for(count, self.app.size.height // 4) if self._open else max(1, count)

    def margin_text(self, row: Row) -> str:
        """The text left of ``row``; each has ``margin_width`` cells."""
        return ""

    @property
    def margin_width(self) -> int:
        return 0

    # -- drawing -----------------------------------------------------------------------------------

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if width != self._width:
            self._width = width
            self._rewrap(refresh=False)
        return self.room

    def render_lines(self, crop: Region) -> list[Strip]:
        return blank_when_gone(self, crop) or super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if width != self._width and width:
            self._width = width
            self._rewrap()
        if y not in self._strips:
            self._strips[y] = self._drawn(y, width)
        return self._strips[y]

    def _drawn(self, y: int, width: int) -> Strip:
        base = self.rich_style
        if y >= len(self._rows):
            return Strip.blank(width, base)
        row = self._rows[y]
        gutter = Segment(self.margin_text(row), base + self._style("faint"))
        body = [Segment(text, base + self._style(name)) for text, name in row.pieces]
        span = selection.get_span(row.line) if (selection := self.text_selection) is not None else None
        if span is not None:
            body = _selected(body, row.start, span, self.screen.get_component_rich_style("screen--selection"))
        text = Strip(body).apply_offsets(row.start, row.line)
        return Strip([gutter, *text]).adjust_cell_length(width, base)

    def notify_style_update(self) -> None:
        self._styles.clear()
        self._strips.clear()
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = in_theme(self.app, name)
        return self._styles[name]

    # -- selecting ---------------------------------------------------------------------------------

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        start, end = (place and self._in_source(place, last=last) for last, place in enumerate(selection))
        text = "\n".join("".join(text for text, _ in line) for line in self.lines)
        return Selection(start, end).extract(text), "\n"

    def _in_source(self, place: Offset, *, last: int) -> Offset:
        """``place`` of what is drawn, where tabs are blanks. Of a tab that is chosen in part, all is meant."""
        line = self.lines[place.y] if place.y < len(self.lines) else []
        return Offset(_source_column(line, place.x, last), place.y)

    def selection_updated(self, selection: Selection | None) -> None:
        self._strips.clear()
        self.refresh()

    # -- wrapping ----------------------------------------------------------------------------------

    def _rewrap(self, *, refresh: bool = True) -> None:
        self._rows = []
        self._strips.clear()
        self._wrap_from(0)
        if refresh:
            self.refresh(layout=True)

    def _wrap_from(self, first: int) -> None:
        if not self._width:
            return
        room = max(8, self._width - self.margin_width)
        for index in range(first, len(self.lines)):
            self._rows += wrap(self.lines[index], index, room)


def in_theme(app: App[object], name: str) -> Style:
    """A colour of the theme in force by its name, ``bold`` behind it or not."""
    name, _, attribute = name.partition(" ")
    color = app.theme_variables.get(name) if name else None
    color = color and color.removeprefix("ansi_")  # as Rich calls the terminal's own
    return Style(color=color, bold=attribute == "bold" or None)


def room_for(count: int, step: int) -> int:
    """Rows to take for ``count`` of them: twice as many each time, then ``step`` more."""
    room = 4
    while room < count:
        room += min(room, max(4, step))
    return room


def wrap(line: Line, index: int, width: int) -> list[Row]:
    """The rows of one line, at most ``width`` cells each on any terminal. Broken anywhere: code has no words."""
    rows: list[Row] = []
    pieces: Line = []
    used = start = at = 0
    for text, color in line:
        for part in _chunks(text.expandtabs(TAB), width - used, width):
            size = _cells(part)
            if used + size > width and pieces:
                rows.append(Row(index, start, pieces))
                pieces, used, start = [], 0, at
            if part:
                pieces.append((part, color))
            used += size
            at += len(part)
    rows.append(Row(index, start, pieces))
    return rows


def _chunks(text: str, first: int, width: int) -> list[str]:
    """Cut ``text`` into a piece of at most ``first`` cells, which may be empty, and pieces of at most ``width``."""
    if text.isascii():
        return [text[:first], *(text[at : at + width] for at in range(first, len(text), width))]
    chunks, room = [""], first
    for cluster in _clusters(text, width):
        if (size := _cells(cluster)) > room:
            chunks.append("")
            room = width
        chunks[-1] += cluster
        room -= size
    return chunks


def _clusters(text: str, width: int) -> Iterator[str]:
    """What is drawn as one, where a row has room for it."""
    for start, end, _ in split_graphemes(text)[0]:
        cluster = text[start:end]
        yield from [cluster] if _cells(cluster) <= width else cluster


def _cells(text: str) -> int:
    """As many as any terminal takes for ``text``: what is drawn beyond the edge, nobody sees.

    Terminals differ in what they draw as one (skin tones, families, flags, marks) and in the Unicode that they know.
    """
    return len(text) if text.isascii() else sum(map(_most_cells, text))


@lru_cache(maxsize=4096)
def _most_cells(character: str) -> int:
    wide = (
        "\U0001f000" <= character < "\U0001fb00"
        or unicodedata.east_asian_width(character) in "WF"
        or unicodedata.category(character) == "Cn"  # younger than the tables here
    )
    return 2 if wide else max(1, get_character_cell_size(character))


def _source_column(line: Line, column: int, last: int) -> int:
    """Characters of the source before ``column``; ``last``: 1 counts the tab that it is within."""
    count = 0
    for text, _ in line:
        at = 0
        for character in text:
            size = TAB - at % TAB if character == "\t" else 1
            if column < (1 if last else size):
                return count
            column, at, count = column - size, at + size, count + 1
    return count


def _selected(body: list[Segment], start: int, span: tuple[int, int], style: Style) -> list[Segment]:
    """``body`` with the part inside ``span`` (characters of the source line) in the colour of a selection."""
    first, last = span[0] - start, (span[1] - start if span[1] != -1 else 1 << 30)
    result: list[Segment] = []
    at = 0
    inside: Callable[[int], int] = lambda x: max(0, min(len(segment.text), x - at))  # noqa: E731
    for segment in body:
        a, b = inside(first), inside(last)
        for part, chosen in ((segment.text[:a], False), (segment.text[a:b], True), (segment.text[b:], False)):
            if part:
                result.append(Segment(part, (segment.style or Style()) + style if chosen else segment.style))
        at += len(segment.text)
    return result
