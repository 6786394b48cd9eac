"""A loaded model: prompt in, decision and tokens out. Runs in the worker's main thread only."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.utils import dequantize_model

from codemode_tui.engine.api import (
    Finished,
    FinishReason,
    GenerateRequest,
    Progress,
    Token,
    ToolLikelihood,
    Usage,
)
from codemode_tui.engine.caching import MAX_BYTES, Caches, Live
from codemode_tui.engine.encoding import Encoder
from codemode_tui.engine.ends import check_tokenizer, end_ids, vocabulary
from codemode_tui.engine.few_ops import Forward, few_ops
from codemode_tui.engine.lean import load_model
from codemode_tui.engine.levers import ban_openings, opening_probabilities, total_probability
from codemode_tui.engine.lookup import GUESSED, Guesses, Worth, typical
from codemode_tui.engine.memory import FLOAT_COPY_BELOW, PREFILL_CHUNK
from codemode_tui.engine.models import context_limit as own_limit
from codemode_tui.engine.repetition import Repetition
from codemode_tui.engine.sampling import draw, penalties, sampler_of, scripted, seed_for
from codemode_tui.engine.texts import TextStream
from codemode_tui.errors import ContextError, ModelError

DEAREST = 3.0
"""Passes over one token that a pass over a guess may cost: more than that is seldom right of one."""
TRIALS = 3
ENDLESS = "the model repeats itself without end and was stopped"

Emit = Callable[[Progress | ToolLikelihood | Token | Finished], None]
Cancelled = Callable[[], bool]


class Read(NamedTuple):
    """A prompt that the model has read."""

    ids: list[int]
    cached: int
    """How many of them were in the cache already."""
    logits: mx.array
    """For the first token of the message, ``[1, vocabulary]``."""
    began: float
    seconds: float


class LoadedModel:
    """Weights, tokenizer and caches."""

    def __init__(
        self,
        folder: Path,
        context_limit: int,
        emit: Callable[[Progress], None],
        *,
        adapter: str = "",
        kv_bits: int = 0,
        saved_bytes: int = 0,
        cache_bytes: int = 0,
        token_bytes: int = 0,
        note: str = "",
    ) -> None:
        """
        Args:
            folder: the model's files.
            context_limit: tokens; 0 takes the model's own limit.
            emit: is told how far the loading is.
            adapter: folder of an adapter, if any.
            kv_bits: 4 or 8 quantises the KV caches; 0 does not.
            saved_bytes: of disk for saved KV caches.
            cache_bytes: of memory for the KV caches of all conversations; 0 leaves it to them.
            token_bytes: what one token more adds to such a cache; 0 if unknown.
            note: said with the first message.
        """
        began = time.monotonic()
        self.notes: list[str] = []
        self._folder = folder
        self._grammars: Any = None
        self.model, config = load_model(folder, lazy=True)
        self.encoder = Encoder(folder)
        self.vocabulary = vocabulary(config)
        check_tokenizer(folder, self.encoder.added, self.encoder.largest, self.vocabulary)
        self._materialise(emit)
        if adapter:
            from codemode_tui.engine.adapter import adapt

            self.notes.append(adapt(self.model, Path(adapter)))
        self.ends = end_ids(folder, config, self.encoder.added)
        self.context_limit = min(filter(None, (own_limit(config), context_limit)), default=0)
        self.caches = Caches(
            self.model,
            kv_bits=kv_bits,
            disk_bytes=saved_bytes,
            numbers=", ".join(self.notes),
            max_bytes=cache_bytes or MAX_BYTES,
            token_bytes=token_bytes,
        )
        # Quantised caches hold other arrays than its few operations read; a GPU has kernels for what they avoid.
        plain = kv_bits or mx.default_device() != mx.Device(mx.cpu)
        self.forward: Forward = (None if plain else few_ops(self.model)) or self.model
        self._said = typical(folder, self.vocabulary)
        self._worth: Worth | None = None
        """Of guessing what comes next; None where it cannot pay."""
        self._unsaid = "; ".join(filter(None, (note, self.caches.note)))
        self.load_ms = (time.monotonic() - began) * 1000

    def warm(self) -> None:
        """Do once what the first question would wait for: kernels are made when they are first used.

        It shows, too, what reading a guess costs: a pass over several tokens is nearly free for some models, and no
        cheaper than as many passes for others (experts, a slow BLAS).
        """
        live = Live(lambda: make_prompt_cache(self.model))
        seconds: dict[int, float] = {}
        for count in (PREFILL_CHUNK, *(1, 1 + GUESSED) * TRIALS):
            began = time.perf_counter()
            mx.eval(self._feed(live, [0] * count))
            seconds[count] = min(seconds.get(count, math.inf), time.perf_counter() - began)
        price = seconds[1 + GUESSED] / seconds[1]
        self._worth = Worth(price) if price < DEAREST else None
        mx.clear_cache()

    def forget(self, conversation: str) -> None:
        """Let go of what is known of a conversation that was deleted."""
        self.caches.forget(conversation)
        self._said = typical(self._folder, self.vocabulary)

    def generate(
        self, request: GenerateRequest, emit: Emit, cancelled: Cancelled, script: tuple[int, ...] | None
    ) -> None:
        """Generate all candidates of ``request``, emitting events; ends early when ``cancelled``.

        Raises:
            ContextError: prompt and ``reserve`` do not fit; nothing was emitted.
            ModelError: the prompt holds ids of another model's tokenizer.
        """
        began = time.monotonic()
        ids = self._encode(request)
        room = min(filter(None, (len(ids) + request.sampling.max_tokens, self.context_limit)))
        live = self.caches.of(request.conversation, ids, request.cache_key, request.keep, room=room)
        try:
            cached = len(live.tokens)
            logits = self._read(live, ids, emit, cancelled)
            if logits is None:
                emit(Finished("cancel", "", (), Usage(len(ids), cached, context_limit=self.context_limit)))
                return
            read = Read(ids, cached, logits, began, time.monotonic() - began)
            live.mark()
            opening = self._decide(request, live, read, emit)
            for candidate in range(request.candidates):
                if self._message(request, live, read, opening, candidate, emit, cancelled, script) == "cancel":
                    return
        except BaseException:
            self.caches.forget(request.conversation, request.keep)  # what is in it now, nobody knows
            raise

    # -- before the first token ----------------------------------------------------------------------

    def _encode(self, request: GenerateRequest) -> list[int]:
        limit, reserve = self.context_limit, max(1, request.reserve)
        if limit and (least := self.encoder.least(request.prompt)) > limit:
            raise _too_long(f"at least {least:,}", limit, 1)
        ids = self.encoder.encode(request.prompt)
        if limit and len(ids) + reserve > limit:
            raise _too_long(f"{len(ids):,}", limit, reserve)
        if ids and self.vocabulary and not 0 <= min(ids) <= max(ids) < self.vocabulary:  # mlx would crash
            raise ModelError("the conversation holds tokens that this model does not know", hint="begin a new one")
        return ids

    def _materialise(self, emit: Callable[[Progress], None]) -> None:
        """Read the weights from disk, layer by layer, so that there is progress to show."""
        weights = [array for _, array in tree_flatten(self.model.parameters())]
        total = sum(array.nbytes for array in weights)
        done = 0
        emit(Progress("load", 0, total))
        for at in range(0, len(weights), 16):
            part = weights[at : at + 16]
            mx.eval(part)
            done += sum(array.nbytes for array in part)
            emit(Progress("load", done, total))
        if wants_float_copy(weights):
            self.model = dequantize_model(self.model)
            mx.eval(self.model.parameters())
            self.notes.append("float copy")

    def _read(self, live: Live, ids: list[int], emit: Emit, cancelled: Cancelled) -> mx.array | None:
        """Feed what the cache lacks of a prompt. Returns its last logits, ``[1, vocabulary]``; None when cancelled."""
        while (at := len(live.tokens)) < len(ids) - 1:
            if cancelled():
                return None
            emit(Progress("prefill", at, len(ids)))
            self._feed(live, ids[at : min(at + PREFILL_CHUNK, len(ids) - 1)])
            mx.clear_cache()
        if cancelled():
            return None
        # By itself: of a whole chunk the logits would be worked out for every position.
        logits = self._feed(live, ids[-1:])[-1:]
        mx.eval(logits)
        return logits

    def _feed(self, live: Live, tokens: Sequence[int]) -> mx.array:
        """Feed tokens; returns their logits, ``[len(tokens), vocabulary]``, not worked out yet."""
        logits: mx.array = self.forward(mx.array(list(tokens))[None], cache=live.kv)[0]
        live.tokens += tokens
        mx.eval([layer.state for layer in live.kv])
        return logits

    def _back_to(self, live: Live, tokens: Sequence[int]) -> None:
        """Have exactly ``tokens`` in the cache, of which it has had all before."""
        live.trim(len(tokens))
        while missing := tokens[len(live.tokens) : len(live.tokens) + PREFILL_CHUNK]:  # it could not be trimmed
            self._feed(live, missing)

    def _decide(self, request: GenerateRequest, live: Live, read: Read, emit: Emit) -> tuple[int, ...]:
        """Measure P(tool); returns the ids to prefill (empty unless a call is forced)."""
        openings = {text: ids for text in request.openings if (ids := tuple(self.encoder.trusted(text)))}
        if not openings:
            return ()

        def forward(ids: Sequence[int], known: int) -> mx.array:
            self._back_to(live, [*read.ids, *ids[:known]])
            return _log_softmax(self._feed(live, ids[known:]))

        found = opening_probabilities(openings, _log_softmax(read.logits)[0], forward)
        emit(ToolLikelihood(min(1.0, total_probability(openings, found)), found))
        return openings[max(found, key=lambda text: found[text])] if request.force == "tool" else ()

    # -- one message ---------------------------------------------------------------------------------

    def _message(
        self,
        request: GenerateRequest,
        live: Live,
        read: Read,
        opening: tuple[int, ...],
        candidate: int,
        emit: Emit,
        cancelled: Cancelled,
        script: tuple[int, ...] | None,
    ) -> FinishReason:
        """Generate one candidate, its ``Finished`` included. Returns why it ended."""
        self._back_to(live, read.ids)
        # Only the token ends a message: text that spells it may stand in code, or be what was asked about.
        added = self.encoder.added
        ends = self.ends | {added[text] for text in request.stop if text in added}
        stream = TextStream(self.encoder.full, [text for text in request.stop if text not in added])
        made: list[int] = []
        ending: list[int] = []
        for token in opening:
            made.append(token)
            emit(Token(stream.add(token), (token,), candidate, prefilled=True))
        reason: FinishReason = "length"
        circles = Repetition()
        notes, self._unsaid = [self._unsaid] if self._unsaid else [], ""
        first = 0.0
        sampled = 0
        guesses = None
        if request.guesses and self._worth and script is None:
            guesses = Guesses(read.ids, self._said, self._worth)
        for token in self._tokens(request, live, read, opening, candidate, script, guesses):
            first = first or time.monotonic()
            if token in ends:
                reason, ending = "stop", [token]
                break
            made.append(token)
            sampled += 1
            emit(Token(stream.add(token), (token,), candidate))
            if stream.stopped:
                reason = "stop"
                break
            if cancelled():
                reason = "cancel"
                break
            if circles.add(token):
                notes.append(ENDLESS)
                break
        if rest := stream.flush():
            emit(Token(rest, (), candidate))
        now = time.monotonic()
        self._said.add([*made, *ending])
        self._said.end()
        usage = Usage(
            prompt_tokens=len(read.ids),
            cached_tokens=read.cached,
            generated_tokens=len(made),
            context_limit=self.context_limit,
            ttft_ms=(first - read.began) * 1000 if first else 0.0,
            prompt_tps=(len(read.ids) - read.cached) / read.seconds if read.seconds else 0.0,
            decode_tps=(sampled - 1) / (now - first) if sampled > 1 and now > first else 0.0,
            total_ms=(now - read.began) * 1000,
            peak_memory_bytes=int(mx.get_peak_memory()),
            guessed_tokens=guesses.right if guesses else 0,
        )
        # Ids of a message that ended at a stop text would replay more than the text.
        emit(Finished(reason, stream.text, () if stream.stopped else tuple(made), usage, candidate, notes=tuple(notes)))
        return reason

    def _tokens(
        self,
        request: GenerateRequest,
        live: Live,
        read: Read,
        opening: tuple[int, ...],
        candidate: int,
        script: tuple[int, ...] | None,
        guesses: Guesses | None,
    ) -> Iterator[int]:
        sampling = request.sampling
        mx.random.seed(seed_for(sampling, candidate))
        limit = sampling.max_tokens
        if self.context_limit:
            limit = min(limit, max(1, self.context_limit - len(read.ids) - len(opening)))
        processors = penalties(sampling)
        if request.force == "direct" and request.openings:
            # Processors see one token of the prompt.
            encoder = self.encoder
            processors.append(ban_openings(request.openings, 1, encoder.trusted, encoder.control, self.ends))
        if request.guide:
            from codemode_tui.engine.grammar import Grammars

            self._grammars = self._grammars or Grammars(self._folder, read.logits.shape[-1], self.ends)
            begun = request.prompt[-1].token_ids if request.prompt else None
            processors.append(self._grammars.processor(request.guide, 1, begun or ()))
        return draw(
            self.forward,
            live,
            last=read.ids[-1],
            logits=read.logits,
            opening=opening,
            sampler=sampler_of(sampling, read.logits.shape[-1]) if script is None else scripted(script),
            processors=processors,
            limit=limit,
            guesses=guesses,
        )


def wants_float_copy(weights: list[Any]) -> bool:
    """Whether a model of these arrays runs faster here as a float copy: small, quantised, on a CPU."""
    quantised = any(array.dtype == mx.uint32 for array in weights)
    small = sum(array.nbytes for array in weights) < FLOAT_COPY_BELOW
    return quantised and small and bool(mx.default_device() == mx.Device(mx.cpu))


def _log_softmax(logits: mx.array) -> mx.array:
    logits = logits.astype(mx.float32)
    return logits - mx.logsumexp(logits, axis=-1, keepdims=True)


def _too_long(needed: str, limit: int, reserve: int) -> ContextError:
    answer = f" and {reserve:,} for an answer" if reserve > 1 else ""
    return ContextError(
        f"the conversation needs {needed} tokens{answer}, and the model has room for {limit:,}",
        hint="ask something shorter or begin a new conversation",
    )
