"""What is going on, kept true by the events of a turn: for the line at the bottom of every front end."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Protocol

from codemode_tui.chat import events as ev
from codemode_tui.engine.api import ModelInfo, Progress
from codemode_tui.front.highlight import Piece
from codemode_tui.front.wording import short

BUSY = frozenset({"starting", "loading", "queued", "reading", "thinking", "writing", "running", "stopping"})
STOPPABLE = BUSY - {"starting", "stopping"}
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
SLOW = 2.0
"""Seconds after which it is said how long something takes."""
WORDS = {
    "asking": "your answer, please", "dead": "the engine has stopped", "failed": "no model",
    "queued": "another terminal's question comes first",
}  # fmt: skip
"""What a state is called, where that is not its name."""


class Status(Protocol):
    state: str
    """loading, ready, queued, reading, thinking, writing, asking, running, stopping, dead, failed."""
    info: ModelInfo | None
    progress: float | None
    """Share of what is being done, when it is known."""
    rate: float
    """Tokens per second."""
    used: int
    limit: int
    """Tokens of the context."""
    memory: int
    """Bytes that the model has taken at most; 0 when unknown."""
    attempt: int
    """Which try at the question: code that failed is written anew."""


def doing(status: Status, passed: float, sign: str, keys: tuple[str, str, str], bar: int, rest: str) -> list[Piece]:
    """What happens now.

    Args:
        passed: seconds since it began.
        sign: shown while it goes on.
        keys: that stop it, that start the engine again, and that take another model.
        bar: cells of a full one; ``rest``: the colour of what is not full.
    """
    word = WORDS.get(status.state, status.state)
    if status.state in ("dead", "failed"):
        again = f"{keys[1]} starts it again"
        way_out = f"{keys[2]} another, {keys[1]} tries again" if status.state == "failed" else again
        return [(f"✗ {word}", "bold error"), (f"  {way_out}", "muted")]
    if status.state == "asking":
        return [(f"? {word}", "bold secondary")]
    if status.state not in BUSY:
        return [("● ", "success"), (word, "muted")]
    found = [(f"{sign} ", "accent"), (word, "foreground")]
    found += [(f", try {status.attempt}", "warning")] if status.attempt > 1 else []
    found += [(f" {passed:.0f} s", "muted")] if passed >= SLOW else []
    if status.progress is not None:
        full = round(status.progress * bar)
        found += [("  ", ""), ("━" * full, "accent"), ("━" * (bar - full), rest), (f" {status.progress:.0%}", "muted")]
    return [*found, (f"  {keys[0]} stops", "muted")] if status.state in STOPPABLE else found


def measured(status: Status) -> list[Piece]:
    """How fast, and how full the context is, so far as it is known."""
    found = [(f"{status.rate:.0f} tok/s", "muted")] if status.rate else []
    if status.limit:
        share = status.used / status.limit
        color = "error" if share > 0.9 else "warning" if share > 0.75 else "muted"
        found.append((f"{short(status.used)}/{short(status.limit)} ({share:.0%})", color))
    return found


def begins(old: str, new: str) -> bool:
    """Whether the time is counted from here: of the whole turn, but of a run for itself."""
    return (old in BUSY) != (new in BUSY) or "running" in (old, new)


def advance(status: Status, progress: Progress) -> None:
    status.state = {"prefill": "reading", "queue": "queued"}.get(progress.phase, "loading")
    status.progress = progress.done / progress.total if progress.total else None


def tell(status: Status, event: ev.Event, rate: float) -> None:
    """``rate``: of the message that is being written (``Speed``)."""
    if status.state == "stopping" and not isinstance(event, ev.StepParsed):
        return
    match event:
        case ev.Waiting():
            advance(status, Progress(event.phase, event.done, event.total))
        case ev.Likelihood() | ev.TextDelta() | ev.CodeDelta():
            status.state, status.progress = "writing", None
            status.rate = round(rate) or status.rate  # what is shown: no repaint for a fraction
        case ev.StepParsed():
            usage = event.usage
            status.state = "thinking"
            status.rate = usage.decode_tps or status.rate
            status.used = used(event) or status.used  # a person's code has none
            status.limit = usage.context_limit or status.limit
            status.memory = usage.peak_memory_bytes or status.memory
        case ev.TurnDone() | ev.TurnFailed():
            status.rate = event.record.usage.decode_tps or status.rate
        case ev.ApprovalWanted() | ev.WriteWanted() | ev.CallWanted():
            status.state = "asking"
        case ev.RunStarted():
            status.state = "running"
        case ev.RunFinished():
            status.state = "thinking"
            status.attempt += event.outcome.status not in ("ok", "denied", "not_run")


def used(event: ev.Event) -> int:
    """Tokens of the context once this message is in it; 0 if ``event`` is none."""
    return event.usage.prompt_tokens + event.usage.generated_tokens if isinstance(event, ev.StepParsed) else 0


class Speed:
    """Counts the tokens of a message as they arrive."""

    def __init__(self) -> None:
        self._tokens = 0
        self._since = 0.0

    async def counted(self, source: AsyncIterator[ev.Event]) -> AsyncIterator[ev.Event]:
        async for event in source:
            if isinstance(event, ev.Likelihood):
                self._tokens, self._since = 0, time.monotonic()
            elif isinstance(event, ev.RawDelta):
                self._tokens += event.tokens
            yield event

    @property
    def rate(self) -> float:
        """Tokens per second so far; 0 while there are too few to tell."""
        passed = time.monotonic() - self._since
        return self._tokens / passed if self._tokens >= 8 and passed > 0.2 else 0.0
