"""The command palette: the whole table in one list, found by name, by what a command does, or by its key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from textual.content import Content

from codemode_tui.commands import COMMANDS, Command
from codemode_tui.front.keys import first_key, keys_of
from codemode_tui.front.matching import ranked
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.tui.picker import MOST, Find, Row

NAME = 12
"""Cells of the column of names."""
_KEYS_ONLY = ("palette", "interrupt")
"""It is open, and there is nothing selected."""
_ELSEWHERE = ("copy", "copy-code", "copy-output", "raw")
"""Of a turn, which a command for all of them does too."""


class _Entry(NamedTuple):
    row: Row
    names: tuple[str, ...]


def commands(keymap: dict[str, str], themes: Collection[str], turn: Collection[str]) -> Find:
    """Search in all that can be done: a ``Command``, or the name of a theme.

    Args:
        turn: what can be done with the chosen turn, as in ``Command.action``.
    """
    entries = [*_entries(keymap, turn), *map(_theme, sorted(themes))]

    async def find(query: str) -> Sequence[Row]:
        typed = query.lstrip("/").casefold()
        found = ranked(typed, entries, _text, MOST)
        return [one.row for one in (sorted(found, key=lambda one: _rank(typed, one.names)) if typed else found)]

    return find


def _rank(typed: str, names: tuple[str, ...]) -> int:
    """What is called so comes first, then what begins so."""
    return 0 if typed in names else 1 if any(name.startswith(typed) for name in names) else 2


def _text(entry: _Entry) -> str:
    return f"{' '.join(entry.names)} {entry.row.title} {entry.row.note}".replace("/", " ")  # it is no path


def _entries(keymap: dict[str, str], turn: Collection[str]) -> Iterator[_Entry]:
    for one in COMMANDS:
        keys = keys_of(one, keymap)
        if one.where in ("app", "chat", "scroll") and one.id not in _KEYS_ONLY:
            yield _entry(one, f"/{one.slash}" if one.slash else one.id, keys)
        elif one.where == "turn" and one.action in turn and one.action.replace("_", "-") not in _ELSEWHERE:
            yield _entry(one, one.id, f"{first_key('previous', keymap)} enter {keys}" if keys else "")


def _entry(one: Command, name: str, keys: str) -> _Entry:
    names = dict.fromkeys(filter(None, (one.slash, *one.also, one.id, one.id.rpartition(".")[2])))
    return _Entry(Row(one, _title(name, one.summary), keys), tuple(names))


def _theme(name: str) -> _Entry:
    return _Entry(Row(name, _title("/theme", one_line(name, 60))), (name,))


def _title(name: str, text: str) -> Content:
    return Content.assemble((f"{name:<{NAME}}", "$accent"), text)
