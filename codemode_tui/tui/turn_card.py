"""One turn: the question, its steps, how it ended. Events come in, widgets show them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from codemode_tui.chat import events as ev
from codemode_tui.engine.api import Force, Usage
from codemode_tui.front.acting import one_of
from codemode_tui.front.corrections import Draft, drafts
from codemode_tui.front.incoming import Printed
from codemode_tui.front.status import used
from codemode_tui.front.wording import figures, reasons_in_words, said_of
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.store.records import Standing
from codemode_tui.tui.error_card import ErrorCard
from codemode_tui.tui.question import Question
from codemode_tui.tui.step_view import StepView


class TurnCard(Vertical, can_focus=True):
    DEFAULT_CSS = """
    TurnCard {
        height: auto; padding: 0 1; margin: 0; max-width: 124;
        border-left: outer $background;
        &:focus, &.-chosen { border-left: outer $accent; }
        .end { height: auto; display: none; margin-bottom: 1; }
        .end.-shown { display: block; }
    }
    """

    def __init__(self, question: str, force: Force | None = None) -> None:
        """``force``: the decision that its first message must make."""
        super().__init__()
        self.question = question
        self._force = force
        self.turn: str | None = None
        """Stored id; None until the turn has begun."""
        self.standing = Standing()
        """What was said about the turn."""
        self.answer = ""
        self.used = 0
        """Tokens of the context once its last message is in it."""
        self.failed = self.stopped = False
        self.over = False
        self.superseded = False
        """It was asked again: another turn stands in its place."""
        self.replaces: TurnCard | None = None
        """In whose place it stands once it has begun: a question can be refused."""
        self._steps: dict[int, StepView] = {}
        self._next: StepView | None = None
        """What the next message will stand in: laid out while the model reads, not while it writes."""
        self._usage = Usage()

    def compose(self) -> ComposeResult:
        yield Question(self.question)
        yield Static(Content(""), classes="end")

    @property
    def last_step(self) -> StepView | None:
        return next(reversed(self._steps.values()), None)

    async def apply(self, event: ev.Event) -> None:
        """Show one event of this turn."""
        match event:
            case ev.TurnStarted():
                self.turn = event.turn
                if self.replaces is not None:
                    self.replaces.supersede()
                    self.replaces = None
                await self._prepare()
            case ev.AnswerReady():
                self.answer = event.text
                if self.last_step is not None:
                    await self.last_step.answered(event.text)
            case ev.TurnDone():
                await self._end(event.record)
            case ev.TurnFailed():
                self.stopped = event.kind == "cancelled"
                await self.fail(event.kind, event.message, event.hint)
                await self._end(event.record)
            case ev.Waiting():
                pass  # the status line shows it
            case _:
                step = await self._step(getattr(event, "step", 0))
                await step.apply(event)
                self.used = used(event) or self.used
                if isinstance(event, ev.RunFinished):
                    await self._prepare()

    async def fail(self, kind: str, message: str, hint: str) -> None:
        """Say at its end that the turn failed, and what to do."""
        self.failed = self.over = True
        if self.last_step is not None:
            await self.last_step.cut_off()
        await self.append(ErrorCard(kind, message, hint))

    async def append(self, widget: Widget) -> None:
        """Show something more of this turn, as long as its card is on the screen."""
        for end in self.query(".end"):
            await self.mount(widget, before=end)

    def supersede(self) -> None:
        self.superseded = True
        self._draw_end()

    @property
    def code(self) -> str:
        """The last code of the turn; empty when there is none."""
        return next((step.code.text for step in reversed(self._steps.values()) if step.code is not None), "")

    @property
    def called(self) -> str:
        """The last code of a whole call; empty when there is none. No other code runs."""
        calls = (step for step in reversed(self._steps.values()) if step.badge.decision is Decision.TOOL)
        return next((step.code.text for step in calls if step.code is not None), "")

    @property
    def printed(self) -> Printed:
        """What its last code with an output printed."""
        outputs = (step.output for step in reversed(self._steps.values()))
        return next((output.printed for output in outputs if output is not None), Printed())

    @property
    def troubled(self) -> bool:
        """It came to nothing, or not to its end, and nobody wished for that."""
        last = self.last_step
        odd = last is not None and (last.cut or last.badge.decision not in (Decision.TOOL, Decision.DIRECT, None))
        return (odd or self.failed) and not self.stopped

    @property
    def goes_on(self) -> bool:
        """Its one message was cut off."""
        return len(self._steps) == 1 and self.last_step is not None and self.last_step.cut

    @property
    def rating(self) -> int:
        return self.standing.rating

    def stands(self, standing: Standing) -> None:
        """Show what is said about the turn from now on."""
        self.standing = standing
        self._draw_end()

    def decided(self) -> set[Decision]:
        """What its messages decided, so far as they are whole."""
        return {step.badge.decision for step in self._steps.values() if step.badge.decision is not None}

    def drafts(self) -> list[Draft]:
        """What of the turn can be written anew: each code and each answer, or what it should have had of them."""
        return drafts({number: step.said for number, step in self._steps.items()})

    async def toggle_raw(self) -> None:
        for step in self._steps.values():
            await step.toggle_raw()

    def show_all(self) -> None:
        """Show all of its question and of its output, or less again."""
        self.query_one(Question).toggle()
        for step in self._steps.values():
            if step.output is not None:
                step.output.toggle()

    def copyable(self, what: str = "") -> tuple[str, str]:
        """See ``Meant``."""
        return one_of({
            "answer": lambda: self.answer,
            "code": lambda: self.code,
            "output": lambda: self.printed.text,
            "question": lambda: self.question,
            "raw": lambda: "\n\n".join(step.raw for step in self._steps.values()),
        }, what)  # fmt: skip

    async def _step(self, number: int) -> StepView:
        if number not in self._steps:
            self._steps[number], self._next = await self._prepare(), None
        return self._steps[number]

    async def _prepare(self) -> StepView:
        if self._next is None:
            self._next = StepView(None if self._steps else self._force)
            await self.append(self._next)
        return self._next

    async def _end(self, record: ev.TurnRecord) -> None:
        self.over = True
        self._usage = record.usage
        if self.last_step is not None:
            await self.last_step.cut_off()
        self._draw_end()

    def _draw_end(self) -> None:
        usage = self._usage
        parts: list[tuple[str, str]] = []
        if self.over and figures(usage):
            parts.append((figures(usage), "$muted"))
        if self.superseded:
            parts.append((("   " if parts else "") + "asked again below", "$muted"))
        if self.rating:
            parts += [("   " if parts else "", ""), *_said(self.standing)]
        for end in self.query(".end").results(Static):  # none once the card has left the screen
            end.set_class(bool(parts), "-shown")
            end.update(Content.assemble(*parts))


def _said(standing: Standing) -> list[tuple[str, str]]:
    """The rating, what came of it, and why."""
    down = standing.rating < 0
    pill = " ▼ thumbs-down " if down else " ▲ thumbs-up "
    parts = [(pill, f"bold $on-color on {'$error' if down else '$success'}")]
    text, color = said_of(standing)
    parts.append((f" {text}", f"bold ${color}" if color == "success" else f"${color}"))
    if standing.reasons:
        parts.append((" · " + reasons_in_words(standing.reasons), "$muted"))
    if standing.comment:
        parts.append((f"\n“{one_line(standing.comment, 300)}”", "$muted"))
    return parts
