"""Events of one turn to lines: what is finished goes to the scrollback for good, only the tail may still change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from codemode_tui.chat import events as ev
from codemode_tui.engine.api import Force
from codemode_tui.front.acting import one_of
from codemode_tui.front.corrections import Message
from codemode_tui.front.highlight import LineByLine
from codemode_tui.front.incoming import IncomingLines, Printed
from codemode_tui.front.wording import figures, notes, remark, silent, summary
from codemode_tui.protocol.stream import left_of
from codemode_tui.protocol.types import Decision
from codemode_tui.repl.lines import Line, wrapped
from codemode_tui.repl.look import Look
from codemode_tui.sandbox.sanitise import visible_code
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.records import Standing

HEAD, TAIL = 40, 20
"""Lines printed of a long output; ``/expand`` prints all of it."""
LINE_LIMIT = 4_000
"""Characters shown of one line."""


class Paper(Protocol):
    def print(self, lines: Sequence[Line]) -> None:
        """For good."""
        ...

    def live(self, lines: Sequence[Line]) -> None:
        """Until the next call."""
        ...


class Scribe:
    """Writes one turn. Text is untrusted, and made safe here."""

    def __init__(self, paper: Paper, look: Look, question: str = "", force: Force | None = None) -> None:
        """``force``: the decision that its first message must make."""
        self.paper, self.look = paper, look
        self.question = question
        self._force = force
        self.turn = ""
        self.answer = ""
        self.code = ""
        """The last of the turn."""
        self.raw: dict[int, str] = {}
        self.output = Printed()
        self.said: dict[int, Message] = {}
        self.standing = Standing()
        self.end: ev.TurnDone | ev.TurnFailed | None = None
        self._step = -1
        self._probability: float | None = None
        self._held: list[Line] = []
        """The end of a long output."""
        self._begin_step(0)

    # -- events ------------------------------------------------------------------------------------

    def copyable(self, what: str = "") -> tuple[str, str]:
        """See ``acting.Meant``."""
        return one_of({
            "answer": lambda: self.answer, "code": lambda: self.code, "output": lambda: self.output.text,
            "question": lambda: self.question, "raw": lambda: "\n\n".join(self.raw.values()),
        }, what)  # fmt: skip

    def apply(self, event: ev.Event) -> None:
        step = getattr(event, "step", None)
        if step is not None and step != self._step:
            self._begin_step(step)
        if isinstance(event, ev.TurnDone | ev.TurnFailed):
            self.end = event
        match event:
            case ev.TurnStarted():
                self.turn = event.turn
            case ev.Likelihood():
                self._probability = event.probability
                self._show_tail()
            case ev.RawDelta():
                self.raw[event.step] = self.raw.get(event.step, "") + event.text
            case ev.TextDelta():
                self._streamed += event.text
                self._prose(self._text.feed(event.text))
                self._show_tail()
            case ev.CodeDelta():
                self._code_delta(event.text)
            case ev.StepParsed():
                self._parsed(event)
            case ev.ApprovalWanted():
                self._show_code(event.code)  # what was found in it is said with the question
            case ev.Noticed():
                self._warn((event.text,))
            case ev.Checked():
                self._warn((*event.capabilities, *event.warnings))
            case ev.RunStarted():
                self._show_code(event.code)
                self.output = Printed()
            case ev.RunOutput():
                self._output(event.stream, event.text)
            case ev.RunFinished():
                self._ran(event.outcome)
            case ev.AnswerReady():
                self.answer = event.text
            case ev.TurnDone():
                self._end(event.record)
            case ev.TurnFailed():
                self.fail(event.kind, event.message, event.hint)
                self._end(event.record)

    def fail(self, kind: str, message: str, hint: str) -> None:
        self.cut_off()
        self._space()
        self.paper.print(self.look.failure(kind, message, hint))
        self._blank = False

    def cut_off(self) -> None:
        """Nothing more comes: what is here is final."""
        self._finish_text()
        self._close_code()
        self._close_output()
        self.paper.live(())

    # -- one message -------------------------------------------------------------------------------

    def _begin_step(self, step: int) -> None:
        if self._step >= 0:
            self.cut_off()
        self._step = step
        self._probability = None
        self._shown: Decision | None = None
        """What the badge says."""
        self._whole = False
        self._text, self._arriving = IncomingLines(), IncomingLines()
        self._markdown = self.look.prose()
        self._streamed = ""
        self._lines: list[str] = []
        """Of the code that is being written, finished ones."""
        self._colours = LineByLine()
        self._printed_code: str | None = None
        self._open = self._section = ""
        self._out = IncomingLines(LINE_LIMIT + 1)
        self._stream = "stdout"
        self._held = []
        self._count = 0
        self._blank = False

    @property
    def _likely(self) -> Decision | None:
        """What is being decided, as far as can be told before the message is whole."""
        if self._open == "code" or self._lines or (self._force == "tool" and not self._step):
            return Decision.TOOL
        if self._force == "direct" and not self._step:
            return Decision.DIRECT
        if self._probability is None:
            return None
        return Decision.TOOL if self._probability >= 0.5 else Decision.DIRECT

    def _badge(self) -> None:
        """Say what is being decided, once and before what it looks like."""
        decision = self._likely
        if decision is None or self._shown is not None or (self._step and decision is Decision.DIRECT):
            return
        self._shown = decision
        self._space()
        self.paper.print([self.look.badge(decision, self._probability, self._note)])

    @property
    def _note(self) -> str:
        return "forced" if self._force is not None and not self._step else ""

    def _prose(self, lines: list[str]) -> None:
        for line in lines:
            if not line.strip() and self._section != "prose":
                continue  # blank lines around a call say nothing
            self._enter("prose")
            self._put(self._markdown.feed(line))

    def _finish_text(self) -> None:
        if rest := self._text.close():
            self._prose([rest])
        if self._section == "prose":
            self._put(self._markdown.close())

    def _code_delta(self, text: str) -> None:
        self._finish_text()
        for line in self._arriving.feed(text):
            if not self._lines and not line.strip():
                continue
            self._code_line(line)
        self._show_tail()

    def _code_line(self, line: str) -> None:
        self._lines.append(line)
        self._enter("code")
        self.paper.print([self._colours.feed(line)])

    def _close_code(self) -> None:
        if rest := self._arriving.close().rstrip():
            self._code_line(rest)
        if self._section == "code" and self._open == "code":
            self.paper.print(self.look.code_tail())
            self._printed_code = "\n".join(self._lines)
            self._lines, self._colours, self._open = [], LineByLine(), ""

    def _show_code(self, code: str, *, anew: str = "as it will run") -> None:
        """Code that is about to run, unless just that has been printed."""
        self.code = code
        shown = visible_code(code).strip("\n")
        if self._printed_code is not None and self._printed_code.rstrip() == shown.rstrip():
            return
        if self._printed_code is not None:
            self._space()
            self.paper.print([self.look.rule(anew, "warning")])
            self._section = "code"
        else:
            self._enter("code")
        self._open = ""
        self.paper.print([*self.look.code(shown), *self.look.code_tail()])
        self._printed_code = shown

    def _parsed(self, step: ev.StepParsed) -> None:
        self.raw[step.step] = step.raw
        self._probability = self._probability if step.probability is None else step.probability
        cut = step.finish_reason == "length"
        note = remark(step.decision, forced=step.forced, cut=cut)
        self.said[step.step] = Message(step.decision, step.code, step.text)
        worth = step.step == 0 or cut or step.decision is not Decision.DIRECT
        if worth and (self._shown is not step.decision or note not in ("", self._note)):
            self._shown, again = step.decision, self._shown
            line = self.look.badge(step.decision, step.probability, note, step.usage.ttft_ms)
            if again is not None:
                self._finish_text()
                self._close_code()
            self._space()
            self.paper.print([line])
        # A message without a call is all prose; of a broken call what could not be read is shown too.
        lost = step.decision is Decision.MALFORMED and step.code is None
        text = step.raw if lost else step.text
        rest = left_of(self._streamed, text) if self._streamed.strip() else None
        if rest is not None:
            self._prose(self._text.feed(rest))
        elif text.strip() != self._streamed.strip():
            self._text = IncomingLines()
            self._prose(self._text.feed(text.strip("\n")))
        self._finish_text()
        self._close_code()
        if step.code is not None:
            self._show_code(step.code, anew="as it was read")
        self._warn(step.warnings)
        self._whole = True
        self.paper.live(())

    # -- its run -----------------------------------------------------------------------------------

    def _output(self, stream: str, text: str) -> None:
        self.output.add(stream, text)
        if stream != self._stream:
            self._out_lines([one] if (one := self._out.close()) else [])
            self._stream = stream
        self._out_lines(self._out.feed(text))
        self._show_tail()

    def _out_lines(self, lines: list[str]) -> None:
        for line in lines:
            bounded = line if len(line) <= LINE_LIMIT else line[: LINE_LIMIT - 1] + "…"
            self._count += 1
            shown = self.look.output(bounded, self._stream)
            if self._count <= HEAD:
                self._enter("output")
                self.paper.print([shown])
            else:
                self._held = [*self._held, shown][-TAIL:]

    def _close_output(self) -> bool:
        """Whether there was any. Closed again it says nothing."""
        if rest := self._out.close():
            self._out_lines([rest])
        if (left := self._count - HEAD - len(self._held)) > 0:
            self.paper.print(self.look.note(f"⋯ {left:,} more lines · /expand prints them", "faint"))
        self.paper.print(self._held)
        some, self._held, self._count = self._count > 0, [], 0
        return some

    def _ran(self, outcome: Outcome) -> None:
        if (said := self.said.get(self._step)) is not None:
            self.said[self._step] = said._replace(failed=outcome.failed)
        some = self._close_output()
        if not some and not silent(outcome) and outcome.status == "ok":
            self._enter("output")
            self.paper.print(self.look.note("(no output)", "faint"))
        self.paper.print([self.look.ended(*summary(outcome))])
        self._section = ""
        if not silent(outcome):
            for note in notes(outcome):
                self.paper.print(self.look.note(*note))
            if outcome.exception is not None and outcome.exception.line:
                self._point(outcome.exception.line)
        self.paper.live(())

    def _point(self, number: int) -> None:
        """The line of the code that failed, counted as Python does: blank ones before it were run, not printed."""
        lines = visible_code(self.code).split("\n")
        if 0 < number <= len(lines):
            self.paper.print(self.look.note(f"line {number}: {lines[number - 1].strip()}", "muted"))

    def _end(self, record: ev.TurnRecord) -> None:
        self.cut_off()
        if told := figures(record.usage):
            self._space()
            self.paper.print([self.look.figures(told)])
        self.paper.print([[]])

    # -- the paper ---------------------------------------------------------------------------------

    def _enter(self, section: str) -> None:
        """Begin a part of the message, unless it is this one already."""
        if self._section == section:
            return
        if self._section == "prose":
            self._put(self._markdown.close())
        if section == "code":
            self._open = "code"
        self._badge()
        if section == "prose" or (section == "code" and self._section == "prose"):
            self._space()
        self._section = section
        if section == "code":
            self.paper.print(self.look.code_head())
        elif section == "output":
            self.paper.print(self.look.output_head())

    def _put(self, lines: list[Line]) -> None:
        for line in lines:
            empty = not line
            if not (empty and self._blank):
                self.paper.print([line])
            self._blank = empty

    def _space(self) -> None:
        """A blank line between parts, once."""
        if self._section or self._shown is not None or self._step:
            self._put([[]])

    def _warn(self, warnings: Sequence[str]) -> None:
        for warning in warnings:
            self.paper.print(self.look.warning(warning))

    def _show_tail(self) -> None:
        """What is not finished yet."""
        lines: list[Line] = []
        if self._shown is None and self._probability is not None and not self._step:
            lines.append(self.look.badge(self._likely or Decision.DIRECT, self._probability, self._note, sure=False))
        if self._section == "output" and (tail := self._out.tail):
            lines.append(self.look.output(tail[-LINE_LIMIT:], self._stream))
        elif self._open == "code" or (tail := self._arriving.tail):
            if (tail := self._arriving.tail) or self._lines:
                lines.append(self._colours.tail(tail))
        elif tail := self._text.tail:
            lines += wrapped([(tail, "")], self.look.width)
        self.paper.live(lines)
