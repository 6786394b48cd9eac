"""What an empty conversation shows: what this is, three questions to try, the keys."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from codemode_tui.front.keys import first_key

EXAMPLES = (
    "How many lines are in README.md?",
    "Which files mention TODO?",
    "What is a decorator?",
)


class Welcome(Static):
    DEFAULT_CSS = "Welcome { width: 1fr; height: 1fr; content-align: center middle; padding: 0 2; }"

    def __init__(self, keymap: dict[str, str]) -> None:
        name = Content.assemble(("▞▚ ", "$secondary bold"), ("codemode", "bold $accent"))
        about = [
            Content("A local model answers, or writes Python and asks before it runs."),
            Content("Code runs in a sandbox. Nothing leaves this machine."),
        ]
        tries = [Content.assemble(("❯ ", "$primary bold"), (text, "$foreground")) for text in EXAMPLES]
        width = max(c.cell_length for c in tries)
        keys = [("prompt.send", "send"), ("stop", "stop"), ("thumbs-down", "that was wrong"), ("help", "help")]
        hints: list[tuple[str, str]] = []
        for id_, what in keys:
            hints += [(first_key(id_, keymap), "bold $foreground"), (f" {what}   ", "$muted")]
        lines = [
            name,
            Content(""),
            *(Content.styled(line.plain, "$muted") for line in about),
            Content(""),
            *(line.pad_right(width - line.cell_length) for line in tries),
            Content(""),
            Content.assemble(*hints).rstrip(),
        ]
        self._lines = lines
        super().__init__(Content("\n").join(lines))
        self.styles.text_align = "center"

    def offer(self, lines: list[Content]) -> None:
        """Show something to choose below the rest; nothing takes it away."""
        self.update(Content("\n").join([*self._lines, *([Content("")] if lines else []), *lines]))
