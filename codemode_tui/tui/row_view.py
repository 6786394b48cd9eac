"""A row of training data as the turns that it tells of, and writing one of its messages anew."""

from __future__ import annotations

import json
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from codemode_tui.chat import events as ev
from codemode_tui.corpus.rows import RESPONSE, Row, is_rejected, read_row
from codemode_tui.engine.api import Usage
from codemode_tui.front.corrections import Draft
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.render import RESPONSE_END
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.tui.turn_card import TurnCard

OCCURRENCES = 20
"""How often the same text may stand in a row before the message that is meant."""


class RowView(Vertical):
    DEFAULT_CSS = """
    RowView { height: auto; }
    RowView > .about { color: $muted; height: auto; margin: 0 0 1 1; }
    """

    def __init__(self, row: Row, state: str) -> None:
        super().__init__()
        self.row = row
        self.state = state
        self._cards: list[TurnCard] = []
        self._step = 0

    def compose(self) -> ComposeResult:
        yield Static(self._about(), classes="about")

    def stands(self, state: str) -> None:
        """Something was said about the row."""
        self.state = state
        self.query_one(".about", Static).update(self._about())

    def _about(self) -> Content:
        row = self.row
        about = [self.state, row.split or "no split", row.shape, f"{len(row.turns)} messages"]
        about += ["shows what not to say"] if is_rejected(row) else []
        system = f"\nsystem: {one_line(row.system, 300)}" if row.system else ""
        return Content(" · ".join(about) + system)

    @property
    def drafts(self) -> list[Draft]:
        """What of the row can be written anew."""
        return [draft for card in self._cards for draft in card.drafts() if draft.text]

    @property
    def codes(self) -> list[Draft]:
        return [draft for draft in self.drafts if draft.kind == "code"]

    async def fill(self) -> None:
        """Show the conversation of the row."""
        number = -1
        for role, content in self.row.turns:
            if role == "user" or (role == "assistant" and not self._cards):
                card = TurnCard(content if role == "user" else "")
                self._cards.append(card)
                await self.mount(card)
            if role == "assistant":
                number += 1
                await self._cards[-1].apply(_said(number, content))
            elif role == "tool" and self._cards and number >= 0:
                output = content.strip().removeprefix(RESPONSE).removesuffix(RESPONSE_END).strip("\n")
                await self._cards[-1].apply(ev.RunOutput("", number, "stdout", output + "\n"))
                if (step := self._cards[-1].last_step) is not None and step.output is not None:
                    step.output.note("recorded in the row", "muted")

    async def apply(self, event: ev.Event) -> None:
        """An event of a run of its code."""
        step = getattr(event, "step", 0)
        card = next(card for card in reversed(self._cards) if any(d.step == step for d in card.drafts()))
        await card.apply(event)

    async def fail(self, kind: str, message: str, hint: str) -> None:
        await self._cards[-1].fail(kind, message, hint)


def rewritten(row: Row, draft: Draft, text: str) -> bytes | None:
    """The line of ``row`` with ``text`` in the place of a draft; None when it cannot stand there.

    Whatever the shape of the row: the first replacement after which that message says ``text``, and all others
    say what they said.
    """
    said = [turn for turn in row.turns if turn.role == "assistant"]
    if draft.step is None or draft.step >= len(said) or not text.strip():
        return None
    changed = said[draft.step]
    for skip in range(OCCURRENCES):
        table, left = _replaced(row.table, draft.text, text, skip)
        if left >= 0:
            return None
        line = json.dumps(table, ensure_ascii=False).encode("utf-8", "surrogatepass")
        again = read_row(line, row.split)
        if again is None or len(again.turns) != len(row.turns):
            continue
        pairs = [(one, other) for one, other in zip(row.turns, again.turns, strict=True) if one is not changed]
        found = parse(next(other for one, other in zip(row.turns, again.turns, strict=True) if one is changed).content)
        now = found.code if draft.kind == "code" else found.text
        if (now or "").strip() == text.strip() and all(one == other for one, other in pairs):
            return line
    return None


def _replaced(value: Any, old: str, new: str, skip: int) -> tuple[Any, int]:  # noqa: ANN401 - any JSON value
    """``value`` with the occurrence of ``old`` after ``skip`` others replaced; -1 once it has been."""
    if skip < 0:
        return value, skip
    if isinstance(value, str):
        count = value.count(old)
        if count <= skip:
            return value, skip - count
        parts = value.split(old)
        return old.join(parts[: skip + 1]) + new + old.join(parts[skip + 1 :]), -1
    if isinstance(value, list):
        found = []
        for item in value:
            item, skip = _replaced(item, old, new, skip)
            found.append(item)
        return found, skip
    if isinstance(value, dict):
        table = {}
        for key, item in value.items():
            table[key], skip = _replaced(item, old, new, skip)
        return table, skip
    return value, skip


def _said(step: int, raw: str) -> ev.StepParsed:
    found = parse(raw)
    return ev.StepParsed(
        "", step, decision=found.decision, probability=None, forced=False, dialect=found.dialect, raw=raw,
        text=found.text, code=found.code, warnings=found.warnings, finish_reason="stop", usage=Usage(), generation="",
    )  # fmt: skip
