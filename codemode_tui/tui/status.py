"""The line at the bottom: what happens now and for how long, how fast, how full the context is, and the keys."""

from __future__ import annotations

import time

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from codemode_tui.engine.api import ModelInfo
from codemode_tui.front.highlight import Piece
from codemode_tui.front.status import BUSY, FRAMES, begins, doing, measured
from codemode_tui.front.wording import size

KEYS = (("previous", "turns", False), ("thumbs-down", "that was wrong", True), ("palette", "commands", False),
        ("quit", "leave", True))  # fmt: skip
"""Named in the line at the bottom; those that everybody needs before the figures."""
OF_TURNS = ("turns", "that was wrong")
"""Of no use where no model has ever answered."""
BAR = 12
WRITING = 2
"""Ticks of a frame while text arrives."""


class StatusLine(Widget):
    DEFAULT_CSS = "StatusLine { height: 1; color: $muted; padding: 0 1; background: $background; }"

    state: reactive[str] = reactive("starting")
    """loading, ready, queued, reading, thinking, writing, asking, running, stopping, dead, failed."""
    progress: reactive[float | None] = reactive(None)
    """Share of what is being done, when it is known."""
    info: reactive[ModelInfo | None] = reactive(None)
    rate: reactive[float] = reactive(0.0, repaint=False)
    """Tokens per second."""
    used: reactive[int] = reactive(0, repaint=False)
    limit: reactive[int] = reactive(0)
    memory: reactive[int] = reactive(0)
    """Bytes that the model has taken at most, its cache included."""
    fetching: reactive[str] = reactive("")
    """How far a download is."""
    attempt: reactive[int] = reactive(1)
    """Which try at the question: code that failed is written anew."""
    frame: reactive[int] = reactive(0)
    restart_key: reactive[str] = reactive("f5")
    stop_key: reactive[str] = reactive("esc")
    model_key: reactive[str] = reactive("f4")

    def __init__(self) -> None:
        super().__init__()
        self.clock = time.monotonic
        self.keys: tuple[tuple[str, str, bool], ...] = ()
        """Keys that are worth knowing, what they do, and whether they are needed more than figures."""
        self._since = 0.0
        self._calm = False
        self._beat = 0

    def on_mount(self) -> None:
        self._since = self.clock()
        self._calm = getattr(self.app, "calm", False)
        self.set_interval(1.0 if self._calm else 0.1, self.refresh if self._calm else self._tick)

    def watch_state(self, old: str, new: str) -> None:
        if begins(old, new):
            self._since = self.clock()

    def _tick(self) -> None:
        # Text that arrives is a sign of life itself, and drawing takes the processor from decoding. Not in one drawing
        # with it: Textual then draws all that lies between.
        self._beat += 1
        if self.state in BUSY and (self.state != "writing" or self._beat % WRITING == 0):
            self.frame = (self.frame + 1) % len(FRAMES)

    def watch_rate(self) -> None:
        self._measured()

    def watch_used(self) -> None:
        self._measured()

    def _measured(self) -> None:
        """Figures that change with every token are drawn with the next tick: drawing costs decoding its processor."""
        if self.state not in BUSY or self._calm:
            self.refresh()

    def render(self) -> Content:
        left = self._left()
        parts, right = self._right(), set[int]()
        room = self.size.width - left.cell_length - 3
        for at in sorted(range(len(parts)), key=lambda at: parts[at][0]):  # what does not fit is left out
            if parts[at][1].cell_length + 3 <= room:
                right.add(at)
                room -= parts[at][1].cell_length + 3
        shown = Content.styled(" · ", "$faint").join(parts[at][1] for at in sorted(right))
        gap = max(1, self.size.width - left.cell_length - shown.cell_length)
        return Content.assemble(left, " " * gap, shown)

    def _left(self) -> Content:
        keys = self.stop_key, self.restart_key, self.model_key
        return Content.assemble(
            *map(_themed, doing(self, self.clock() - self._since, FRAMES[self.frame], keys, BAR, "panel"))
        )

    def _right(self) -> list[tuple[int, Content]]:
        """In the order in which they stand there; the lower the number, the more does a person need it."""
        parts: list[tuple[int, Content]] = []
        if self.fetching:
            parts.append((0, Content.styled(self.fetching, "$secondary")))
        parts += [(2 if one[0].endswith("tok/s") else 0, Content.assemble(_themed(one))) for one in measured(self)]
        if self.memory:
            parts.append((3, Content.styled(f"{size(self.memory)} memory", "$muted")))
        for key, what, needed in self.keys:
            if what in OF_TURNS and self.state == "failed" and not self.used:
                continue
            parts.append((1 if needed else 4, Content.assemble((key, "bold $muted"), (f" {what}", "$muted"))))
        return parts


def _themed(piece: Piece) -> Piece:
    """With names of theme variables."""
    return piece[0], " ".join(name if name == "bold" else f"${name}" for name in piece[1].split())
