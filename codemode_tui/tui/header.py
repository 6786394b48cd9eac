"""The line at the top: workspace, which model answers, and what holds the code that it writes."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from codemode_tui import locations
from codemode_tui.engine.api import ModelInfo
from codemode_tui.front.wording import size
from codemode_tui.sandbox.sanitise import one_line

NAME = "codemode"
FITS = ((40, 16), (24, 16), (16, 16), (16, 0), (12, 0), (8, 0))
"""Cells of the model's name, and at least of the workspace: the first that fit."""


class Header(Widget):
    DEFAULT_CSS = "Header { height: 1; dock: top; background: $panel; color: $muted; padding: 0 1; }"

    sandbox: reactive[str] = reactive("")
    """The backend in words; empty while it is looked for."""
    problem: reactive[str] = reactive("")
    """Why there is no sandbox."""

    info: reactive[ModelInfo | None] = reactive(None)

    def __init__(self, workspace: Path) -> None:
        super().__init__()
        self.workspace = one_line(_short(workspace))

    def render(self) -> Content:
        if self.problem:
            right = Content.styled("✗ no sandbox: code is not run", "bold $error")
        elif self.sandbox:
            right = Content.assemble(("◆ ", "$success"), (one_line(self.sandbox), "$muted"))
        else:
            right = Content.styled("◇ looking for a sandbox", "$muted")
        width = self.content_size.width or self.size.width
        room = width - len(NAME) - right.cell_length - 6
        if self.info is not None:
            lines = ((model_line(self.info, name=name), left) for name, left in FITS)
            line = next(
                (line for line, left in lines if cell_len(line) + min(left, cell_len(self.workspace)) <= room), ""
            )
            right = Content.assemble((line, "$foreground"), ("   " if line else "", ""), right)
            room -= cell_len(line) + 3
        where = self.workspace if cell_len(self.workspace) <= room else f"…/{Path(self.workspace).name}"
        where = where if cell_len(where) <= room else f"…{_end(self.workspace, room - 1)}"
        left = Content.assemble((NAME, "bold $accent"), ("  ", ""), (where if room > 3 else "", "$foreground"))
        return Content.assemble(left, " " * max(1, width - left.cell_length - right.cell_length), right)


def model_line(info: ModelInfo, *, name: int = 40) -> str:
    """Name (at most so many cells), bits, size on disk, profile."""
    bits = f" {info.quantization['bits']}-bit" if info.quantization else ""
    return f"{one_line(info.name, name)}{bits} · {size(info.bytes)} · {one_line(info.profile, 20)}"


def _short(path: Path) -> str:
    try:
        inside = path.relative_to(locations.home())
    except ValueError:
        return str(path)
    return "~" if str(inside) == "." else f"~/{inside}"


def _end(text: str, cells: int) -> str:
    """As much of the end as has room."""
    return next((text[at:] for at in range(len(text)) if cell_len(text[at:]) <= cells), "")
