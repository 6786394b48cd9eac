"""What the word that is being typed could become, above the prompt."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from codemode_tui.front.completion import Offer
from codemode_tui.sandbox.sanitise import one_line

SHOWN = 8


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
        lines = [_drawn(offer, first + n == marked) for n, offer in enumerate(shown)]
        if more := len(offers) - len(shown):
            lines.append(Content.styled(f"  {more} more: ↑ ↓", "$faint"))
        self.update(Content("\n").join(lines))


def _drawn(offer: Offer, marked: bool) -> Content:
    mark = ("› ", "$accent bold") if marked else ("  ", "")
    label = one_line(offer.label, 60)
    return Content.assemble(
        mark, (label.ljust(27), "bold $accent" if marked else "$accent"), (f" {offer.note}", "$muted")
    )
