"""The commands that what is being typed could become."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from codemode_tui.commands import completions

SHOWN = 6


class SlashHints(Static):
    DEFAULT_CSS = """
    SlashHints { height: auto; margin: 0 1; padding: 0 1; background: $panel; display: none; }
    SlashHints.-shown { display: block; }
    """
    start: reactive[str] = reactive("")
    """The text of the prompt."""

    def __init__(self) -> None:
        super().__init__(Content(""))

    def watch_start(self, start: str) -> None:
        found = completions(start)
        self.set_class(bool(found), "-shown")
        lines = [
            Content.assemble(
                (f"/{c.slash} {c.argument}".ljust(28), "$accent" if i else "bold $accent"), (c.summary, "$muted")
            )
            for i, c in enumerate(found[:SHOWN])
        ]
        if len(found) > SHOWN:
            lines.append(Content.styled(f"and {len(found) - SHOWN} more", "$faint"))
        self.update(Content("\n").join(lines))
