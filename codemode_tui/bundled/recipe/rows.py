"""Conversations by the thousand: a weighted choice of tasks, some of them followed up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from codemode_tui.bundled.recipe import follow_ups
from codemode_tui.bundled.recipe.example import Chat, Role
from codemode_tui.bundled.recipe.source import HeldSource, Source
from codemode_tui.bundled.recipe.tasks import pick
from codemode_tui.bundled.recipe.world import World


class Row(NamedTuple):
    """One conversation. ``kind`` names its tasks, for counting and for balance."""

    kind: str
    turns: tuple[tuple[Role, str], ...]
    worlds: tuple[World, ...] = ()
    """The workspace before each call that was run, in order: what is needed to run it again."""


def rows(seed: int, *, held: bool = False) -> Iterator[Row]:
    """An endless stream of conversations; the same seed gives the same stream.

    ``held`` rows are for measuring: their phrasings and their names occur in no training row.
    """
    number = 0
    while True:
        key = f"{seed}/{number}/{held}"
        yield row(HeldSource(key) if held else Source(key), held=held)
        number += 1


def row(r: Source, *, held: bool) -> Row:
    """One conversation of one to four questions.

    Args:
        r: a ``HeldSource`` keeps to names that training never saw.
        held: keep to phrasings that training never saw.
    """
    chat = Chat(r, World(r), held)
    kinds = []
    for number in range(r.choices((1, 2, 3, 4), (62, 24, 10, 4))[0]):
        if number and kinds[-1] in follow_ups.AFTER and r.random() < 0.6 and follow_ups.follow(chat, kinds[-1]):
            kinds.append("follow_up")
            continue
        task = pick(r)
        task(chat)
        kinds.append(task.__name__)
    return Row("+".join(kinds), tuple(chat.turns), tuple(chat.worlds))
