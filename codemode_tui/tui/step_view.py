"""One message of the model and the run of its code."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.sanitise import one_line, visible_code
from codemode_tui.sandbox.types import Outcome
from codemode_tui.tui.badge import Badge
from codemode_tui.tui.code_view import CodeView
from codemode_tui.tui.output_box import OutputBox
from codemode_tui.tui.prose import Prose


class CodeCard(Vertical):
    DEFAULT_CSS = """
    CodeCard {
        height: auto; margin: 0 2; padding: 0 1; border: round $accent 60%; background: $surface;
        border-title-color: $accent; border-subtitle-color: $text-muted;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.view = CodeView()
        self.border_title = "python"

    def compose(self) -> ComposeResult:
        yield self.view


class StepView(Vertical):
    """Badge, prose, code, output: each appears when there is something to show."""

    DEFAULT_CSS = """
    StepView { height: auto; margin: 0 0 1 0; }
    StepView > .warning { height: auto; margin: 0 4; color: $text-warning; }
    """

    def __init__(self, *, first: bool) -> None:
        super().__init__()
        self._first = first
        self._badge = Badge()
        self._prose: Prose | None = None
        self._card: CodeCard | None = None
        self._output: OutputBox | None = None
        self._probability: float | None = None

    def compose(self) -> ComposeResult:
        yield self._badge

    def on_mount(self) -> None:
        self._badge.show(None, None)

    @property
    def code(self) -> str:
        return self._card.view.code if self._card else ""

    def likelihood(self, probability: float) -> None:
        self._probability = probability
        self._badge.show(None, probability)

    async def append_text(self, text: str) -> None:
        await (await self._proses()).append(text)

    async def append_code(self, text: str) -> None:
        (await self._cards()).view.append(text)

    async def parsed(self, decision: Decision, probability: float | None, *, forced: bool, text: str, code: str | None,
                     warnings: tuple[str, ...] = (), raw: str = "") -> None:  # fmt: skip
        """The whole message, as it was understood."""
        self._badge.show(decision, probability if probability is not None else self._probability, forced=forced)
        if decision is Decision.DIRECT and not self._first:
            self._badge.display = False  # the answer after a run needs no second headline
        if text.strip() or self._prose is not None:
            prose = await self._proses()
            prose.set_class(decision is not Decision.DIRECT, "-aside")
            await prose.finish(text)
        if code is not None:
            (await self._cards()).view.show(code)
        elif decision not in (Decision.DIRECT, Decision.ANNOUNCED) and not text.strip():
            await self.mount(Static(Content(visible_code(raw)[-2000:]), markup=False, classes="warning"))
        for warning in warnings:
            await self.mount(Static(Content(f"⚠ {one_line(warning)}"), markup=False, classes="warning"))

    async def running(self, code: str, backend: str) -> None:
        card = await self._cards()
        if card.view.code.rstrip("\n") != code.rstrip("\n"):
            card.view.show(code)
            card.border_title = "python (edited)"
        card.border_subtitle = Content(one_line(backend, 60))
        await self._outputs()

    async def output(self, stream: str, text: str) -> None:
        (await self._outputs()).append(stream, text)

    async def finished(self, outcome: Outcome) -> None:
        (await self._outputs()).finish(outcome)

    async def responded(self, text: str) -> None:
        """A stored run."""
        (await self._outputs()).show_response(text)

    async def _proses(self) -> Prose:
        if self._prose is None:
            self._prose = Prose()
            await self.mount(self._prose, after=self._badge)
        return self._prose

    async def _cards(self) -> CodeCard:
        if self._card is None:
            self._card = CodeCard()
            await self.mount(self._card)
        return self._card

    async def _outputs(self) -> OutputBox:
        if self._output is None:
            self._output = OutputBox()
            await self.mount(self._output)
        return self._output
