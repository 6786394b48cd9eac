"""May this MCP server be called? What is sent to it, and three answers."""

from __future__ import annotations

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from codemode_tui.chat.events import CallWanted
from codemode_tui.front import questions
from codemode_tui.tui.choices import fact_line
from codemode_tui.tui.code_card import CodeLines
from codemode_tui.tui.write_panel import WritePanel


class CallPanel(WritePanel):
    DEFAULT_CSS = "CallPanel .sent { height: auto; background: $surface; }"
    wanted: CallWanted

    def facts(self) -> Widget:
        said = Content("\n").join(fact_line(fact) for fact in questions.facts(self.wanted, None))
        return Vertical(Static(said), CodeLines(self.wanted.arguments, "json"), classes="sent")
