"""A model at an OpenAI-compatible server, as an engine: the same prompts, decisions and levers as far as it allows.

Where the server takes a raw prompt (``/completions``), the conversation is rendered as for a model of this
machine and the message comes back as the model wrote it. Elsewhere it is sent as a chat.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import msgspec

from codemode_tui.engine.address import Address
from codemode_tui.engine.api import (
    CallsAnywayError,
    EngineEvent,
    Finished,
    GenerateRequest,
    ModelInfo,
    OnProgress,
    Progress,
    Token,
    ToolLikelihood,
    Usage,
)
from codemode_tui.engine.models import ModelRef, inspect
from codemode_tui.engine.remote_api import RemoteApi
from codemode_tui.engine.remote_message import RemoteMessage
from codemode_tui.engine.remote_prompt import RemotePrompt, Wrapper, remote_prompt
from codemode_tui.engine.remote_replies import Refusal, likelihood
from codemode_tui.engine.remote_writing import Decided, Habits, Writer
from codemode_tui.errors import ContextError, EngineError, ModelError
from codemode_tui.protocol.render import CALL
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.settings import EngineSettings

KEYS = ("CODEMODE_API_KEY", "OPENAI_API_KEY")
TYPICAL = 3.0
"""Characters of a token, until the server's own counts tell."""
GENEROUS = 5.0
"""The same for a limit of the server's own: what may fit is asked, since it refuses what does not."""


class RemoteEngine:
    """An engine at the other end of a connection (see ``api.Engine``)."""

    def __init__(
        self, model: ModelRef, profile: str, wrapper: Wrapper, settings: EngineSettings, key: str = ""
    ) -> None:
        assert model.server is not None
        self._ref = model
        self._address: Address = model.server
        self._profile = profile
        self._settings = settings
        self._api = RemoteApi(model.server, key, settings.server_timeout)
        self._writer = Writer(self._api, model.server.model, wrapper, Habits(settings.server_api))
        self.doubt = ""
        """Why it is not sure that the server has the model, once it is started."""
        self._info: ModelInfo | None = None
        self._running = False
        self._load_ms = 0.0
        self._per_token = 0.0
        self._refuses = False
        """The limit is one that the server has told."""
        self._turn = asyncio.Lock()
        self._starting = asyncio.Lock()

    @property
    def info(self) -> ModelInfo | None:
        return self._info

    @property
    def running(self) -> bool:
        return self._running

    async def start(self, on_progress: OnProgress | None = None) -> ModelInfo:
        """Ask the server for its models. Raises ``ModelError`` when it is not clear which one is meant."""
        async with self._starting:
            if self._running and self._info is not None:
                return self._info
            if on_progress:
                on_progress(Progress("start", 0, 0))
            began = time.monotonic()
            self._api.aborted = False
            listed = await self._api.models()
            model = self._writer.model = self._address.model or _only(listed, self._address)
            named = one_line(", ".join(listed), 120)
            self.doubt = self._api.unlisted or ("" if model in listed else f"the server lists {named}, not {model}")
            limits = (self._settings.context_limit, listed.get(model, 0))
            self._refuses = 0 < limits[1] <= (limits[0] or limits[1])
            self._info = msgspec.structs.replace(
                inspect(self._ref),
                name=msgspec.structs.replace(self._address, model=model).name,
                profile=self._profile,
                context_limit=min(filter(None, limits), default=0),
            )
            self._load_ms = (time.monotonic() - began) * 1000
            self._running = True
            return self._info

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[EngineEvent, None]:
        async with self._turn:
            if not self._running:
                raise EngineError(f"{self._address.url} is not connected", hint="ask again")
            self._api.aborted = False
            prompt, began = remote_prompt(request.prompt), time.monotonic()
            asked, request = request, self._fitted(request, prompt, 0)
            habits = self._writer.habits
            known, proven = (habits.logprobs, habits.refused), False
            try:
                decided = await self._writer.decide(request, prompt) if request.openings else Decided()
                if decided.counts.prompt:
                    request = self._fitted(asked, prompt, decided.counts.prompt)
                for candidate in range(request.candidates):
                    async with aclosing(self._candidate(request, prompt, decided, candidate, began)) as events:
                        async for event in events:
                            proven = proven or (isinstance(event, Finished) and event.finish_reason != "cancel")
                            if not (candidate and isinstance(event, ToolLikelihood)):
                                yield event
                    if self._api.aborted:
                        return
            except EngineError as error:
                if self._api.aborted:  # before the first word
                    yield Finished("cancel", "", (), Usage(context_limit=self._limit))
                    return
                self._running = isinstance(error, Refusal | CallsAnywayError)
                raise
            finally:
                if not proven:  # what failed with and without an option says nothing about that option
                    habits.logprobs, habits.refused = known

    async def cancel(self) -> None:
        self._api.abort()

    async def close(self) -> None:
        self._running = False
        self._api.abort()

    async def _candidate(
        self, request: GenerateRequest, prompt: RemotePrompt, decided: Decided, candidate: int, began: float
    ) -> AsyncGenerator[EngineEvent, None]:
        found = likelihood(request.openings, decided.likeliest) if decided.likeliest else None
        early: list[EngineEvent] = []
        if found is not None:
            early.append(ToolLikelihood(min(1.0, sum(found.values())), found))
        banned = (CALL,) if request.force == "direct" and request.openings else ()
        message = RemoteMessage(
            (*request.stop, *banned), request.sampling.max_tokens, began if candidate == 0 else time.monotonic()
        )
        message.counted(decided.counts)
        if prompt.broken:
            tokens = "a control token" if prompt.broken == 1 else f"{prompt.broken} control tokens"
            message.notes.append(f"{tokens} in the text broken up by a space: a server takes them for its own")
        if (seed := request.sampling.seed) is not None:
            sampling = msgspec.structs.replace(request.sampling, seed=seed + candidate)
            request = msgspec.structs.replace(request, sampling=sampling)
        try:
            async with aclosing(self._writer.written(request, prompt, message, found, decided.likeliest)) as pieces:
                async for piece in pieces:
                    if not isinstance(piece, Token):
                        early.append(piece)
                    elif piece.text:
                        early.append(msgspec.structs.replace(piece, candidate=candidate))
                    if message.accepted:  # until then it may be refused for want of room, as if never asked
                        for event in early:
                            yield event
                        early.clear()
        except EngineError:
            if not self._api.aborted:
                raise
            message.reason = "cancel"
        for event in early:
            yield event
        if rest := message.flush():
            yield Token(rest, candidate=candidate)
        if message.reason == "error":
            message.notes.append("the server or its filter cut this message off")
        if banned and not message.text.strip() and message.reason == "stop":
            raise CallsAnywayError(
                "the server cannot be kept from calling code", hint="ask again without forcing an answer"
            )
        finished = message.finished(candidate, self._limit, self._load_ms)
        if finished.usage.prompt_tokens:
            self._per_token = len(prompt.text) / finished.usage.prompt_tokens
        yield finished

    def _fitted(self, request: GenerateRequest, prompt: RemotePrompt, counted: int) -> GenerateRequest:
        """The limit holds here too, as well as one can count without the server's tokenizer; it refuses what is over.

        Args:
            counted: tokens of the prompt as the server counted them, 0 where it did not: then they are estimated.

        Raises:
            ContextError: there is no room for the prompt.
        """
        if not self._limit:
            return request
        per_token = max(self._per_token, GENEROUS) if self._refuses else self._per_token or TYPICAL
        needed = counted or int(len(prompt.text) / per_token) + 1
        if needed + request.reserve > self._limit:
            about = "" if counted else "about "
            raise ContextError(
                f"the conversation needs {about}{needed:,} tokens and there is room for {self._limit:,}",
                hint="ask something shorter or begin a new conversation",
            )
        room = max(request.reserve, int((self._limit - needed) * 0.95))
        sampling = msgspec.structs.replace(request.sampling, max_tokens=min(request.sampling.max_tokens, room))
        return msgspec.structs.replace(request, sampling=sampling)

    @property
    def _limit(self) -> int:
        return self._info.context_limit if self._info else 0


def api_key(settings: EngineSettings, address: Address, environment: Mapping[str, str] = os.environ) -> str:
    """The key for a server, from the environment only.

    A key of OpenAI's goes out only where nobody can listen: encrypted, or to this machine.

    Raises:
        ModelError: the variable that the settings name is not set.
    """
    if name := settings.api_key_env:
        if not environment.get(name):
            raise ModelError(f"the environment has no {name}, which engine.api_key_env names", hint=f"export {name}=…")
        return environment[name].strip()
    private = address.scheme == "https" or address.host in ("localhost", "127.0.0.1", "::1")
    names = KEYS if private else KEYS[:1]
    return next((environment[name].strip() for name in names if environment.get(name)), "")


def _only(listed: Mapping[str, int], address: Address) -> str:
    """The one model that a server can mean."""
    # mlx_lm.server lists the whole local cache beside the folder that it was started with.
    meant = [name for name in listed if name.startswith("/")] or list(listed)
    if len(meant) > 1:
        some = ", ".join(meant[:5]) + (" …" if len(meant) > 5 else "")
        raise ModelError(f"{address.url} has {len(meant)} models: {some}", hint=f"name one: {address.name}#MODEL")
    return meant[0] if meant else ""
