"""How a server is made to write one message: raw where it can be, as a chat elsewhere, and what it is found to do."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from codemode_tui.engine.api import GenerateRequest, Progress, Sampling, Token, ToolLikelihood
from codemode_tui.engine.remote_api import RemoteApi
from codemode_tui.engine.remote_calls import RemoteCalls
from codemode_tui.engine.remote_message import RemoteMessage
from codemode_tui.engine.remote_prompt import RemotePrompt, Wrapper, call_text
from codemode_tui.engine.remote_replies import Counts, Piece, Refusal, likelihood, wants_room
from codemode_tui.errors import ContextError, EngineError
from codemode_tui.protocol.render import CALL, END

Way = Literal["auto", "completions", "chat"]
TOP = 10
_LOGPROBS: tuple[dict[str, Any], ...] = ({"logprobs": 5}, {"logprobs": True, "top_logprobs": TOP})
"""How servers are asked for the likeliest tokens of a completion: OpenAI's way, mlx-lm's way."""
GLANCE = 2
"""Tokens."""
SHORTEST = 128
"""Tokens: no shorter message is asked for where there is no room for a longer one."""
_NEEDED = frozenset(("model", "prompt", "messages"))
_USUAL = frozenset(("max_tokens", "temperature", "stop"))
_LIMIT = "max_completion_tokens"
"""What OpenAI's reasoning models call ``max_tokens``."""
_DRAWN = frozenset(("temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed"))
_CHAT_ONLY = re.compile(r"chat|completions (?:api|endpoint)", re.IGNORECASE)
_NOT_THERE = (404, 405, 501)
_BANNED = -100


@dataclass(slots=True)
class Habits:
    """What has been found out about a server."""

    way: Way = "auto"
    logprobs: tuple[dict[str, Any], ...] = _LOGPROBS
    """Ways of asking that it has not refused; empty when it tells no probabilities."""
    refused: frozenset[str] = frozenset()
    """Options that it does not take."""
    swallows: bool = False
    """It takes calls out of raw completions, as mlx_lm.server does."""
    tag: int | None = None
    """Id of the call's tag, once it has been told."""


class Decided(msgspec.Struct, frozen=True):
    """What was told of the first token before the message was written."""

    likeliest: dict[str, float] | None = None
    counts: Counts = Counts()


class Writer:
    """Writes messages with one model of a server. Everything raises ``EngineError``; ``Refusal`` when it answered."""

    def __init__(self, api: RemoteApi, model: str, wrapper: Wrapper, habits: Habits) -> None:
        self._api = api
        self.model = model
        self._wrapper = wrapper
        self.habits = habits

    async def decide(self, request: GenerateRequest, prompt: RemotePrompt) -> Decided:
        """Ask for the likeliest first tokens; finds out whether the server takes raw prompts, too."""
        while self.habits.logprobs and self.habits.way != "chat":
            body = self._glance(prompt.text)
            try:
                if prompt.begun and self.habits.logprobs[0] == _LOGPROBS[-1]:
                    await self._api.whole("/completions", self._glance(prompt.text + END))
                piece = await self._api.whole("/completions", {**body, **self.habits.logprobs[0]})
            except Refusal as refusal:
                if self._no_raw(refusal):
                    self.habits.way = "chat"
                    break
                if refusal.status not in (400, 422):
                    raise
                self.habits.logprobs = self.habits.logprobs[1:]
                continue
            if piece.likeliest is None:
                self.habits.logprobs = self.habits.logprobs[1:]
                continue
            self.habits.tag = piece.ids.get(CALL, self.habits.tag)
            self.habits.swallows = self.habits.swallows or (not piece.text and _first(piece.likeliest) == CALL)
            counts = piece.counts or Counts()
            return Decided(piece.likeliest, Counts(counts.prompt, counts.cached))
        return Decided()

    def _no_raw(self, refusal: Refusal) -> bool:
        """Whether a server that may be asked another way takes no raw prompts."""
        chat_only = refusal.status in (400, 404) and bool(_CHAT_ONLY.search(refusal.said))
        unknown_model = "model" in refusal.said.lower() and not chat_only
        return self.habits.way == "auto" and (chat_only or (refusal.status in _NOT_THERE and not unknown_model))

    async def written(
        self,
        request: GenerateRequest,
        prompt: RemotePrompt,
        message: RemoteMessage,
        found: Mapping[str, float] | None,
        decided: Mapping[str, float] | None,
    ) -> AsyncGenerator[Token | Progress | ToolLikelihood, None]:
        if self.habits.way != "chat":
            opening = _opening(request, found)
            if opening:
                yield Token(message.put(opening), prefilled=True)
            elif self.habits.swallows and request.sampling.temp == 0 and _first(decided) == CALL and not request.force:
                yield Token(message.put(CALL))
            try:
                async with aclosing(self._raw(request, prompt, message)) as tokens:
                    async for token in tokens:
                        yield token
                return
            except Refusal as refusal:
                if message.text != opening or not self._no_raw(refusal):
                    raise
                self.habits.way = "chat"
        async with aclosing(self._chat(request, prompt, message)) as events:
            async for event in events:
                yield event

    async def _raw(
        self, request: GenerateRequest, prompt: RemotePrompt, message: RemoteMessage
    ) -> AsyncGenerator[Token | Progress, None]:
        """The message as a completion of the rendered prompt, as often as it takes to get all of it."""
        while True:
            inside = CALL in message.text
            guarded = self.habits.swallows and not inside
            called, finish = False, None
            body = self._body(request.sampling, request.sampling.max_tokens - message.tokens, request.stop)
            body |= {"prompt": prompt.text + message.text}
            if guarded or request.force == "direct":
                body["stop"] = [*body["stop"], CALL]
            if request.force == "direct" and self.habits.tag is not None:
                body["logit_bias"] = {str(self.habits.tag): _BANNED}
            async with aclosing(self._pieces("/completions", body, message)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Progress):
                        yield piece
                        continue
                    yield Token(message.heard(piece.text))
                    self._learn(piece, message)
                    finish, called = piece.finish or finish, called or piece.called
                    if message.stopped or message.boundless:
                        break
            message.reason = finish or "stop"
            if message.boundless:
                message.reason = "length"
            if message.stopped or message.reason != "stop" or request.force == "direct":
                return
            if called and inside:
                message.reason = "length"
                message.notes.append("the server took a part of the code for another call: the code is not whole")
                return
            self.habits.swallows = self.habits.swallows or called
            yield Token(message.flush())
            if message.tokens >= request.sampling.max_tokens or not (
                called or (guarded and await self._tag_follows(prompt.text + message.text))
            ):
                return
            yield Token(message.put(CALL))  # what the server would not pass on; the rest of the call comes as text

    async def _tag_follows(self, text: str) -> bool:
        """Whether the model stopped to call, or for good: one more token tells."""
        piece = await self._api.whole("/completions", self._glance(text))
        return piece.finish == "length" and (not piece.text.strip() or piece.text.startswith(CALL))

    def _glance(self, text: str) -> dict[str, Any]:
        """A request for what comes next, and no more: how the message is drawn is no part of it.

        mlx_lm.server dies of a prompt that ends where a message in its cache ended (mlx-lm #1215, #1887). So one
        token more is made than is looked at, and a message that goes on is first put behind by another prompt.
        """
        return {**self._body(Sampling(), GLANCE, ()), "prompt": text}

    async def _chat(
        self, request: GenerateRequest, prompt: RemotePrompt, message: RemoteMessage
    ) -> AsyncGenerator[Token | Progress | ToolLikelihood, None]:
        """The message as the next one of a chat; what the server took apart is put together again."""
        if request.force == "tool" or prompt.begun:
            raise EngineError(
                "the server takes no raw prompt, so the beginning of a message cannot be given",
                hint="ask again without it, or use a server that has /completions",
            )
        body = {
            **self._body(request.sampling, request.sampling.max_tokens, request.stop),
            "messages": list(prompt.messages),
        }
        if request.openings:
            body |= {"logprobs": True, "top_logprobs": TOP}
        calls = RemoteCalls()
        told, finish, thinking = not request.openings, None, False
        async with aclosing(self._pieces("/chat/completions", body, message)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Progress):
                    yield piece
                    continue
                if not told and (piece.likeliest or piece.reasoning or piece.calls):
                    told = True  # behind thoughts, or inside a call, the likeliest tokens decide nothing
                    aside = bool(piece.reasoning or piece.calls)
                    if not aside and (found := likelihood(request.openings, piece.likeliest or {})):
                        yield ToolLikelihood(min(1.0, sum(found.values())), found)
                if piece.reasoning:
                    yield Token(message.put(piece.reasoning if thinking else f"<think>\n{piece.reasoning}"))
                    thinking = message.rebuilt = True
                if thinking and (piece.text or piece.calls):
                    yield Token(message.put("\n</think>\n\n"))
                    thinking = False
                yield Token(message.heard(piece.text))
                for part in piece.calls:
                    calls.add(part)
                    if calls.endless:
                        break
                self._learn(piece, message)
                finish = piece.finish or finish
                if message.stopped or message.boundless or calls.endless:
                    break
        message.reason = "length" if message.boundless else finish or "stop"
        if calls.endless:
            message.reason = "length"
            message.notes.append("the server sent calls without an end: the rest of them is left out")
        if calls.whole and request.force == "direct":
            message.text = ""  # the server parses what a stop text cannot catch
            return
        for name, arguments in calls.whole:
            yield Token(message.put(call_text(self._wrapper, name, arguments)))
            message.rebuilt = True

    async def _pieces(
        self, path: str, body: dict[str, Any], message: RemoteMessage
    ) -> AsyncGenerator[Piece | Progress, None]:
        """Stream; a server that refuses is asked again: for a shorter message, where a long one is what it has no room
        for, and without the options that it names, or all that it need not understand."""
        message.asked()
        while True:
            try:
                async with aclosing(self._api.stream(path, _taken(body, self.habits.refused))) as stream:
                    async for piece in stream:
                        message.accepted = True
                        yield piece
                return
            except (Refusal, ContextError) as refusal:
                shorter = body["max_tokens"] // 2
                if not message.accepted and shorter >= SHORTEST and wants_room(refusal):
                    body = {**body, "max_tokens": shorter}
                    continue
                if not isinstance(refusal, Refusal) or wants_room(refusal) or self._no_raw(refusal):
                    raise
                blamed = _blamed(refusal, frozenset(body) - self.habits.refused)
                if not blamed:
                    raise
                self.habits.refused |= blamed
                if drawn := sorted(blamed & _DRAWN):
                    message.notes.append(f"the server does not take {', '.join(drawn)}: asked without")

    # -- helpers -------------------------------------------------------------------------------------

    def _learn(self, piece: Piece, message: RemoteMessage) -> None:
        if piece.counts:
            message.counted(piece.counts)
        self.habits.tag = piece.ids.get(CALL, self.habits.tag)

    def _body(self, sampling: Sampling, limit: int, stop: tuple[str, ...]) -> dict[str, Any]:
        """What every request says. What stands at its neutral value is not mentioned: fewer servers stumble."""
        options = {
            "top_p": (sampling.top_p, 1.0),
            "top_k": (sampling.top_k, 0),
            "min_p": (sampling.min_p, 0.0),
            "repetition_penalty": (sampling.repetition_penalty, 1.0),
            "seed": (sampling.seed, None),
        }
        return {
            **({"model": self.model} if self.model else {}),
            "max_tokens": max(1, limit),
            "temperature": sampling.temp,
            "stop": list(stop)[:3],  # with the call's tag four, which is as many as OpenAI allows
            **({"stream_options": {"include_usage": True}} if limit > GLANCE else {}),
            **{name: value for name, (value, neutral) in options.items() if value != neutral},
        }


def _opening(request: GenerateRequest, found: Mapping[str, float] | None) -> str:
    """The text that a forced call begins with; empty when none is forced."""
    if request.force != "tool" or not request.openings:
        return ""
    if found:
        return max(found, key=lambda text: found[text])
    return CALL if CALL in request.openings else request.openings[0]


def _first(likeliest: Mapping[str, float] | None) -> str:
    return max(likeliest, key=lambda text: likeliest[text]) if likeliest else ""


def _blamed(refusal: Refusal, left: frozenset[str]) -> frozenset[str]:
    """Which of the options that are ``left`` a server refuses; the usual ones only where it names them."""
    named = {name for name in left - _NEEDED if re.search(rf"\b{name}\b", refusal.said)}
    if _LIMIT not in refusal.said:
        named.discard("max_tokens")
    if refusal.status in (400, 403, 422) and named:
        return frozenset(named)
    return left - _NEEDED - _USUAL if refusal.status in (400, 422) else frozenset()


def _taken(body: Mapping[str, Any], refused: frozenset[str]) -> dict[str, Any]:
    """``body`` without what a server refuses; only the limit stays in any case, by its newer name."""
    taken = {name: value for name, value in body.items() if name not in refused}
    return taken if "max_tokens" not in refused else {**taken, _LIMIT: body["max_tokens"]}
