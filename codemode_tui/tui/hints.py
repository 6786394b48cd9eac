"""What the word that is being typed could become, above the prompt."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from codemode_tui.front.completion import Offer
from codemode_tui.sandbox.sanitise import one_line

SHOWN = 8
LABEL = 27
"""Cells of the left column, at least."""
FRAME = 4
"""Cells around the text: margin and padding."""


class Hints(Static):
    DEFAULT_CSS = """
    Hints { height: auto; margin: 0 1; padding: 0 1; background: $panel; display: none; }
    Hints.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(Content(""))

    def offer(self, offers: tuple[Offer, ...], marked: int) -> None:
        """Show ``offers``, the ``marked`` one always among them."""
        self.set_class(bool(offers), "-shown")
        first = max(0, min(marked - SHOWN + 2, len(offers) - SHOWN))
        shown = offers[first : first + SHOWN]
        column = max(LABEL, *(len(one_line(offer.label, 60)) for offer in shown)) if shown else LABEL
        room = self.app.size.width - FRAME
        lines = [_drawn(offer, first + n == marked, column, room) for n, offer in enumerate(shown)]
        if more := len(offers) - len(shown):
            lines.append(Content.styled(f"  {more} more: ↑ ↓", "$muted"))
        self.update(Content("\n").join(lines))


def _drawn(offer: Offer, marked: bool, column: int, room: int) -> Content:
    """On one line of ``room`` cells: what is said of an offer ends where there is no more room."""
    mark = ("› ", "$accent bold") if marked else ("  ", "")
    label = one_line(offer.label, 60)
    return Content.assemble(
        mark, (label.ljust(column), "bold $accent" if marked else "$accent"), (f" {offer.note}", "$muted")
    ).truncate(max(1, room), ellipsis=True)
