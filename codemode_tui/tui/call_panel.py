"""May this MCP server be called? What is sent to it, and three answers."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from codemode_tui.chat.events import CallWanted
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.tui.choices import Choice, ChoicePanel
from codemode_tui.tui.code_card import CodeLines
from codemode_tui.tui.keys import bindings


class CallPanel(ChoicePanel):
    DEFAULT_CSS = "CallPanel .sent { height: auto; background: $surface; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings("write")
    SAFE = "write.deny"

    def __init__(self, wanted: CallWanted) -> None:
        self.wanted = wanted
        choices = (
            Choice("write.once", "call it"),
            Choice("write.deny", "deny"),
            Choice("write.session", "always this tool, this session"),
        )
        super().__init__(f"call {one_line(wanted.tool, 60)} of the MCP server {one_line(wanted.server, 40)}?", choices)

    def facts(self) -> Widget:
        said = [Content.assemble(("▲ ", "$warning bold"), ("it acts outside the sandbox", "$warning"))]
        if self.wanted.claims:
            claims = one_line(", ".join(self.wanted.claims), 160)
            said.append(Content.styled(f"the server says of it, unchecked: {claims}", "$muted"))
        lines = CodeLines(self.wanted.arguments, "json")
        return Vertical(Static(Content("\n").join(said)), lines, classes="sent")

    def action_once(self) -> None:
        self.decide("once")

    def action_session(self) -> None:
        self.decide("session")

    def action_path(self) -> None:
        """Not offered here: the key does nothing."""

    def action_deny(self) -> None:
        self.decide("deny")
