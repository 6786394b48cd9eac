"""Python with line numbers. Long lines are wrapped, never clipped: what runs can be read to its end."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from codemode_tui.tui.highlight import code_lines


class CodeView(Widget):
    """Grows while code streams; a finished line is highlighted once, the last one is plain until then."""

    DEFAULT_CSS = """
    CodeView { height: auto; width: 1fr; text-wrap: nowrap; }
    """

    def __init__(self, code: str = "") -> None:
        super().__init__()
        self._done: list[Content] = []
        self._source = ""
        self._rest = ""
        self._rows: tuple[int, Content, int] = (-1, Content(""), 0)
        if code:
            self.show(code)

    @property
    def code(self) -> str:
        return self._source

    def append(self, text: str) -> None:
        """More code of a stream."""
        self._source += text
        self._rest += text
        *finished, self._rest = self._rest.split("\n")
        if finished:
            self._done += code_lines("\n".join(finished))
        self._changed()

    def show(self, code: str) -> None:
        """The whole code, highlighted at once: strings over several lines come out right only so."""
        self._source, self._rest = code, ""
        self._done = code_lines(code.rstrip("\n"))
        self._changed()

    def render(self) -> RenderResult:
        return self._laid_out(self.content_size.width)[0]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._laid_out(width)[1]

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    def _changed(self) -> None:
        self._rows = (-1, Content(""), 0)
        self.refresh(layout=True)

    def _laid_out(self, width: int) -> tuple[Content, int]:
        if self._rows[0] == width:
            return self._rows[1:]
        lines = [*self._done, *([Content(self._rest.expandtabs(4))] if self._rest else [])] or [Content("")]
        gutter = len(str(len(lines))) + 2
        room = max(8, width - gutter)
        rows: list[Content] = []
        for number, line in enumerate(lines, 1):
            pieces = line.fold(room) if cell_len(line.plain) > room else [line]
            for index, piece in enumerate(pieces):
                mark = f"{number:>{gutter - 2}}  " if index == 0 else f"{'↪':>{gutter - 2}}  "
                rows.append(Content.styled(mark, "$text-muted 60%") + piece)
        self._rows = (width, Content("\n").join(rows), len(rows))
        return self._rows[1:]
