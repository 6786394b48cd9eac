"""One message of the model: decision, prose, code, and what the code did."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from codemode_tui.chat import events as ev
from codemode_tui.engine.api import Force
from codemode_tui.front.corrections import Message
from codemode_tui.front.wording import Note, notes, silent, summary
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.sanitise import one_line, visible_code
from codemode_tui.sandbox.types import Outcome
from codemode_tui.tui.badge import DecisionBadge
from codemode_tui.tui.code_card import CodeCard
from codemode_tui.tui.output_panel import OutputPanel
from codemode_tui.tui.prose import Prose


class StepView(Vertical):
    DEFAULT_CSS = """
    StepView { height: auto; }
    StepView CodeCard, StepView OutputPanel, StepView .note, StepView .raw { margin-bottom: 1; }
    StepView CodeCard.-ran { margin-bottom: 0; }
    StepView DecisionBadge { margin-bottom: 1; display: none; }
    StepView DecisionBadge.-shown { display: block; }
    StepView .raw { border: round $faint; border-title-color: $muted; padding: 0 1; color: $muted; height: auto; }
    StepView .note { color: $warning; height: auto; }
    """

    def __init__(self, force: Force | None = None) -> None:
        """``force``: the decision that the message must make."""
        super().__init__()
        self._force = force
        self.badge = DecisionBadge()
        self.prose = Prose()
        self.code: CodeCard | None = None
        self.output: OutputPanel | None = None
        self.raw = ""
        self.cut = False
        """The message has no end: it was longer than the limit, the context was full, it went round in circles."""
        self.failed = False
        """Its code did not run well."""
        self._outcome: Outcome | None = None
        self._noted: list[Note] = []
        """Below its output."""

    def compose(self) -> ComposeResult:
        yield self.badge
        yield self.prose

    @property
    def said(self) -> Message:
        code = self.code.text if self.code is not None else None
        return Message(self.badge.decision, code, self.prose.text, self.failed)

    async def apply(self, event: ev.Event) -> None:
        match event:
            case ev.Likelihood():
                self.badge.set_class(event.step == 0 or event.probability >= 0.5, "-shown")
                self.badge.likely(event.probability, self._force)
            case ev.RawDelta():
                self.raw += event.text
            case ev.TextDelta():
                await self.prose.append(event.text)
            case ev.CodeDelta():
                (await self._card()).append(event.text)
            case ev.StepParsed():
                await self._parsed(event)
            case ev.ApprovalWanted():
                card = await self._card()
                card.show(event.code)
                card.state("asking", "waits for your answer")
            case ev.Noticed():
                await self._note(event.text)
            case ev.Checked():
                await self._note(*event.capabilities, *event.warnings)
            case ev.RunStarted():
                card = await self._card()
                card.show(event.code, edited=card.has_class("-whole") and event.code != card.text)
                card.state("running", f"running · {event.backend}")
            case ev.RunOutput():
                (await self._panel()).append(event.stream, event.text)
            case ev.RunFinished():
                await self._ran(event.outcome)

    async def answered(self, text: str) -> None:
        """``text`` is the final answer; it has been streaming here."""
        if text != self.prose.text or not self.prose.final:
            await self.prose.finish(text)

    async def cut_off(self) -> None:
        """Nothing more comes: what is here is final."""
        if not self.prose.final:
            await self.prose.finish()
        if self.code is not None:
            self.code.settle()
            if {"-asking", "-running"} & self.code.classes:
                self.code.state("denied", "stopped")

    async def toggle_raw(self) -> None:
        """Show or hide the message verbatim."""
        for shown in self.query(".raw"):
            await shown.remove()
            return
        panel = Static(Content(visible_code(self.raw)), classes="raw")
        panel.border_title = Content("verbatim")
        await self.mount(panel)

    async def _parsed(self, step: ev.StepParsed) -> None:
        self.raw, self.cut = step.raw, step.finish_reason == "length"
        # The answer after a run is no decision worth a line; anything odd is.
        self.badge.set_class(step.step == 0 or self.cut or step.decision is not Decision.DIRECT, "-shown")
        latency = step.usage.ttft_ms
        self.badge.decided(step.decision, step.probability, forced=step.forced, latency=latency, cut=self.cut)
        # A message without a call is all prose; of a broken call what could not be read is shown too.
        lost = step.decision is Decision.MALFORMED and step.code is None
        await self.prose.finish(step.raw if lost else step.text)
        if step.code is not None:
            (await self._card()).show(step.code)
        elif self.code is not None:
            self.code.settle()
        await self._note(*step.warnings)

    async def _note(self, *warnings: str) -> None:
        if warnings:
            note = Content("\n").join(Content(f"▲ {one_line(warning)}") for warning in warnings)
            await self.mount(Static(note, classes="note"))

    async def _ran(self, outcome: Outcome) -> None:
        self.failed = outcome.failed
        card = await self._card()
        card.state(*summary(outcome))
        if silent(outcome):
            return
        panel = await self._panel()
        panel.finish()
        self._noted, self._outcome = notes(outcome), outcome
        for text, color in self._noted:
            panel.note(text, color)

    def show_undone(self, run: str, paths: Sequence[str]) -> None:
        """See ``Acting``."""
        if self._outcome is not None and self._outcome.undo == run and self.output is not None:
            before, self._noted = self._noted, notes(self._outcome, paths)
            self.output.renote(before, self._noted)

    async def _card(self) -> CodeCard:
        if self.code is None:
            self.code = CodeCard()
            await self.mount(self.code)
        return self.code

    async def _panel(self) -> OutputPanel:
        if self.output is None:
            self.output = OutputPanel()
            (await self._card()).add_class("-ran")  # the output hangs below the code
            await self.mount(self.output)
        return self.output
