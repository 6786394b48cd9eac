"""Events of a turn as updates of the protocol: what an editor shows of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import acp
import msgspec
from acp import schema

from codemode_tui.chat import events as ev
from codemode_tui.protocol.stream import left_of
from codemode_tui.sandbox.sanitise import one_line, sanitise_text
from codemode_tui.sandbox.types import Outcome

Update = Any  # one of the update models of ``acp.schema``
EVERY_SECONDS = 0.25
"""How often output is sent while code runs."""
SHOWN = 20_000
"""Characters of output that an update carries: its end."""
_FAULTS = {
    "announced": "The model said that it would act and did not.",
    "malformed": "The model's call could not be read and was not run.",
    "truncated": "The model's message was cut off and nothing of it was run.",
}
_MARKS = re.compile(r"[\\`*_\[\]<>!#|~&]")
_OPEN = re.compile("[\r\u200d\ufe0f\u2600-\u27bf\U0001f000-\U0001faff]*\\Z")
"""What the next piece may go on with."""


class Updates:
    """Turns events into updates. One for each turn: what was streamed is not said twice."""

    def __init__(self, workspace: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._workspace = workspace
        self._clock = clock
        self._said: dict[int, str] = {}
        """What has been streamed of each step's prose."""
        self._code: dict[int, str] = {}
        self._output: dict[int, str] = {}
        self._warnings: dict[int, tuple[str, ...]] = {}
        self._begun: set[int] = set()
        """Steps whose call has no end yet."""
        self._sent = 0.0
        self._held = ""
        """The end of what was streamed: half an emoji would look like a hidden joiner."""

    def of(self, event: ev.Event) -> Iterator[Update]:
        if self._held and not isinstance(event, ev.TextDelta | ev.RawDelta):
            yield acp.update_agent_message_text(sanitise_text(self._held))
            self._held = ""
        match event:
            case ev.Waiting(phase="load", done=0):
                yield acp.update_agent_thought_text("loading the model …\n")
            case ev.Likelihood(probability=probability):
                yield acp.update_agent_thought_text(f"P(tool) {probability:.0%}\n")
            case ev.TextDelta(step=step, text=text):
                self._said[step] = self._said.get(step, "") + text
                whole = self._held + text
                self._held = _OPEN.search(whole)[0]  # type: ignore[index]  # it matches nothing at least
                if said := whole.removesuffix(self._held):
                    yield acp.update_agent_message_text(sanitise_text(said))
            case ev.Noticed(text=text):
                yield acp.update_agent_message_text(f"\n*{plain(text)}*\n")
            case ev.StepParsed():
                yield from self._parsed(event)
            case ev.Checked(step=step, warnings=warnings) if warnings:
                self._warned(step, warnings)
                yield acp.update_tool_call(call_id(event.turn, step), content=self._content(step))
            case ev.RunStarted(step=step, code=code):
                self._code[step] = code
                yield acp.update_tool_call(
                    call_id(event.turn, step),
                    status="in_progress",
                    content=self._content(step),
                    raw_input={"code": code},
                )
            case ev.RunOutput(step=step, text=text):
                self._output[step] = (self._output.get(step, "") + text)[-SHOWN:]
                if self._clock() - self._sent >= EVERY_SECONDS:
                    self._sent = self._clock()
                    yield acp.update_tool_call(call_id(event.turn, step), content=self._content(step))
            case ev.RunFinished(step=step, outcome=outcome):
                self._begun.discard(step)
                yield self._finished(event.turn, step, outcome)
            case ev.TurnDone() | ev.TurnFailed():
                for step in sorted(self._begun):
                    yield acp.update_tool_call(call_id(event.turn, step), status="failed")

    def _parsed(self, event: ev.StepParsed) -> Iterator[Update]:
        if rest := left_of(self._said.get(event.step, ""), event.text):  # what might have been a call, while it came
            yield acp.update_agent_message_text(sanitise_text(rest))
        if event.code is not None and event.decision == "tool":
            self._code[event.step] = event.code
            self._warned(event.step, event.warnings)
            self._begun.add(event.step)
            yield acp.start_tool_call(
                call_id(event.turn, event.step),
                "Run Python in the sandbox",
                kind="execute",
                status="pending",
                content=self._content(event.step),
                raw_input={"code": event.code},
            )
        elif fault := _FAULTS.get(event.decision):
            yield acp.update_agent_message_text(f"\n*{fault}*\n")

    def _warned(self, step: int, warnings: Sequence[str]) -> None:
        self._warnings[step] = tuple(dict.fromkeys((*self._warnings.get(step, ()), *warnings)))

    def _finished(self, turn: str, step: int, outcome: Outcome) -> Update:
        self._output[step] = (outcome.stdout + outcome.stderr)[-SHOWN:]
        notes = [f"{outcome.exception.type}: {outcome.exception.message}"] if outcome.exception else []
        if outcome.reason:
            notes.append(outcome.reason)
        changed = [
            schema.ToolCallLocation(path=f"{self._workspace}/{one.path}")
            for one in outcome.files_changed
            if one.change != "deleted"
        ]
        return acp.update_tool_call(
            call_id(turn, step),
            status="completed" if outcome.status == "ok" else "failed",
            content=self._content(step, notes),
            locations=changed or None,
            raw_output=msgspec.to_builtins(outcome),
        )

    def _content(self, step: int, notes: Sequence[str] = ()) -> list[Any]:
        """All of a call: an update takes the place of what was shown before."""
        parts = [fenced(self._code[step], "python")] if step in self._code else []
        if output := self._output.get(step):
            parts.append(fenced(output))
        parts += [f"▲ {plain(note)}" for note in (*self._warnings.get(step, ()), *notes)]
        return [acp.tool_content(acp.text_block(sanitise_text(part))) for part in parts]


def usage(record: ev.TurnRecord) -> schema.Usage:
    used = record.usage
    return schema.Usage(
        total_tokens=used.prompt_tokens + used.generated_tokens,
        input_tokens=used.prompt_tokens,
        output_tokens=used.generated_tokens,
        cached_read_tokens=used.cached_tokens,
    )


def call_id(turn: str, step: int) -> str:
    return f"{turn}/{step}"


def plain(text: str) -> str:
    """One line that an editor shows as it is: a file's name must not be read as Markdown, nor begin a line."""
    return _MARKS.sub(r"\\\g<0>", one_line(text, 600))


def fenced(text: str, language: str = "") -> str:
    """A Markdown fence that ``text`` cannot end."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
