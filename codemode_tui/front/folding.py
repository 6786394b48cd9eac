"""Large pastes in a prompt: folded to a few words, put back when they are sent."""

from __future__ import annotations

import re

from codemode_tui.sandbox.sanitise import sanitise_text

FOLD_CHARACTERS, FOLD_LINES = 1_000, 15
"""A paste larger than this becomes ``[pasted #1: 4,096 lines]``."""
_FOLDED = re.compile(r"\[pasted #(\d+): [^\]]*\]")


class Folds:
    """The pastes of one prompt."""

    def __init__(self) -> None:
        self.pastes: dict[int, str] = {}
        """Number in ``[pasted #1: …]`` → what was pasted."""

    def fold(self, text: str) -> str:
        """What stands in the prompt for ``text``."""
        lines = text.count("\n") + 1
        if len(text) <= FOLD_CHARACTERS and lines <= FOLD_LINES:
            # Controls in a clipboard would act on the terminal that echoes them.
            return sanitise_text(text.replace("\r\n", "\n").replace("\r", "\n"))
        number = len(self.pastes) + 1
        self.pastes[number] = text.replace("\r\n", "\n").replace("\r", "\n")
        lines = self.pastes[number].count("\n") + 1
        size = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        return f"[pasted #{number}: {size}]"

    def unfold(self, text: str) -> str:
        """``text`` with its pastes."""
        return _FOLDED.sub(lambda m: self.pastes.get(int(m.group(1)), m.group()), text)
