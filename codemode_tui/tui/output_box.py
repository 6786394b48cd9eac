"""What the program printed, as it prints it; the end of it when it is long."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from codemode_tui.sandbox.sanitise import one_line, sanitise_text
from codemode_tui.sandbox.types import Outcome

_SHOWN_LINES = 40
_SHOWN_CHARACTERS = 16_000
_TITLES = {
    "ok": ("✓ ran", "$text-success"),
    "error": ("✗ failed", "$text-error"),
    "timeout": ("✗ timed out", "$text-error"),
    "memory": ("✗ out of memory", "$text-error"),
    "killed": ("✗ killed", "$text-error"),
    "denied": ("– denied", "$text-warning"),
    "not_run": ("– not run", "$text-warning"),
}


class OutputBox(Static):
    DEFAULT_CSS = """
    OutputBox {
        height: auto; margin: 0 2 0 2; padding: 0 1; border: round $border; border-title-color: $text-muted;
        border-subtitle-color: $text-muted; background: $background;
    }
    OutputBox.-failed { border: round $error 60%; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._parts: list[tuple[str, str]] = []
        self._shown = ""
        self.border_title = "running…"

    @property
    def text(self) -> str:
        """What is shown."""
        return self._shown

    def append(self, stream: str, text: str) -> None:
        self._parts.append((stream, text))
        self._draw()

    def finish(self, outcome: Outcome) -> None:
        """The end of the run: its whole output, its error, and how long it took."""
        self._parts = [("stdout", outcome.stdout), ("stderr", outcome.stderr)]
        error = outcome.exception
        if error is not None:
            line = f" (line {error.line})" if error.line else ""
            self._parts.append(("error", f"{error.type}: {error.message}{line}"))
        elif outcome.reason:
            self._parts.append(("error", outcome.reason))
        title, style = _TITLES[outcome.status]
        self.border_title = Content.styled(title, style)
        self.border_subtitle = Content(self._facts(outcome))
        self.set_class(outcome.status not in ("ok", "denied", "not_run"), "-failed")
        self._draw(empty="(nothing was printed)" if outcome.status == "ok" else "")

    def show_response(self, text: str) -> None:
        """A stored run: what the model was told of it."""
        self._parts = [("stdout", text)]
        self.border_title = "output"
        self._draw()

    def _facts(self, outcome: Outcome) -> str:
        if outcome.status in ("denied", "not_run"):
            return ""
        calls = len(outcome.tool_calls)
        facts = [f"{calls} call{'' if calls == 1 else 's'}"] if calls else []
        facts += [f"{change.change} {one_line(change.path, 30)}" for change in outcome.files_changed[:3]]
        spent = outcome.duration_ms
        return " · ".join([*facts, f"{spent / 1000:.1f} s" if spent >= 1000 else f"{spent:.0f} ms"])

    def _draw(self, empty: str = "") -> None:
        styles = {"stdout": "", "stderr": "$text-warning", "error": "$text-error"}
        parts = [Content.styled(sanitise_text(text), styles[kind]) for kind, text in self._tail()]
        content = _joined(parts)
        self._shown = content.plain
        self.update(content if content.plain.strip() else Content.styled(empty, "$text-muted italic"))

    def _tail(self) -> list[tuple[str, str]]:
        """The last lines of everything: the beginning of long output is in the store and in `ask --json`."""
        left_lines, left_characters = _SHOWN_LINES, _SHOWN_CHARACTERS
        kept: list[tuple[str, str]] = []
        for kind, text in reversed(self._parts):
            if not text:
                continue
            lines = text.rstrip("\n").split("\n") if kind != "stdout" else text.split("\n")
            tail = "\n".join(lines[-left_lines:])[-left_characters:]
            kept.append((kind, tail))
            left_lines -= tail.count("\n") + 1
            left_characters -= len(tail)
            if len(tail) < len(text.rstrip("\n")):
                kept.append(("stderr", f"… {len(text) - len(tail):,} characters above are not shown …\n"))
            if left_lines <= 0 or left_characters <= 0:
                break
        return kept[::-1]


def _joined(parts: list[Content]) -> Content:
    """Parts below one another, without blank lines between them."""
    made = Content("")
    for part in parts:
        if made.plain and not made.plain.endswith("\n"):
            made += Content("\n")
        made += part
    return made.rstrip()
