"""May this file change? The diff, and three answers."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from codemode_tui.chat.events import WriteWanted
from codemode_tui.front.highlight import Line
from codemode_tui.sandbox.sanitise import one_line, visible_code
from codemode_tui.tui.choices import Choice, ChoicePanel, warning_line
from codemode_tui.tui.keys import bindings
from codemode_tui.tui.lines_view import LinesView

DONE = {"create": "create", "modify": "change", "delete": "delete", "move": "move"}
COLOR = {"+": "success", "-": "error", "@": "secondary", "\\": "faint"}


class DiffView(LinesView):
    DEFAULT_CSS = "DiffView { background: $surface; }"

    def __init__(self, diff: str) -> None:
        super().__init__()
        self.lines = [_colored(line) for line in visible_code(diff).rstrip("\n").split("\n")]


class Whole(Vertical):
    """As high as what is in it: the panel scrolls."""

    DEFAULT_CSS = "Whole { height: auto; background: $surface; }"


class WritePanel(ChoicePanel):
    BINDINGS: ClassVar[list[BindingType]] = bindings("write")
    SAFE = "write.deny"

    def __init__(self, wanted: WriteWanted) -> None:
        self.wanted = wanted
        choices = [Choice("write.once", f"{DONE[wanted.change]} it"), Choice("write.deny", "deny")]
        if not wanted.sensitive:  # asked about each time
            choices += [Choice("write.path", "always this file")] if wanted.tool == "write_file" else []
            choices += [Choice("write.session", "all changes, this session")]
        target = f" to {one_line(wanted.new_path, 60)}" if wanted.new_path else ""
        super().__init__(f"{DONE[wanted.change]} {one_line(wanted.path, 60)}{target}?", tuple(choices))

    def facts(self) -> Widget:
        diff = DiffView(self.wanted.diff)
        if not self.wanted.warnings:
            return diff
        warnings = Content("\n").join(warning_line(warning) for warning in self.wanted.warnings)
        return Whole(Static(warnings), diff)

    def action_once(self) -> None:
        self.decide("once")

    def action_path(self) -> None:
        self.decide("path")

    def action_session(self) -> None:
        self.decide("session")

    def action_deny(self) -> None:
        self.decide("deny")


def _colored(line: str) -> Line:
    if line.startswith(("---", "+++")):
        return [(line, "muted")]
    return [(line, COLOR.get(line[:1], "code-name"))] if line else []
