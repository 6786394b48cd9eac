"""May this file change? The diff, and three answers."""

from __future__ import annotations

from functools import partialmethod
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from codemode_tui.chat.events import CallWanted, WriteWanted
from codemode_tui.front import questions
from codemode_tui.front.highlight import diff_lines
from codemode_tui.sandbox.sanitise import visible_code
from codemode_tui.tui.choices import ChoicePanel, Whole, fact_line
from codemode_tui.tui.keys import bindings
from codemode_tui.tui.lines_view import LinesView


class DiffView(LinesView):
    DEFAULT_CSS = "DiffView { background: $surface; }"

    def __init__(self, diff: str) -> None:
        super().__init__()
        self.lines = diff_lines(visible_code(diff))


class WritePanel(ChoicePanel):
    BINDINGS: ClassVar[list[BindingType]] = bindings("write")
    SAFE = "write.deny"

    wanted: WriteWanted | CallWanted

    def __init__(self, wanted: WriteWanted | CallWanted) -> None:
        self.wanted = wanted
        super().__init__(questions.title(wanted), questions.choices(wanted))

    def facts(self) -> Widget:
        assert isinstance(self.wanted, WriteWanted)
        diff = DiffView(self.wanted.diff)
        found = questions.facts(self.wanted, None)
        if not found:
            return diff
        warnings = Content("\n").join(fact_line(fact) for fact in found)
        return Whole(Static(warnings), diff)

    action_once = partialmethod(ChoicePanel.decide, "once")
    action_path = partialmethod(ChoicePanel.decide, "path")
    action_session = partialmethod(ChoicePanel.decide, "session")
    action_deny = partialmethod(ChoicePanel.decide, "deny")
