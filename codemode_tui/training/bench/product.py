"""The product's engine as a front end meets it: worker, frames, client and parser, with tokens that are given."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.util import find_spec
from itertools import count

import msgspec

from codemode_tui.engine import kv_files
from codemode_tui.engine.api import Finished, GenerateRequest, Guide, Sampling, Token
from codemode_tui.errors import EngineError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.stream import StreamParser
from codemode_tui.protocol.types import Decision, Message, Segment
from codemode_tui.training.bench.parties import FEW_TOKENS, WARM_TOKENS, Figures, ScriptedEngine, Step, rate
from codemode_tui.training.bench.plan import Exchange, Plan

WILD = 2.0
"""A temperature at which calls go wrong now and then."""
WILD_CALLS, WILD_TOKENS = 16, 120
ASKED = (
    "How many lines are in {}?",
    "What is in {}?",
    "Print the first three lines of {}.",
    "Which lines of {} contain the word total?",
    "How many words does {} have?",
    "Is there a file called {}?",
    "Sort the lines of {} and write them to sorted_{}.",
    "Replace draft by final in {}.",
)
"""Of a file that no other question is about: what was said before is like the answer, and not the answer."""
ASKED_TOKENS = 160


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
        self._key = ""
        self.steps: Mapping[Step, Callable[[], Awaitable[Figures]]] = {
            "first": self._first,
            "undecided": self._undecided,
            "prompt": self._prompt,
            "decode": self._decode,
            "chat": self._chat,
            "resume": self._resume,
            "task": self._task,
            "guesses": self._guesses,
            **({"guided": self._guided} if find_spec("llguidance") else {}),
        }

    async def start(self) -> Figures:
        began = self._clock()
        info = await self._engine.start()
        took = self._clock() - began
        self._key = kv_files.key_of(info, self._profile.sha256)
        warm = await self._hear(self._plan.short, self._plan.script[:WARM_TOKENS])
        return {"start": took, "warm": warm.first_seconds}

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
        return {"decode": rate(heard.tokens, heard.rest_seconds)}

    async def _chat(self) -> Figures:
        """Every turn of a chat, with the cache of the turns before and without."""
        chat = next(self._conversations)
        messages: list[Message] = []
        found: Figures = {}
        for number, text in enumerate(self._plan.turns, 1):
            messages.append(Message("user", text))
            prompt = render(self._profile, messages)
            without = await self._hear(prompt, self._plan.reply)
            reused = await self._hear(prompt, self._plan.reply, chat)
            usage = reused.finished.usage
            found[f"turn {number}"], found[f"cold {number}"] = reused.first_seconds, without.first_seconds
            found["new"] = usage.prompt_tokens - usage.cached_tokens
            messages.append(Message("assistant", reused.finished.text, reused.finished.token_ids))
        return found

    async def _resume(self) -> Figures:
        """The first token of a session that was saved, in a process that has just started."""
        session = next(self._conversations)
        said = (
            await self._hear(render(self._profile, self._plan.session), self._plan.reply, session, keep=True)
        ).finished
        then = (Message("assistant", said.text, said.token_ids), Message("user", "And how many lines are in it?"))
        prompt = render(self._profile, [*self._plan.session, *then])
        try:
            await self._engine.close()  # which saves
            await self._engine.start()
            await self._hear(self._plan.short, self._plan.script[:WARM_TOKENS])
            resumed = await self._hear(prompt, self._plan.reply, session, keep=True)
            cold = await self._hear(prompt, self._plan.reply)
        finally:
            kv_files.forget(_name(session))
        usage = resumed.finished.usage
        return {"resumed": resumed.first_seconds, "unsaved": cold.first_seconds, "session": usage.cached_tokens}

    async def _task(self) -> Figures:
        """A task of several steps, as one program and as one call after another."""
        program, calls = [await self._steps(steps) for steps in (self._plan.program, self._plan.calls)]
        return {"program": program, "calls": calls}

    async def _guided(self) -> Figures:
        """Decode through a grammar, and what becomes of calls drawn so wildly that they go wrong."""
        heard = await self._hear(self._plan.short, self._plan.script, guide=self._profile.wrapper)
        found: Figures = {"guided": rate(heard.tokens, heard.rest_seconds)}
        ways: dict[str, Guide | None] = {"guided": self._profile.wrapper, "freely": None}
        for way, guide in ways.items():
            decisions = await self._wild_calls(guide)
            found[f"malformed {way}"] = decisions.count(Decision.MALFORMED)
            found[f"whole {way}"] = decisions.count(Decision.TOOL)
        return found

    async def _guesses(self) -> Figures:
        """Decode of messages that the model makes itself, with and without guesses of what comes next."""
        found: Figures = {"right": 0.0}
        for figure, guesses in (("unguessed", False), ("guessed", True)):
            tokens, seconds = 0, 0.0
            for text in ASKED:
                file = f"notes_{next(self._conversations)}.txt"
                heard = await self._ask(text.replace("{}", file), guesses)
                tokens, seconds = tokens + heard.tokens - 1, seconds + heard.rest_seconds
                found["right"] += heard.finished.usage.guessed_tokens / len(ASKED)
            found[figure] = rate(tokens + 1, seconds)
        return found

    async def _ask(self, text: str, guesses: bool) -> Heard:
        self._engine.script = None
        return await self._listen(
            GenerateRequest(
                prompt=tuple(render(self._profile, [Message("user", text)])),
                sampling=Sampling(temp=0.0, max_tokens=ASKED_TOKENS),
                stop=self._profile.stop,
                conversation=_name(next(self._conversations)),
                guesses=guesses,
            )
        )

    async def _wild_calls(self, guide: Guide | None) -> list[Decision]:
        self._engine.script = None
        request = GenerateRequest(
            prompt=self._plan.short,
            sampling=Sampling(temp=WILD, seed=1, max_tokens=WILD_TOKENS),
            stop=self._profile.stop,
            openings=self._profile.openings,
            force="tool",
            candidates=WILD_CALLS,
            guide=guide,
            conversation=_name(next(self._conversations)),
        )
        said = [one async for one in self._engine.generate(request) if isinstance(one, Finished)]
        return [parse(one.text, self._profile, truncated=one.finish_reason != "stop").decision for one in said]

    async def _steps(self, steps: Sequence[Exchange]) -> float:
        """Seconds that the model took; what runs between its messages costs nothing here."""
        chat = next(self._conversations)
        messages = [Message("user", self._plan.task)]
        seconds = 0.0
        for step in steps:
            heard = await self._hear(render(self._profile, messages), step.said, chat)
            seconds += heard.first_seconds + heard.rest_seconds
            messages.append(Message("assistant", heard.finished.text, heard.finished.token_ids))
            messages.append(Message("tool", step.output))
        return seconds

    async def _hear(
        self,
        prompt: Sequence[Segment],
        script: tuple[int, ...],
        conversation: int | None = None,
        *,
        decide: bool = True,
        keep: bool = False,
        guide: Guide | None = None,
    ) -> Heard:
        """Let the model say ``script``; without a ``conversation`` it begins a new one, which has no cache."""
        self._engine.script = script
        request = GenerateRequest(
            prompt=tuple(prompt),
            sampling=Sampling(max_tokens=len(script)),
            stop=self._profile.stop,
            openings=self._profile.openings if decide else (),
            conversation=_name(next(self._conversations) if conversation is None else conversation),
            cache_key=self._key if keep else "",
            keep=keep,
            guide=guide,
        )
        heard = await self._listen(request)
        if heard.tokens != len(script):
            raise EngineError(f"the model stopped after {heard.tokens} of {len(script)} tokens", hint="try again")
        return heard

    async def _listen(self, request: GenerateRequest) -> Heard:
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
        if finished is None:
            raise EngineError("the model stopped before the end of its message", hint="try again")
        return Heard(first - began, last - first, tokens, finished)


def _name(number: int) -> str:
    """Of a conversation, which no other benchmark's files are called."""
    return f"bench-{os.getpid()}-{number}"
