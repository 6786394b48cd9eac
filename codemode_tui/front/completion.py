"""What the word at the cursor could become: a command, what may follow one, a file of the workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from codemode_tui.commands import Command, Front, completions, slash
from codemode_tui.front.matching import ranked

FILES = 8
"""Files that are offered at once."""
_MENTION = re.compile(r"(?:^|(?<=\s))@([^\s@]*)$")
_WRITTEN = re.compile(r"""(?<![^\s("'])@(\S+)""")
_CLOSING = ".,;:!?)]\"'"
"""What may stand behind the name of a file and be none of it."""


class Offer(NamedTuple):
    text: str
    """What takes the place of the word."""
    label: str
    note: str = ""
    sends: bool = False
    """There is nothing more to write: enter sends it."""


class Offers(NamedTuple):
    begin: int
    """Where the word begins, in characters of the text before the cursor."""
    offers: tuple[Offer, ...] = ()


NOTHING = Offers(0)


def mention(before: str) -> str | None:
    """What stands behind the ``@`` that the cursor is in; None when it is in none."""
    found = _MENTION.search(before)
    return found.group(1) if found else None


def offers(
    before: str,
    after: str,
    files: Sequence[str],
    words: Mapping[str, Sequence[str]],
    front: Front = "tui",
) -> Offers:
    """
    Args:
        before, after: the text around the cursor.
        files: of the workspace.
        words: slash name → what may follow it, where that is not in the table.
    """
    if (query := mention(before)) is not None:
        found = ranked(query, files, str, FILES)
        # What stands in a prompt is echoed: a name with escape sequences would act on the terminal.
        shown = tuple(Offer(f"{quoted(path)} ", path) for path in found if path.isprintable())
        return Offers(len(before) - len(query) - 1, shown)
    if after.strip():
        return NOTHING
    if names := completions(before, front):
        return Offers(0, tuple(_command(one) for one in names))
    command, name, argument = slash(before) or (None, "", "")
    if command is None or not (argument or before[-1].isspace()) or not command.can(front):
        return NOTHING
    known = words.get(command.slash) or _choices(command)
    if argument in known:
        return NOTHING  # it is written out: enter must not take another that is like it
    found = ranked(argument, known, str, FILES)
    begin = len(before.rstrip()) - len(argument) if argument else len(before)  # blanks behind it go with it
    return Offers(begin, tuple(Offer(word, word, name, sends=True) for word in found))


def without_at(text: str, files: Sequence[str]) -> str:
    """Mentions that were written out, as plain paths: what a model was trained on."""
    known = set(files)
    return _WRITTEN.sub(lambda found: found.group(1) if _names(found.group(1), known) else found.group(), text)


def _names(word: str, files: Set[str]) -> bool:
    """Whether it is one of ``files``, alone or with what ends a sentence behind it."""
    return any(word[:end] in files for end in range(len(word.rstrip(_CLOSING)), len(word) + 1))


def quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path


def _command(one: Command) -> Offer:
    required = bool(one.argument) and not one.argument.startswith("[")
    text = f"/{one.slash} " if one.argument else f"/{one.slash}"
    return Offer(text, f"/{one.slash} {one.argument}".strip(), one.summary, sends=not required)


def _choices(command: Command) -> Sequence[str]:
    inner = command.argument.strip("[]")
    return inner.split("|") if "|" in inner else ()
