"""What could stand in the place of a message: shown like any other, taken or dropped by one key."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from codemode_tui.chat import events as ev
from codemode_tui.chat.correction import How
from codemode_tui.engine.api import Force
from codemode_tui.front.corrections import TITLES, Draft, of_candidate, offered
from codemode_tui.front.keys import first_key
from codemode_tui.front.ports import Records
from codemode_tui.front.replay import accepted_of
from codemode_tui.store.records import Standing
from codemode_tui.tui.error_card import ErrorCard
from codemode_tui.tui.key_strip import KeyStrip
from codemode_tui.tui.step_view import StepView
from codemode_tui.tui.turn_card import TurnCard

_BEGIN = ev.Likelihood | ev.RawDelta | ev.TextDelta | ev.CodeDelta


class CandidateCard(Vertical):
    """The candidates of one correction: one, or the tries that went well."""

    DEFAULT_CSS = """
    CandidateCard {
        height: auto; padding: 1 1 0 1; margin: 0 0 1 2;
        border: round $faint; border-title-color: $muted; border-subtitle-color: $muted;
        &:focus-within { border: round $secondary; border-title-color: $secondary; }
        &.-taken { border: round $success 60%; border-title-color: $success; border-subtitle-color: $success; }
        &.-unsure { border: round $warning 60%; border-title-color: $warning; border-subtitle-color: $warning; }
        &.-taken KeyStrip { display: none; }
        KeyStrip { background: $background; border-left: none; padding: 0; margin-bottom: 0; }
        KeyStrip:focus { border-left: none; }
    }
    """

    def __init__(
        self,
        card: TurnCard,
        how: How,
        keymap: dict[str, str],
        other: Callable[[str], None] | None = None,
        written: Draft | None = None,
    ) -> None:
        """``other``: as of ``KeyStrip``. ``written``: what a person wrote, for ``edit``."""
        super().__init__()
        self.card = card
        """The turn that it would correct."""
        self.how = how
        self._force: Force | None = how if how == "tool" or how == "direct" else None
        self.written = written
        self.step = 0
        """The message in whose place it would stand."""
        self.ready: list[ev.CandidateReady] = []
        """What may be taken."""
        self.over = False
        self.generation = ""
        """The one that was accepted."""
        self.strip = KeyStrip((), keymap, other=other, away=first_key("prompt.complete", keymap) if other else "")
        self._views: list[StepView] = []
        self._view: StepView | None = None
        """Of the try that is being made."""
        self._whole = False
        self._tries = 0
        self.border_title = Content(TITLES[how])

    def compose(self) -> ComposeResult:
        yield self.strip

    async def apply(self, event: ev.Event) -> None:
        if not self.is_attached:
            return  # taken back while it was being made
        match event:
            case ev.Waiting():
                pass  # the status line shows it
            case ev.CandidateReady():
                self.ready.append(event)
                self.step = event.step
                if self._view is not None:
                    self._views.append(self._view)
                    self._view = None
            case ev.CorrectionFailed():
                await self.fail("nothing" if event.kind == "error" else event.kind, event.message, event.hint)
            case _:
                await (await self._current(event)).apply(event)

    async def fail(self, kind: str, message: str, hint: str) -> None:
        if not self.is_attached:
            return
        await self._drop_try()
        await self.mount(ErrorCard(kind, message, hint), before=self.strip)

    def drafts(self) -> list[Draft]:
        """What is to be changed: the candidate, or what was written where none came of it, or the turn's own."""
        if not self.ready:
            return [self.written] if self.written is not None else self.card.drafts()
        return [of_candidate(self.ready[0])]

    async def finish(self, guard: float) -> None:
        """Nothing more comes: what there is can be taken, after ``guard`` seconds."""
        self.over = True
        await self._drop_try()
        for view in self._views:
            await view.cut_off()
        dropped = self._tries - len(self._views)
        if len(self.ready) > 1:
            for at, view in enumerate(self._views):
                view.badge.number(at + 1)
        if dropped and self.ready:
            self.border_subtitle = Content(f"{dropped} of {self._tries} failed, or said the same")
        self.strip.offer(offered(self.ready))
        self.strip.arm_after(guard)

    async def taken(self, chosen: ev.CandidateReady, standing: Standing) -> None:
        """``chosen`` stands in the message's place now."""
        for one, view in zip(self.ready, self._views, strict=True):
            if one is not chosen:
                await view.remove()
        self.ready, self.generation = [], chosen.generation
        self.strip.can_focus = False
        self.add_class("-taken")
        verified = chosen.generation in standing.proofs
        unsure = chosen.code is not None and not verified  # code that did not run well
        self.set_class(unsure, "-unsure")
        said = "▲ accepted, not verified" if unsure else "✓ accepted · verified" if verified else "✓ accepted"
        self.border_subtitle = Content(said)

    async def _current(self, event: ev.Event) -> StepView:
        """The view that ``event`` belongs to: a new one where a new try begins."""
        if self._view is None or (self._whole and isinstance(event, _BEGIN)):
            await self._drop_try(another=True)
            self._view, self._whole = StepView(self._force), False
            self._tries += 1
            await self.mount(self._view, before=self.strip)
            if self.how == "retry" or self._tries > 1:
                self.border_subtitle = Content(f"try {self._tries}")
        self._whole = self._whole or isinstance(event, ev.StepParsed)
        return self._view

    async def _drop_try(self, *, another: bool = False) -> None:
        """A try that was never offered has failed. ``another`` one follows it."""
        if self._view is not None and (another or self.how == "retry"):
            await self._view.remove()
        elif self._view is not None:
            await self._view.cut_off()
        self._view = None


async def show_accepted(card: TurnCard, records: Records, keymap: dict[str, str]) -> None:
    """What was said about a stored turn, and what stands in the place of its messages."""
    if card.turn is None:
        return
    standing = await records.standing(card.turn)
    card.stands(standing)
    if not standing.chosen:
        return
    for how, events in accepted_of(await records.turn(card.turn), standing):
        shown = CandidateCard(card, how, keymap)
        await card.mount(shown)
        for event in events:
            await shown.apply(event)
        await shown.taken(shown.ready[0], standing)
