"""What an empty conversation shows: what this is, three questions to try, the keys."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import islice
from pathlib import Path

from textual.content import Content

from codemode_tui.front.keys import first_key
from codemode_tui.tui.flow import Flow, flowed

TEXTS = (".md", ".txt", ".py", ".toml", ".csv", ".json", ".rst", ".js", ".ts", ".go", ".rs")
LOOKED_AT = 500
"""Entries of a folder; the first paint waits for this."""


def examples(folder: Path) -> tuple[str, ...]:
    """Questions to try in ``folder``; the first is about a file that it has."""
    first = "How many lines are in README.md?"
    with suppress(OSError), os.scandir(folder) as entries:
        names = sorted(one.name for one in islice(entries, LOOKED_AT) if one.name.endswith(TEXTS) and one.is_file())
        fit = [name for name in names if len(name) <= 24 and name[0] != "." and " " not in name and name.isprintable()]
        name = next((name for name in fit if name.lower().startswith("readme")), fit[0] if fit else "")
        first = f"How many lines are in {name}?" if name else "Which files are in this folder?"
    return first, "Which files mention TODO?", "What is a decorator?"


class Welcome(Flow):
    DEFAULT_CSS = "Welcome { width: 1fr; height: 1fr; content-align: center middle; padding: 0 2; }"

    def __init__(self, keymap: dict[str, str], folder: Path) -> None:
        name = Content.assemble(("▞▚ ", "$secondary bold"), ("codemode", "bold $accent"))
        about = [
            Content("A local model answers, or writes Python and asks before it runs."),
            Content("Code runs in a sandbox. Nothing leaves this machine."),
        ]
        tries = [Content.assemble(("❯ ", "$primary bold"), (text, "$foreground")) for text in examples(folder)]
        width = max(c.cell_length for c in tries)
        keys = [("prompt.send", "send"), ("stop", "stop"), ("thumbs-down", "that was wrong"), ("help", "help")]
        self._hints = [
            Content.assemble((first_key(id_, keymap), "bold $foreground"), (f" {what}   ", "$muted"))
            for id_, what in keys
        ]
        self._lines = [
            name,
            Content(""),
            *(Content.styled(line.plain, "$muted") for line in about),
            Content(""),
            *(line.pad_right(width - line.cell_length) for line in tries),
            Content(""),
        ]
        super().__init__()
        self.styles.text_align = "center"
        self.offer([])

    def offer(self, lines: list[Content]) -> None:
        """Show something to choose below the rest; nothing takes it away."""
        below = [Content(""), *lines] if lines else []
        self.flow(lambda width: Content("\n").join([*self._lines, *self._keys(width), *below]))

    def _keys(self, width: int) -> list[Content]:
        return [line.rstrip() for line in flowed(self._hints, width).split()]
