"""Large pastes in a prompt: folded to a few words, put back when they are sent."""

from __future__ import annotations

import re

from codemode_tui.front.drafts import Draft
from codemode_tui.front.pasting import newlines
from codemode_tui.sandbox.sanitise import visible_prose

FOLD_CHARACTERS, FOLD_LINES = 1_000, 15
"""A paste larger than this becomes ``[pasted #1: 4,096 lines]``."""
WRITTEN_CHARACTERS = 20_000
"""What was asked or left half written is shown to be changed, and folded only when it is larger than this."""
_FOLDED = re.compile(r"\[pasted #(\d{1,9}): [\d,]+ (?:lines|characters)\]")


class Folds:
    """The pastes of one prompt."""

    def __init__(self) -> None:
        self.pastes: dict[int, str] = {}
        """Number in ``[pasted #1: …]`` → what was pasted."""

    def fold(self, text: str, *, written: bool = False) -> str:
        """What stands in the prompt for ``text``. ``written``: it stood in one before."""
        text = newlines(text)
        lines = _lines(text)
        if len(text) <= WRITTEN_CHARACTERS if written else len(text) <= FOLD_CHARACTERS and lines <= FOLD_LINES:
            # Controls in a clipboard would act on the terminal that echoes them; what else stands there is sent.
            return visible_prose(text)
        whole = self.unfold(text)  # folds are undone one deep
        number = len(self.pastes) + 1
        self.pastes[number] = whole
        lines = _lines(whole)
        return f"[pasted #{number}: {f'{lines:,} lines' if lines > 1 else f'{len(whole):,} characters'}]"

    def unfold(self, text: str) -> str:
        """``text`` with its pastes."""
        return _FOLDED.sub(lambda m: self.pastes.get(int(m.group(1)), m.group()), text)

    def around(self, line: str, column: int) -> tuple[int, int] | None:
        """Begin and end of the fold that this place of ``line`` is in the middle of."""
        folds = (found.span() for found in _FOLDED.finditer(line) if int(found.group(1)) in self.pastes)
        return next(((begin, end) for begin, end in folds if begin < column < end), None)

    def draft(self, text: str) -> Draft:
        """``text`` and the pastes that are in it, not those of questions that were sent long ago."""
        named = {int(number) for number in _FOLDED.findall(text)}
        return Draft(text, {number: paste for number, paste in self.pastes.items() if number in named})

    def adopt(self, draft: Draft) -> str:
        """What stands in the prompt for ``draft``. Its pastes get numbers of their own: questions of before keep
        theirs."""
        first = len(self.pastes)
        numbers = {old: first + at for at, old in enumerate(draft.pastes, 1)}
        self.pastes |= {numbers[old]: paste for old, paste in draft.pastes.items()}

        def renumbered(found: re.Match[str]) -> str:
            number = int(found.group(1))
            return found.group().replace(f"#{number}:", f"#{numbers.get(number, number)}:", 1)

        return self.fold(_FOLDED.sub(renumbered, draft.text), written=True)


def _lines(text: str) -> int:
    """As people count them: a break at the end begins no line."""
    return text.removesuffix("\n").count("\n") + 1
