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
FITS = ((0, 40), (0, 24), (1, 40), (1, 24), (2, 24), (2, 16))
"""How much shorter the sandbox is said, and cells of the model's name: the first that fit beside the workspace."""


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
        width = self.content_size.width or self.size.width
        room = width - len(NAME) - 6
        held, info, folder = self._held(), self.info, f"…/{Path(self.workspace).name}"
        least = min(16, cell_len(self.workspace), cell_len(folder))
        ways = [(one, "", 0) for one in held]
        if info is not None:
            ways = [(held[at], model_line(info, name=name), least) for at, name in FITS]
            narrow = ((16, least), (16, 0), (8, 0))
            ways += [(held[2], model_line(info, name=name, whole=False), left) for name, left in narrow]
        fit = (way for way in ways if way[0].cell_length + cell_len(way[1]) + way[2] <= room)
        sandbox, model, _ = next(fit, ways[-1])
        right = Content.assemble((model, "$foreground"), "   " if model else "", sandbox)
        room -= right.cell_length - 3 * bool(model)
        where = self.workspace if cell_len(self.workspace) <= room else folder
        where = where if cell_len(where) <= room else f"…{_end(self.workspace, room - 1)}"
        left = Content.assemble((NAME, "bold $accent"), ("  ", ""), (where if room > 3 else "", "$foreground"))
        return Content.assemble(left, " " * max(1, width - left.cell_length - right.cell_length), right)

    def _held(self) -> tuple[Content, Content, Content]:
        """What holds code that is run, ever shorter."""
        if self.problem:
            short = Content.styled("✗ no sandbox", "bold $error")
            return short.append(Content.styled(": code is not run", "bold $error")), short, short
        sign = Content.styled("◆" if self.sandbox else "◇", "$success" if self.sandbox else "$muted")
        words = one_line(self.sandbox) if self.sandbox else "looking for a sandbox"
        return (
            sign.append(Content.styled(f" {words}", "$muted")),
            sign.append(Content.styled(" sandbox", "$muted")),
            sign,
        )


def model_line(info: ModelInfo, *, name: int = 40, whole: bool = True) -> str:
    """Name (at most so many cells), bits; if it is to be ``whole``, size on disk and profile."""
    shown = Content(one_line(info.name)).truncate(name, ellipsis=True).plain
    bits = f" {info.quantization['bits']}-bit" if info.quantization else ""
    rest = f" · {size(info.bytes)} · {one_line(info.profile, 20)}" if whole else ""
    return f"{shown}{bits}{rest}"


def _short(path: Path) -> str:
    try:
        inside = path.relative_to(locations.home())
    except ValueError:
        return str(path)
    return "~" if str(inside) == "." else f"~/{inside}"


def _end(text: str, cells: int) -> str:
    """As much of the end as has room."""
    return next((text[at:] for at in range(len(text)) if cell_len(text[at:]) <= cells), "")
