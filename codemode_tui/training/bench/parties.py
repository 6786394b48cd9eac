"""Who is measured, and in which order. Each starts anew in every run, so that loading counts too.

Where memory allows they are there together and take turns figure by figure: what else the machine does
meets both. Two large models never are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Literal, Protocol, TypeVar, get_args

from codemode_tui.engine.api import Engine

Figures = dict[str, float]
"""Seconds: ``start``, the first token after it (``warm``), ``first`` token, the same ``undecided`` (without P(tool)),
the first token of ``turn 1``, ``turn 2`` … and the same ``cold 1`` …, of a ``resumed`` session and of one ``unsaved``,
a task as a ``program`` and as ``calls``. Tokens a second: ``prompt``, ``decode``, the same ``guided``, of the model's
own messages ``guessed`` and ``unguessed``. Tokens: those of them guessed ``right``, ``new`` in the last turn,
``session`` in the saved cache. Calls that are ``malformed guided`` and ``malformed freely``, ``whole
guided`` and ``whole freely``. Bytes a second: ``bandwidth``."""
Step = Literal["first", "undecided", "prompt", "decode", "chat", "resume", "task", "guesses", "guided", "bandwidth"]
STEPS: tuple[Step, ...] = get_args(Step)
TIMES: dict[Step, int] = {"first": 3, "undecided": 3, "prompt": 3, "decode": 3}
"""How often a step is taken within a run; the run counts as their median."""
WARM_TOKENS = 4
FEW_TOKENS = 2
"""Enough to see the first one."""


class Party(Protocol):
    """One of those that are compared."""

    @property
    def steps(self) -> Mapping[Step, Callable[[], Awaitable[Figures]]]:
        """What it can be measured at."""
        ...

    async def start(self) -> Figures:
        """Begin a run. Returns ``start``, the seconds until the model was loaded, and what else shows then."""
        ...

    async def close(self) -> None:
        """End the run. Never raises."""
        ...


_T = TypeVar("_T")


class ScriptedEngine(Engine, Protocol):
    """An engine that says given tokens through its whole real path."""

    script: tuple[int, ...] | None


async def play(
    groups: Sequence[Mapping[str, Party]], steps: Sequence[Step], runs: int, say: Callable[[str], None]
) -> dict[str, list[Figures]]:
    """Measure every party in every run; who begins alternates.

    Args:
        groups: parties by name; those of one group are there at the same time.
        steps: what to measure, in this order.
        runs: how often all of it is done.
        say: progress, a few words.

    Returns:
        Each party's figures by its name, one entry a run.
    """
    found: dict[str, list[Figures]] = {name: [] for group in groups for name in group}
    for run in range(runs):
        for group in _turned(groups, run):
            for name, figures in (await _play_group(group, steps, run, partial(_say_run, say, run, runs))).items():
                found[name].append(figures)
    return found


async def _play_group(
    group: Mapping[str, Party], steps: Sequence[Step], run: int, say: Callable[[str], None]
) -> dict[str, Figures]:
    """One run of the parties that are there together."""
    taken: dict[str, dict[str, list[float]]] = {name: {} for name in group}
    names = _turned(list(group), run)
    try:
        for name in names:
            say(f"{name}, loading")
            taken[name].update({figure: [value] for figure, value in (await group[name].start()).items()})
        for step in steps:
            for again in range(TIMES.get(step, 1)):
                for name in _turned(names, again):
                    if step in group[name].steps:
                        say(f"{name}, {step}")
                        for figure, value in (await group[name].steps[step]()).items():
                            taken[name].setdefault(figure, []).append(value)
    finally:
        for party in group.values():
            await party.close()
    return {name: {figure: median(values) for figure, values in of.items()} for name, of in taken.items()}


def _turned(items: Sequence[_T], number: int) -> list[_T]:
    """The items, every other time in reverse."""
    return list(items) if number % 2 == 0 else list(items)[::-1]


def _say_run(say: Callable[[str], None], run: int, runs: int, text: str) -> None:
    say(f"run {run + 1} of {runs}: {text}")


def rate(tokens: int, seconds: float) -> float:
    """Tokens a second after the first one."""
    return (tokens - 1) / seconds if seconds > 0 else 0.0
