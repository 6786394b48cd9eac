"""May this MCP server be called? What is sent to it, and three answers."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from codemode_tui.chat.events import CallWanted
from codemode_tui.front import questions
from codemode_tui.tui.choices import ChoicePanel, fact_line
from codemode_tui.tui.code_card import CodeLines
from codemode_tui.tui.keys import bindings


class CallPanel(ChoicePanel):
    DEFAULT_CSS = "CallPanel .sent { height: auto; background: $surface; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings("write")
    SAFE = "write.deny"

    def __init__(self, wanted: CallWanted) -> None:
        self.wanted = wanted
        super().__init__(questions.title(wanted), questions.choices(wanted))

    def facts(self) -> Widget:
        said = Content("\n").join(fact_line(fact) for fact in questions.facts(self.wanted, None))
        return Vertical(Static(said), CodeLines(self.wanted.arguments, "json"), classes="sent")

    def action_once(self) -> None:
        self.decide("once")

    def action_session(self) -> None:
        self.decide("session")

    def action_path(self) -> None:
        """Not offered here: the key does nothing."""

    def action_deny(self) -> None:
        self.decide("deny")
