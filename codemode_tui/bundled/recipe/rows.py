"""Conversations by the thousand: a weighted choice of tasks, some of them followed up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from codemode_tui.bundled.recipe import compute_tasks, direct_tasks, files_tasks, folder_tasks, follow_ups
from codemode_tui.bundled.recipe.example import Chat, Role
from codemode_tui.bundled.recipe.world import World

TOOL_TASKS = files_tasks.TASKS + folder_tasks.TASKS + compute_tasks.TASKS
DIRECT_SHARE = 0.24


class Row(NamedTuple):
    """One conversation. ``kind`` names its tasks, for counting and for balance."""

    kind: str
    turns: tuple[tuple[Role, str], ...]


def rows(seed: int, *, held: bool = False) -> Iterator[Row]:
    """An endless stream of conversations; the same seed gives the same stream."""
    number = 0
    while True:
        yield row(random.Random(f"{seed}/{number}/{held}"), held=held)
        number += 1


def row(r: random.Random, *, held: bool) -> Row:
    """One conversation of one to four questions."""
    chat = Chat(r, World(r), held)
    kinds = []
    for number in range(r.choices((1, 2, 3, 4), (62, 24, 10, 4))[0]):
        if number and kinds[-1] in follow_ups.AFTER and r.random() < 0.6 and follow_ups.follow(chat, kinds[-1]):
            kinds.append("follow_up")
            continue
        task = pick(r)
        task(chat)
        kinds.append(task.__name__)
    return Row("+".join(kinds), tuple(chat.turns))


def pick(r: random.Random) -> Callable[[Chat], None]:
    table = direct_tasks.TASKS if r.random() < DIRECT_SHARE else TOOL_TASKS
    tasks, weights = zip(*table, strict=True)
    chosen: Callable[[Chat], None] = r.choices(tasks, weights)[0]
    return chosen
