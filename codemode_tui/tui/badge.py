"""The decision of one message: what the model chose, and how sure it was."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from codemode_tui.protocol.types import Decision

_LOOK = {
    Decision.TOOL: (" CODE ", "bold $background on $accent", "writes Python"),
    Decision.DIRECT: (" DIRECT ", "bold $background on $primary", "answers directly"),
    Decision.ANNOUNCED: (" ANNOUNCED ", "bold $background on $warning", "said that it would act, and stopped"),
    Decision.MALFORMED: (" MALFORMED ", "bold $background on $error", "a call that cannot be read"),
    Decision.TRUNCATED: (" TRUNCATED ", "bold $background on $error", "cut off; not run"),
}


class Badge(Static):
    """``CODE  99.9 %`` with a bar for P(tool)."""

    DEFAULT_CSS = """
    Badge { height: 1; width: 1fr; margin: 0 0 0 2; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, decision: Decision | None, probability: float | None, *, forced: bool = False) -> None:
        """``decision`` is None while the message is still being written."""
        if decision is None:
            label = Content.styled(" DECIDING ", "$text-muted on $panel")
            words = ""
        else:
            name, style, words = _LOOK[decision]
            label = Content.styled(name, style)
        parts = [label, _likelihood(probability)]
        if forced:
            parts.append(Content.styled("  forced", "$text-warning"))
        if words:
            parts.append(Content.styled(f"  {words}", "$text-muted"))
        self.update(Content("").join(parts))


def _likelihood(probability: float | None) -> Content:
    """P(tool) as a bar of eight cells and a number."""
    if probability is None:
        return Content("")
    filled = round(probability * 8)
    bar = Content.styled("━" * filled, "$accent") + Content.styled("━" * (8 - filled), "$primary 35%")
    return Content("  ") + bar + Content.styled(f" P(code) {percent(probability)}", "$text-muted")


def percent(probability: float) -> str:
    """Two honest digits: never ``100 %`` for what is not certain."""
    shown = f"{probability * 100:.1f}"
    if shown == "100.0" and probability < 1:
        return ">99.9 %"
    if shown == "0.0" and probability > 0:
        return "<0.1 %"
    return f"{shown} %"
