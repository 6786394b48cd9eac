"""Who is measured: the product's engine, and plain mlx-lm. Each starts anew in every run, so that loading counts too.

Where memory allows they are there together and take turns figure by figure: what else the machine does
meets both. Two large models never are.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from typing import Literal, Protocol, TypeVar, get_args

import msgspec

from codemode_tui.engine.api import Engine, Finished, GenerateRequest, Sampling, Token
from codemode_tui.engine.bare import BareModel
from codemode_tui.errors import EngineError
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.stream import StreamParser
from codemode_tui.protocol.types import Message, Segment
from codemode_tui.training.bench.plan import Plan

Figure = Literal["start", "first", "undecided", "prompt", "decode", "turn", "cold", "new", "bandwidth"]
"""Seconds: ``start``, ``first`` token, the same ``undecided`` (without P(tool)), the first token of the last
``turn``, the same ``cold``. Tokens a second: ``prompt``, ``decode``. Tokens: ``new`` in the last turn. Bytes a
second: ``bandwidth``."""
Figures = dict[Figure, float]
Step = Literal["first", "undecided", "prompt", "decode", "chat", "bandwidth"]
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

    async def start(self) -> float:
        """Begin a run. Returns the seconds until the model was loaded."""
        ...

    async def close(self) -> None:
        """End the run. Never raises."""
        ...


_T = TypeVar("_T")


class ScriptedEngine(Engine, Protocol):
    """An engine that says given tokens through its whole real path."""

    script: tuple[int, ...] | None


class Heard(msgspec.Struct, frozen=True):
    """One message as it reached the front end, parsed."""

    first_seconds: float
    """From the request to the first token."""
    rest_seconds: float
    """From the first token to the last."""
    tokens: int
    finished: Finished


class Product:
    """Worker, frames, client and parser, with one model."""

    def __init__(
        self, engine: ScriptedEngine, profile: Profile, plan: Plan, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._engine = engine
        self._profile = profile
        self._plan = plan
        self._clock = clock
        self._conversations = count()
        self.steps: Mapping[Step, Callable[[], Awaitable[Figures]]] = {
            "first": self._first,
            "undecided": self._undecided,
            "prompt": self._prompt,
            "decode": self._decode,
            "chat": self._chat,
        }

    async def start(self) -> float:
        began = self._clock()
        await self._engine.start()
        took = self._clock() - began
        await self._hear(self._plan.short, self._plan.script[:WARM_TOKENS])
        return took

    async def close(self) -> None:
        await self._engine.close()

    async def _first(self) -> Figures:
        return {"first": (await self._hear(self._plan.short, self._plan.script[:FEW_TOKENS])).first_seconds}

    async def _undecided(self) -> Figures:
        heard = await self._hear(self._plan.short, self._plan.script[:FEW_TOKENS], decide=False)
        return {"undecided": heard.first_seconds}

    async def _prompt(self) -> Figures:
        heard = await self._hear(self._plan.long, self._plan.script[:FEW_TOKENS])
        return {"prompt": heard.finished.usage.prompt_tokens / heard.first_seconds}

    async def _decode(self) -> Figures:
        heard = await self._hear(self._plan.short, self._plan.script)
        return {"decode": _rate(heard.tokens, heard.rest_seconds)}

    async def _chat(self) -> Figures:
        """The last turn of a chat, with the cache of the turns before and without."""
        plan = self._plan
        chat, cold = next(self._conversations), next(self._conversations)
        messages: list[Message] = []
        for text in plan.turns[:-1]:
            messages.append(Message("user", text))
            said = (await self._hear(render(self._profile, messages), plan.reply, chat)).finished
            messages.append(Message("assistant", said.text, said.token_ids))
        prompt = render(self._profile, [*messages, Message("user", plan.turns[-1])])
        without = await self._hear(prompt, plan.reply, cold)
        reused = await self._hear(prompt, plan.reply, chat)
        usage = reused.finished.usage
        return {
            "turn": reused.first_seconds,
            "cold": without.first_seconds,
            "new": usage.prompt_tokens - usage.cached_tokens,
        }

    async def _hear(
        self,
        prompt: Sequence[Segment],
        script: tuple[int, ...],
        conversation: int | None = None,
        *,
        decide: bool = True,
    ) -> Heard:
        """Let the model say ``script``; without a ``conversation`` it begins a new one, which has no cache."""
        self._engine.script = script
        request = GenerateRequest(
            prompt=tuple(prompt),
            sampling=Sampling(max_tokens=len(script)),
            stop=self._profile.stop,
            openings=self._profile.openings if decide else (),
            conversation=f"bench {next(self._conversations) if conversation is None else conversation}",
        )
        parser = StreamParser(self._profile)
        finished: Finished | None = None
        tokens = 0
        began = first = last = self._clock()
        async for event in self._engine.generate(request):
            if isinstance(event, Token) and event.ids:
                parser.feed(event.text)
                last = self._clock()
                first = first if tokens else last
                tokens += len(event.ids)
            elif isinstance(event, Finished):
                finished = event
        if finished is None or tokens != len(script):
            raise EngineError(f"the model stopped after {tokens} of {len(script)} tokens", hint="try again")
        return Heard(first - began, last - first, tokens, finished)


class Plain:
    """``mlx_lm.stream_generate`` with the same model, prompts and tokens."""

    def __init__(self, path: Path, plan: Plan) -> None:
        self._path = path
        self._plan = plan
        self._bare = BareModel()
        self.steps: Mapping[Step, Callable[[], Awaitable[Figures]]] = {
            "first": self._first,
            "prompt": self._prompt,
            "decode": self._decode,
            "bandwidth": self._bandwidth,
        }

    async def start(self) -> float:
        took = await self._bare.start(self._path)
        await self._bare.follow(self._plan.short_ids, self._plan.script[:WARM_TOKENS])
        return took

    async def close(self) -> None:
        await self._bare.close()

    async def _first(self) -> Figures:
        return {"first": (await self._bare.follow(self._plan.short_ids, self._plan.script[:FEW_TOKENS])).first_seconds}

    async def _prompt(self) -> Figures:
        pace = await self._bare.follow(self._plan.long_ids, self._plan.script[:FEW_TOKENS])
        return {"prompt": len(self._plan.long_ids) / pace.first_seconds}

    async def _decode(self) -> Figures:
        pace = await self._bare.follow(self._plan.short_ids, self._plan.script)
        return {"decode": _rate(pace.tokens, pace.rest_seconds)}

    async def _bandwidth(self) -> Figures:
        return {"bandwidth": (await self._bare.weigh()).bandwidth}


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
    taken: dict[str, dict[Figure, list[float]]] = {name: {} for name in group}
    names = _turned(list(group), run)
    try:
        for name in names:
            say(f"{name}, loading")
            taken[name]["start"] = [await group[name].start()]
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


def _rate(tokens: int, seconds: float) -> float:
    """Tokens a second after the first one."""
    return (tokens - 1) / seconds if seconds > 0 else 0.0
