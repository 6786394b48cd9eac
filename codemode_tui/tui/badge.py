"""The decision of one message, with P(tool): a filled word, a meter, a number. Never colour alone."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from codemode_tui.engine.api import Force
from codemode_tui.front.wording import METER, meter, percent, remark, took
from codemode_tui.protocol.types import Decision


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

    def likely(self, probability: float, force: Force | None = None) -> None:
        """P(tool), before the first token; ``force``: the decision that the message must make."""
        self.probability = probability
        likeliest = Decision(force) if force else Decision.TOOL if probability >= 0.5 else Decision.DIRECT
        self._draw(likeliest, remark(likeliest, forced=force is not None), sure=False)

    def decided(
        self,
        decision: Decision,
        probability: float | None,
        *,
        forced: bool = False,
        latency: float = 0.0,
        cut: bool = False,
    ) -> None:
        """``latency``: milliseconds to the first token; ``cut``: the message has no end."""
        self.decision = decision
        self.probability = self.probability if probability is None else probability
        self._note = remark(decision, forced=forced, cut=cut)
        self._latency = took(latency)
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
            parts.append((f"  {self._latency}", "$muted"))
        if note:
            parts.append((f"  {note}", "$muted" if note == "forced" else "$warning"))
        self.update(Content.assemble(*parts))
