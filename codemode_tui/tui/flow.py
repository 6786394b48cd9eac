"""Parts in a line, on as many lines as its width asks for: worked out as it is laid out, and never guessed before."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

Lines = Callable[[int], Content]
"""What is shown in so many columns."""


class Flow(Static):
    """Whoever draws anew when told of a new width is too late: in the layout under way the height stays the old one."""

    DEFAULT_CSS = """
    Flow { height: auto; }
    """

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(Content(""), classes=classes)
        self._flowing: Lines = lambda width: Content("")

    def flow(self, lines: Lines) -> None:
        """Show these from now on."""
        self._flowing = lines
        self.refresh(layout=True)

    def render(self) -> Content:
        return self._flowing(self.content_size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        content = self._flowing(width)
        return content.get_height(self.styles.get_rules(), width) if width else 0


def flowed(parts: Iterable[Content], width: int) -> Content:
    """``parts`` one after another, on as many lines as they need; never a break within one."""
    lines = [Content("")]
    for part in parts:
        if lines[-1].cell_length + part.rstrip().cell_length > width and lines[-1]:
            lines.append(part)
        else:
            lines[-1] = lines[-1].append(part)
    return Content("\n").join(lines)
