"""Who is measured: the product's engine, and plain mlx-lm. Each starts, is measured, and ends in every run.

So there is never more than one model in memory, and loading is measured as often as all else.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

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
Party = Callable[[int], Awaitable[Figures]]
"""Measures run number N."""
WARM_TOKENS = 4
FEW_TOKENS = 2
"""Enough to see the first one."""


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

    async def everything(self, run: int) -> Figures:
        """All figures but ``bandwidth``."""
        plan = self._plan
        try:
            start = await self._start()
            first = await self._hear(plan.short, plan.script[:FEW_TOKENS], f"first {run}")
            undecided = await self._hear(plan.short, plan.script[:FEW_TOKENS], f"undecided {run}", decide=False)
            long = await self._hear(plan.long, plan.script[:FEW_TOKENS], f"long {run}")
            decoded = await self._hear(plan.short, plan.script, f"decode {run}")
            warm, cold = await self._chat(run)
        finally:
            await self._engine.close()
        usage = warm.finished.usage
        return {
            "start": start,
            "first": first.first_seconds,
            "undecided": undecided.first_seconds,
            "prompt": long.finished.usage.prompt_tokens / long.first_seconds,
            "decode": _rate(decoded.tokens, decoded.rest_seconds),
            "turn": warm.first_seconds,
            "cold": cold.first_seconds,
            "new": usage.prompt_tokens - usage.cached_tokens,
        }

    async def decode(self, run: int) -> Figures:
        """``start`` and ``decode`` alone."""
        try:
            start = await self._start()
            heard = await self._hear(self._plan.short, self._plan.script, f"decode {run}")
        finally:
            await self._engine.close()
        return {"start": start, "decode": _rate(heard.tokens, heard.rest_seconds)}

    async def _start(self) -> float:
        began = self._clock()
        await self._engine.start()
        took = self._clock() - began
        await self._hear(self._plan.short, self._plan.script[:WARM_TOKENS], "warm")
        return took

    async def _chat(self, run: int) -> tuple[Heard, Heard]:
        """The last turn of a chat, with the cache of the turns before and without."""
        plan = self._plan
        messages: list[Message] = []
        for text in plan.turns[:-1]:
            messages.append(Message("user", text))
            said = (await self._hear(render(self._profile, messages), plan.reply, f"chat {run}")).finished
            messages.append(Message("assistant", said.text, said.token_ids))
        prompt = render(self._profile, [*messages, Message("user", plan.turns[-1])])
        names = [f"chat {run}", f"cold {run}"]
        heard = {name: await self._hear(prompt, plan.reply, name) for name in (names if run % 2 == 0 else names[::-1])}
        return heard[names[0]], heard[names[1]]

    async def _hear(
        self, prompt: Sequence[Segment], script: tuple[int, ...], conversation: str, *, decide: bool = True
    ) -> Heard:
        """Let the model say ``script``; each conversation of a new name begins without a cache."""
        self._engine.script = script
        request = GenerateRequest(
            prompt=tuple(prompt),
            sampling=Sampling(max_tokens=len(script)),
            stop=self._profile.stop,
            openings=self._profile.openings if decide else (),
            conversation=conversation,
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

    async def everything(self, run: int) -> Figures:
        """All figures that plain mlx-lm has."""
        plan, bare = self._plan, BareModel()
        try:
            start = await self._start(bare)
            first = await bare.follow(plan.short_ids, plan.script[:FEW_TOKENS])
            long = await bare.follow(plan.long_ids, plan.script[:FEW_TOKENS])
            decoded = await bare.follow(plan.short_ids, plan.script)
            weight = await bare.weigh()
        finally:
            await bare.close()
        return {
            "start": start,
            "first": first.first_seconds,
            "prompt": len(plan.long_ids) / long.first_seconds,
            "decode": _rate(decoded.tokens, decoded.rest_seconds),
            "bandwidth": weight.bandwidth,
        }

    async def decode(self, run: int) -> Figures:
        """``start`` and ``decode`` alone."""
        bare = BareModel()
        try:
            start = await self._start(bare)
            pace = await bare.follow(self._plan.short_ids, self._plan.script)
        finally:
            await bare.close()
        return {"start": start, "decode": _rate(pace.tokens, pace.rest_seconds)}

    async def _start(self, bare: BareModel) -> float:
        took = await bare.start(self._path)
        await bare.follow(self._plan.short_ids, self._plan.script[:WARM_TOKENS])
        return took


async def play(parties: Mapping[str, Party], runs: int, say: Callable[[str], None]) -> dict[str, list[Figures]]:
    """Measure all parties in every run, one after the other; who begins alternates.

    Returns each party's figures by its name, in the order of the runs.
    """
    found: dict[str, list[Figures]] = {name: [] for name in parties}
    for run in range(runs):
        for name in list(parties) if run % 2 == 0 else list(parties)[::-1]:
            say(f"run {run + 1} of {runs}: {name}")
            found[name].append(await parties[name](run))
    return found


def _rate(tokens: int, seconds: float) -> float:
    """Tokens a second after the first one."""
    return (tokens - 1) / seconds if seconds > 0 else 0.0
