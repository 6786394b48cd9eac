"""What the rest of the house knows of an engine: requests, events, and the interface."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Literal, Protocol

import msgspec

from codemode_tui.errors import EngineError
from codemode_tui.protocol.types import Segment

FinishReason = Literal["stop", "length", "cancel", "error"]
Force = Literal["tool", "direct"]
Guide = Literal["phase22", "qwen3-coder"]
"""How calls are written that a grammar lets through."""
Phase = Literal["start", "load", "warm", "queue", "prefill"]
"""``queue``: somebody else's question is being answered."""


class Sampling(msgspec.Struct, frozen=True):
    """How tokens are drawn. The defaults are greedy and repeatable."""

    temp: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    seed: int | None = None
    max_tokens: int = 2048


class AdapterInfo(msgspec.Struct, frozen=True):
    """A trained change of a model's weights, kept beside them."""

    base: str
    """Name of the model that it changes."""
    base_path: str
    base_sha256: str
    """Of the base's weights, as they were when it was trained."""
    bytes: int
    rank: int


class ModelInfo(msgspec.Struct, frozen=True):
    """Which model answers. ``model info --json`` prints this (CONTRACT, ``model``)."""

    name: str
    path: str
    bytes: int
    """Size of the weights on disk."""
    quantization: dict[str, int] | None
    """``{"bits", "group_size"}`` or None for float weights."""
    weights_sha256: str
    """Of an adapter: of the base's weights and its own."""
    profile: str
    engine: Literal["mlx", "openai"] = "mlx"
    architecture: str = ""
    context_limit: int = 0
    """Tokens; 0 when unknown."""
    tokenizer_sha256: str = ""
    template_sha256: str = ""
    adapter: AdapterInfo | None = None


class GenerateRequest(msgspec.Struct, frozen=True):
    """One assistant message to be generated."""

    prompt: tuple[Segment, ...]
    sampling: Sampling
    stop: tuple[str, ...] = ()
    """Texts that end the message, besides the model's own end-of-turn ids. Not part of the output."""
    openings: tuple[str, ...] = ()
    """The profile's tool openings: texts that begin a call (DESIGN §4)."""
    force: Force | None = None
    """``tool`` prefills the likeliest opening, ``direct`` bans every opening."""
    candidates: int = 1
    """How many messages to sample from the same prompt, one after another, seeds counting up from the given one."""
    guide: Guide | None = None
    """Draw only what a grammar lets through: calls of this dialect, whole and well-formed. None draws freely."""
    conversation: str = ""
    """Key of the live KV cache; requests of one conversation reuse their common prefix."""
    reserve: int = 1
    """Tokens that must be left for the message: with less room the prompt is refused (``ContextError``)."""
    cache_key: str = ""
    """What a cache is good for beyond this process (``kv_files.key_of``); empty: it is neither saved nor shared."""
    keep: bool = False
    """The conversation is a stored session: its cache is saved with it."""
    guesses: bool = True
    """Read what the model will probably say in one pass, where that pays: quicker, and the same tokens."""


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """Long work before the first token."""

    phase: Phase
    done: int
    total: int
    """Bytes while loading, tokens while prefilling; 0 when unknown."""


class ToolLikelihood(msgspec.Struct, frozen=True, tag="likelihood"):
    """P(tool): summed probability of the openings at the decision position, before any lever."""

    probability: float
    by_opening: dict[str, float] = {}


class Token(msgspec.Struct, frozen=True, tag="token"):
    """Generated text, one token or several. ``ids`` may be empty (flushed bytes), ``text`` too (half a character)."""

    text: str
    ids: tuple[int, ...] = ()
    candidate: int = 0
    prefilled: bool = False
    """True for the opening that *force tool* put there: it belongs to the raw text."""


class Usage(msgspec.Struct, frozen=True):
    """Counts and times of one generated message."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    context_limit: int = 0
    load_ms: float = 0.0
    ttft_ms: float = 0.0
    prompt_tps: float = 0.0
    decode_tps: float = 0.0
    total_ms: float = 0.0
    peak_memory_bytes: int = 0
    guessed_tokens: int = 0
    """Read in a guess of what comes next, and right."""


def decode_tps(messages: Iterable[tuple[int, float]]) -> float:
    """Tokens per second over several messages, of each its tokens and its rate; 0 where none has a rate.

    The first token of each is no part of it: that one waits for the prompt.
    """
    timed = [(tokens - 1, rate) for tokens, rate in messages if tokens > 1 and rate > 0]
    return sum(tokens for tokens, _ in timed) / sum(tokens / rate for tokens, rate in timed) if timed else 0.0


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The end of one candidate. ``text`` is the whole raw message, end-of-turn token left out."""

    finish_reason: FinishReason
    text: str
    token_ids: tuple[int, ...]
    usage: Usage
    candidate: int = 0
    rebuilt: bool = False
    """Not what the model wrote to the letter: a server took it apart, and here it is together again."""
    notes: tuple[str, ...] = ()
    """What is to be known of how it came about, for people."""


EngineEvent = Progress | ToolLikelihood | Token | Finished
OnProgress = Callable[[Progress], None]


class CallsAnywayError(EngineError):
    """The model was to answer, and begins a call; nothing keeps it from that."""


class Engine(Protocol):
    """One model, ready to generate. One message at a time; a second request waits its turn.

    Every method raises ``EngineError`` when the worker died or cannot be reached, ``ModelError``
    when the model folder is wrong.
    """

    @property
    def info(self) -> ModelInfo | None:
        """The loaded model, None before ``start`` has finished."""
        ...

    @property
    def running(self) -> bool:
        """False when the worker is not there (never started, died, closed)."""
        ...

    async def start(self, on_progress: OnProgress | None = None) -> ModelInfo:
        """Start the worker and load the model; returns at once when that is done already.

        After a death it starts a fresh worker: one call is the whole restart.
        """
        ...

    def generate(self, request: GenerateRequest) -> AsyncIterator[EngineEvent]:
        """Stream one message. Closing the iterator (``aclose``) cancels within 100 ms of decode."""
        ...

    async def cancel(self) -> None:
        """Stop the message being generated; its stream ends with ``Finished("cancel", …)``."""
        ...

    async def close(self) -> None:
        """End the lease; the worker is gone when this returns. Never raises."""
        ...
