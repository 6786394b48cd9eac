"""The question that comes next, above the prompt."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from codemode_tui.front.driver import Question
from codemode_tui.front.keys import first_key
from codemode_tui.sandbox.sanitise import one_line


class WaitingLine(Static):
    DEFAULT_CSS = """
    WaitingLine { height: auto; max-height: 2; margin: 0 2; color: $muted; display: none; }
    WaitingLine.-shown { display: block; }
    """

    def __init__(self, keymap: dict[str, str]) -> None:
        super().__init__()
        self.back = first_key("stop", keymap)

    def show(self, question: Question | None) -> None:
        """None: nothing waits."""
        self.set_class(question is not None, "-shown")
        if question is not None:
            text = one_line(question.text, max(20, self.screen.size.width - 40))
            shown = ("next: ", "$accent"), (text, "$foreground"), (f"   {self.back} takes it back", "$muted")
            self.update(Content.assemble(*shown))
