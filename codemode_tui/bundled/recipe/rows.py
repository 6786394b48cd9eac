"""Conversations by the thousand: a weighted choice of tasks, some of them followed up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from codemode_tui.bundled.recipe import follow_ups
from codemode_tui.bundled.recipe.direct_kinds import DIRECT, Task
from codemode_tui.bundled.recipe.example import Chat, Role
from codemode_tui.bundled.recipe.file_parts import head
from codemode_tui.bundled.recipe.file_reading import count, read, size
from codemode_tui.bundled.recipe.looking_first import look_first
from codemode_tui.bundled.recipe.recovery import mended
from codemode_tui.bundled.recipe.second_questions import opened
from codemode_tui.bundled.recipe.source import HeldSource, Source
from codemode_tui.bundled.recipe.tasks import TOOL, pick
from codemode_tui.bundled.recipe.world import World

FOLLOWED = 0.6
"""Of later questions, how many lean on what was said before."""
SWITCHED = 0.35
"""Of later questions, how many change from a program to talk or back."""
PLAIN = 0.15
"""Of later questions that do not lean on it, how many are the plainest: else "show b.txt" is taken for "and b.txt?"."""
_PLAINEST: tuple[tuple[Task, float], ...] = ((read, 4), (head, 1), (count, 2), (size, 1))
TIDY = 0.4
"""Share of conversations whose names are words and nothing odd."""
LONG = 1200
"""Characters after which no question is added."""
TALKATIVE = 0.04
"""Share of conversations that go on and on, so that the whole context is trained on; here no question is added after
three times as many characters."""


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
    """One conversation of one to four questions, seldom of up to fourteen.

    Args:
        r: a ``HeldSource`` keeps to names that training never saw.
        held: keep to phrasings that training never saw.
    """
    r.tidy = not held and r.random() < TIDY
    chat = Chat(r, World(r), held)
    kinds: list[str] = []
    talkative = r.random() < TALKATIVE
    for number in range(r.randint(5, 14) if talkative else r.choices((1, 2, 3, 4), (56, 27, 12, 5))[0]):
        if number and sum(len(text) for _, text in chat.turns) > (3 * LONG if talkative else LONG):
            break
        at = len(chat.turns)
        way = r.random()
        if number and way < FOLLOWED and follow_ups.follow(chat):
            mended(chat, at)
            look_first(chat, at)
            kinds.append("follow_up")
            continue
        # A question of the other sort, so that what came before never tells whether to call.
        called = number > 0 and any(role == "tool" for role, _ in chat.turns[-3:])
        task = _of_sort(r, DIRECT if called else TOOL) if number and way > 1 - SWITCHED else pick(r)
        if number and r.random() < PLAIN:
            task = _of_sort(r, _PLAINEST)
        task(chat)
        mended(chat, at)
        look_first(chat, at)
        kinds.append(task.__name__)
        if number:
            opened(chat, at)
    return Row("+".join(kinds), tuple(chat.turns), tuple(chat.worlds))


def first(r: Source) -> Row:
    """A conversation of one question and the message that answers it, a call or a direct answer; of several questions
    where the task is one of those that lean on one another."""
    r.tidy = r.random() < TIDY
    chat = Chat(r, World(r), held=False)
    task = pick(r)
    task(chat)
    look_first(chat, 0)
    if task.__module__.endswith("_dialogues") and sum(role == "user" for role, _ in chat.turns) > 1:
        return Row(task.__name__, tuple(chat.turns), tuple(chat.worlds))
    at = next(number for number, (role, _) in enumerate(chat.turns, 1) if role == "assistant")
    return Row(task.__name__, tuple(chat.turns[:at]), tuple(chat.worlds[:1]))


def _of_sort(r: Source, table: Sequence[tuple[Task, float]]) -> Task:
    tasks, weights = zip(*table, strict=True)
    chosen: Task = r.choices(tasks, weights)[0]
    return chosen
