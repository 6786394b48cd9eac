"""The line at the bottom: what happens now, which model answers, how fast, how full its context is."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from codemode_tui.engine.api import ModelInfo
from codemode_tui.sandbox.sanitise import one_line

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
BUSY = {"starting", "loading", "reading", "thinking", "writing", "running", "stopping"}
STOPPABLE = {"reading", "thinking", "writing", "running"}
BAR = 12


class StatusLine(Widget):
    DEFAULT_CSS = "StatusLine { height: 1; color: $muted; padding: 0 1; background: $background; }"

    state: reactive[str] = reactive("starting")
    """loading, ready, reading, thinking, writing, asking, running, stopping, dead, failed."""
    progress: reactive[float | None] = reactive(None)
    """Share of what is being done, when it is known."""
    info: reactive[ModelInfo | None] = reactive(None)
    rate: reactive[float] = reactive(0.0)
    """Tokens per second."""
    used: reactive[int] = reactive(0)
    limit: reactive[int] = reactive(0)
    frame: reactive[int] = reactive(0)
    restart_key: reactive[str] = reactive("ctrl+r")
    stop_key: reactive[str] = reactive("esc")

    WORDS: ClassVar[dict[str, str]] = {
        "asking": "your answer, please",
        "dead": "the engine has stopped",
        "failed": "no model",
    }

    def on_mount(self) -> None:
        if not getattr(self.app, "calm", False):
            self.set_interval(1 / 10, self._tick)

    def _tick(self) -> None:
        if self.state in BUSY:
            self.frame = (self.frame + 1) % len(FRAMES)

    def render(self) -> Content:
        left = self._left()
        right: list[Content] = []
        room = self.size.width - left.cell_length - 3
        for part in self._right():  # the most important first; what does not fit is left out
            if part.cell_length + 3 <= room:
                right.append(part)
                room -= part.cell_length + 3
        shown = Content.styled(" · ", "$faint").join(right)
        gap = max(1, self.size.width - left.cell_length - shown.cell_length)
        return Content.assemble(left, " " * gap, shown)

    def _left(self) -> Content:
        word = self.WORDS.get(self.state, self.state)
        if self.state in ("dead", "failed"):
            return Content.assemble((f"✗ {word}", "bold $error"), (f"  {self.restart_key} starts it again", "$muted"))
        if self.state == "asking":
            return Content.styled(f"? {word}", "bold $secondary")
        if self.state not in BUSY:
            return Content.assemble(("● ", "$success"), (word, "$muted"))
        parts: list[tuple[str, str]] = [(f"{FRAMES[self.frame]} ", "$accent"), (word, "$foreground")]
        if self.progress is not None:
            full = round(self.progress * BAR)
            parts += [("  ", ""), ("━" * full, "$accent"), ("━" * (BAR - full), "$panel")]
            parts.append((f" {self.progress:.0%}", "$muted"))
        elif self.state in STOPPABLE:
            parts.append((f"  {self.stop_key} stops", "$faint"))
        return Content.assemble(*parts)

    def _right(self) -> list[Content]:
        parts: list[Content] = []
        if self.info is not None:
            parts.append(Content.styled(model_line(self.info, wide=self.size.width >= 120), "$foreground"))
        if self.rate:
            parts.append(Content.styled(f"{self.rate:.0f} tok/s", "$muted"))
        if self.limit:
            share = self.used / self.limit
            color = "$error" if share > 0.9 else "$warning" if share > 0.75 else "$muted"
            parts.append(Content.styled(f"{short(self.used)}/{short(self.limit)} ({share:.0%})", color))
        return parts


def model_line(info: ModelInfo, *, wide: bool) -> str:
    """``name 5-bit``; with room also size on disk and profile."""
    bits = f" {info.quantization['bits']}-bit" if info.quantization else ""
    line = f"{one_line(info.name, 40)}{bits}"
    return f"{line} · {size(info.bytes)} · profile {one_line(info.profile, 30)}" if wide else line


def size(count: int) -> str:
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def short(count: int) -> str:
    return str(count) if count < 1000 else f"{count / 1000:.1f}k" if count < 100_000 else f"{count / 1000:.0f}k"
