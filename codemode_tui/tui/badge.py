"""The decision of one message, with P(tool): a filled word, a meter, a number. Never colour alone."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from codemode_tui.protocol.types import Decision

METER = 10
EXPLAINED = {
    Decision.ANNOUNCED: "said it would act, then stopped",
    Decision.MALFORMED: "a broken call, not run",
    Decision.TRUNCATED: "cut off, not run",
}


class DecisionBadge(Static):
    DEFAULT_CSS = "DecisionBadge { height: auto; margin: 0; }"

    def __init__(self) -> None:
        super().__init__(Content(""))
        self.probability: float | None = None
        self.decision: Decision | None = None
        self._number = self._note = self._latency = ""

    def number(self, number: int) -> None:
        """One of several: the number by which it is chosen."""
        self._number = str(number)
        self.add_class("-shown")
        self._redraw()

    def likely(self, probability: float) -> None:
        """P(tool), before the first token."""
        self.probability = probability
        self._draw(Decision.TOOL if probability >= 0.5 else Decision.DIRECT, "", sure=False)

    def decided(
        self,
        decision: Decision,
        probability: float | None,
        *,
        forced: bool = False,
        latency: float = 0.0,
        cut: bool = False,
    ) -> None:
        """``latency``: milliseconds to the first token; ``cut``: the message was too long."""
        self.decision = decision
        self.probability = self.probability if probability is None else probability
        odd = EXPLAINED.get(decision, "cut off: longer than the limit" if cut else "")
        self._note = odd or ("forced" if forced else "")
        self._latency = _took(latency)
        self._redraw()

    def _redraw(self) -> None:
        if self.decision is not None:
            self._draw(self.decision, self._note, sure=True)

    def _draw(self, decision: Decision, note: str, *, sure: bool) -> None:
        color = {"tool": "$secondary", "direct": "$primary"}.get(decision.value, "$warning")
        word = decision.value.upper()
        share = percent(self.probability)
        pill = f" {word} {share} " if decision is Decision.TOOL and share else f" {word} "
        parts: list[Content | tuple[str, str]] = [(f"{self._number}  ", "bold $secondary")] if self._number else []
        parts += [(pill, f"bold $on-color on {color}" if sure else f"bold {color}")]
        if self.probability is not None:
            bar = meter(self.probability)
            parts += [("  ", ""), (bar, color), ("━" * (METER - len(bar)), "$panel")]
            if decision is not Decision.TOOL:
                parts.append((f"  P(tool) {share}", "$muted"))
        if self._latency:
            parts.append((f"  {self._latency}", "$faint"))
        if note:
            parts.append((f"  {note}", "$muted" if note == "forced" else "$warning"))
        self.update(Content.assemble(*parts))


def _took(milliseconds: float) -> str:
    if milliseconds <= 0:
        return ""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def meter(probability: float) -> str:
    """The filled part of the bar, in half cells; full only for what is certain."""
    full, half = divmod(int(probability * 2 * METER), 2)
    return "━" * full + "╸" * half


def percent(probability: float | None) -> str:
    """``99 %``; never a rounded 0 or 100 for what is not certain."""
    if probability is None:
        return ""
    if probability < 0.01:
        return "<1 %"
    return ">99 %" if probability > 0.994 else f"{probability * 100:.0f} %"
