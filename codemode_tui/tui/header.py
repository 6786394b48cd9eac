"""The line at the top: program, workspace, and whether code can be run safely."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from codemode_tui.sandbox.sanitise import one_line


class Header(Widget):
    DEFAULT_CSS = "Header { height: 1; dock: top; background: $panel; color: $muted; padding: 0 1; }"

    sandbox: reactive[str] = reactive("")
    """The backend in words; empty while it is looked for."""
    problem: reactive[str] = reactive("")
    """Why there is no sandbox."""

    def __init__(self, workspace: Path) -> None:
        super().__init__()
        self.workspace = one_line(_short(workspace))

    def render(self) -> Content:
        left = Content.assemble(("codemode", "bold $accent"), ("  ", ""), (self.workspace, "$foreground"))
        if self.problem:
            right = Content.styled("✗ no sandbox: code is not run", "bold $error")
        elif self.sandbox:
            right = Content.assemble(("◆ ", "$success"), (f"sandbox {one_line(self.sandbox)}", "$muted"))
        else:
            right = Content.styled("◇ looking for a sandbox", "$muted")
        room = self.size.width - right.cell_length - 2
        if left.cell_length > room:
            path = "…" + self.workspace[-max(1, room - 11) :]
            left = Content.assemble(("codemode", "bold $accent"), ("  ", ""), (path, "$foreground"))
        gap = max(1, self.size.width - left.cell_length - right.cell_length)
        return Content.assemble(left, " " * gap, right)


def _short(path: Path) -> str:
    try:
        inside = path.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return str(path)
    return "~" if str(inside) == "." else f"~/{inside}"
