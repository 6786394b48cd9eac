"""A loaded model: prompt in, decision and tokens out. Runs in the worker's main thread only."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.generate import generate_step
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.sample_utils import make_logits_processors, make_sampler
from mlx_lm.utils import dequantize_model, load_model

from codemode_tui.engine.api import (
    Finished,
    FinishReason,
    GenerateRequest,
    Progress,
    Token,
    ToolLikelihood,
    Usage,
)
from codemode_tui.engine.caching import Caches, Live
from codemode_tui.engine.encoding import Encoder
from codemode_tui.engine.levers import ban_openings, opening_probabilities, total_probability
from codemode_tui.engine.texts import TextStream
from codemode_tui.errors import ContextError, ModelError
from codemode_tui.protocol.render import END, START

PREFILL_CHUNK = 256
"""Tokens fed at once: between chunks a cancel is seen and progress reported."""
FLOAT_COPY_BELOW = 64 * 1024 * 1024
"""Bytes of quantised weights up to which a CPU holds a float copy: prefill is 7 times faster."""

Emit = Callable[[Progress | ToolLikelihood | Token | Finished], None]
Cancelled = Callable[[], bool]


class LoadedModel:
    """Weights, tokenizer and caches."""

    def __init__(
        self, folder: Path, context_limit: int, emit: Callable[[Progress], None], *, adapter: str = ""
    ) -> None:
        began = time.monotonic()
        self.notes: list[str] = []
        self.model, config = load_model(folder, lazy=True)
        self.encoder = Encoder(folder)
        self.vocabulary = int(config.get("vocab_size") or 0)
        check_tokenizer(folder, self.encoder, self.vocabulary)
        self._materialise(emit)
        if adapter:
            from codemode_tui.engine.adapter import adapt

            self.notes.append(adapt(self.model, Path(adapter)))
        self.ends = end_ids(folder, config)
        own = int(config.get("max_position_embeddings") or 0)
        self.context_limit = min(filter(None, (own, context_limit)), default=0)
        self.caches = Caches(self.model)
        self.load_ms = (time.monotonic() - began) * 1000

    def generate(
        self, request: GenerateRequest, emit: Emit, cancelled: Cancelled, script: tuple[int, ...] | None
    ) -> None:
        """Generate all candidates of ``request``, emitting events; ends early when ``cancelled``."""
        began = time.monotonic()
        if self.context_limit and (least := self.encoder.least(request.prompt)) > self.context_limit:
            raise _too_long(f"at least {least:,}", self.context_limit)
        ids = self.encoder.encode(request.prompt)
        room = self.context_limit - len(ids) if self.context_limit else request.sampling.max_tokens
        if room < 1:
            raise _too_long(f"{len(ids):,}", self.context_limit)
        live = self.caches.of(request.conversation)
        cached = live.keep(ids)
        self._prefill(live, ids[cached:-1], len(ids), emit, cancelled)
        read_ms = (time.monotonic() - began) * 1000
        if cancelled():
            emit(Finished("cancel", "", (), Usage(len(ids), cached, context_limit=self.context_limit)))
            return
        opening = self._decide(request, live, ids[-1], emit)
        for candidate in range(request.candidates):
            live.trim(len(ids) - 1)
            finished = self._message(request, live, ids, opening, candidate, emit, cancelled, script, began)
            new = len(ids) - cached
            usage = Usage(
                prompt_tokens=len(ids),
                cached_tokens=cached,
                generated_tokens=finished[5],
                context_limit=self.context_limit,
                ttft_ms=finished[3],
                prompt_tps=new / (read_ms / 1000) if read_ms else 0.0,
                decode_tps=finished[4],
                total_ms=(time.monotonic() - began) * 1000,
                peak_memory_bytes=int(mx.get_peak_memory()),
            )
            emit(Finished(finished[2], finished[0], tuple(finished[1]), usage, candidate))
            if finished[2] == "cancel":
                return

    def warm(self) -> None:
        """Read and write once, so that the first question does not wait for kernels to be compiled."""
        kv = make_prompt_cache(self.model)
        for width in (PREFILL_CHUNK, 1) if mx.default_device() == mx.Device(mx.gpu) else (1,):
            mx.eval(self.model(mx.array([[0] * width]), cache=kv))
        mx.clear_cache()

    # -- before the first token ----------------------------------------------------------------------

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

    def _prefill(self, live: Live, tokens: list[int], total: int, emit: Emit, cancelled: Cancelled) -> None:
        for at in range(0, len(tokens), PREFILL_CHUNK):
            if cancelled():
                return
            emit(Progress("prefill", len(live.tokens), total))
            part = tokens[at : at + PREFILL_CHUNK]
            self.model(mx.array(part)[None], cache=live.kv)
            mx.eval([layer.state for layer in live.kv])
            live.tokens += part
            mx.clear_cache()

    def _decide(self, request: GenerateRequest, live: Live, last: int, emit: Emit) -> tuple[int, ...]:
        """Measure P(tool); returns the ids to prefill (empty unless a call is forced)."""
        openings = {text: tuple(self.encoder.trusted(text)) for text in request.openings}
        if not openings:
            return ()
        at = len(live.tokens)

        def forward(tokens: list[int]) -> Any:  # noqa: ANN401 - mx.array
            live.trim(at + 1)
            logits = self.model(mx.array(tokens)[None], cache=live.kv)[0].astype(mx.float32)
            live.tokens += tokens
            return logits - mx.logsumexp(logits, axis=-1, keepdims=True)

        found = opening_probabilities(openings, forward([last])[-1], lambda ids: forward(list(ids)))
        emit(ToolLikelihood(min(1.0, total_probability(openings, found)), found))
        return openings[max(found, key=lambda text: found[text])] if request.force == "tool" else ()

    # -- one message ---------------------------------------------------------------------------------

    def _message(
        self,
        request: GenerateRequest,
        live: Live,
        ids: list[int],
        opening: tuple[int, ...],
        candidate: int,
        emit: Emit,
        cancelled: Cancelled,
        script: tuple[int, ...] | None,
        began: float,
    ) -> tuple[str, list[int], FinishReason, float, float, int]:
        """One candidate: text, ids, reason, time to first token (ms), tokens per second, tokens made."""
        stream = TextStream(self.encoder.full, request.stop)
        made: list[int] = []
        for token in opening:
            made.append(token)
            emit(Token(stream.add(token), (token,), candidate, prefilled=True))
        reason: FinishReason = "length"
        first, ttft = 0.0, 0.0
        fed = [ids[-1], *opening]
        sampled = 0
        for token in self._tokens(request, live, fed, len(ids), candidate, script, room=len(ids) + len(opening)):
            if sampled == 0:
                first = time.monotonic()
                ttft = (first - began) * 1000
            if token in self.ends:
                reason = "stop"
                break
            made.append(token)
            sampled += 1
            text = stream.add(token)
            emit(Token(text, (token,), candidate))
            if stream.stopped:
                reason = "stop"
                break
            if cancelled():
                reason = "cancel"
                break
        # The library runs one token ahead: the cache holds what has been yielded, not more than that.
        live.tokens = (ids + made)[: _offset(live)] if _offset(live) <= len(ids) + len(made) else ids + made + [token]
        rest = stream.flush()
        if rest:
            emit(Token(rest, (), candidate))
        spent = time.monotonic() - first if first else 0.0
        speed = (sampled - 1) / spent if sampled > 1 and spent else 0.0
        # Ids of a message that ended at a stop text would replay more than the text.
        return stream.text, [] if stream.stopped else made, reason, ttft, speed, len(made)

    def _tokens(
        self,
        request: GenerateRequest,
        live: Live,
        fed: list[int],
        prompt_length: int,
        candidate: int,
        script: tuple[int, ...] | None,
        room: int,
    ) -> Iterator[int]:
        sampling = request.sampling
        if sampling.seed is not None or request.candidates > 1:
            mx.random.seed((sampling.seed or 0) + candidate)
        limit = sampling.max_tokens
        if self.context_limit:
            limit = min(limit, max(1, self.context_limit - room))
        processors = make_logits_processors(
            repetition_penalty=sampling.repetition_penalty if sampling.repetition_penalty != 1.0 else None
        )
        if request.force == "direct" and request.openings:
            openings = [tuple(self.encoder.trusted(text)) for text in request.openings]
            tags = [ids[-1] for ids in openings if ids[-1] in self.encoder.control]
            # The processor sees only what generate_step was fed: one prompt token, then what it made.
            processors.append(ban_openings(openings, len(fed), tags))
        sampler = (
            scripted(script)
            if script is not None
            else make_sampler(
                temp=sampling.temp,
                top_p=sampling.top_p if sampling.top_p < 1 else 0.0,
                min_p=sampling.min_p,
                top_k=sampling.top_k if sampling.top_k < self.vocabulary else 0,
            )
        )
        steps = generate_step(
            mx.array(fed),
            self.model,
            max_tokens=limit,
            sampler=sampler,
            logits_processors=processors or None,
            prompt_cache=live.kv,
        )
        for token, _ in steps:
            yield int(token)


def wants_float_copy(weights: list[Any]) -> bool:
    """Whether a model of these arrays runs faster here as a float copy: small, quantised, on a CPU."""
    quantised = any(array.dtype == mx.uint32 for array in weights)
    small = sum(array.nbytes for array in weights) < FLOAT_COPY_BELOW
    return quantised and small and bool(mx.default_device() == mx.Device(mx.cpu))


def end_ids(folder: Path, config: dict[str, Any]) -> frozenset[int]:
    """The ids that end a message: of ``generation_config.json``, else of the model's config."""
    try:
        table = json.loads((folder / "generation_config.json").read_text("utf-8"))
    except (OSError, ValueError):
        table = {}
    found = (table if isinstance(table, dict) else {}).get("eos_token_id", config.get("eos_token_id"))
    return frozenset(one for one in (found if isinstance(found, list) else [found]) if isinstance(one, int))


def check_tokenizer(folder: Path, encoder: Encoder, vocabulary: int) -> None:
    """Whether a tokenizer can be this model's.

    Args:
        vocabulary: rows of the model's embedding; 0 when unknown.

    Raises:
        ModelError: it makes ids that the model lacks, or it does not know the ends of a turn, so that the
            model would never stop.
    """
    missing = [token for token in (START, END) if token not in encoder.added]
    if missing:
        raise ModelError(
            f"the tokenizer in {folder} has no token {' and no '.join(missing)}",
            hint="copy tokenizer.json from the original model, or choose a model that speaks ChatML",
        )
    if vocabulary and encoder.largest >= vocabulary:
        raise ModelError(
            f"the tokenizer in {folder} knows {encoder.largest + 1:,} tokens and the model {vocabulary:,}",
            hint="copy tokenizer.json from the original model",
        )


def _offset(live: Live) -> int:
    return int(live.kv[0].offset)


def scripted(script: tuple[int, ...]) -> Callable[[Any], Any]:
    """A sampler that follows a script, whatever the logits say."""
    position = iter(script)

    def sample(logprobs: Any) -> Any:  # noqa: ANN401 - mx.array
        return mx.array([next(position, 0)] * logprobs.shape[0])

    return sample


def _too_long(needed: str, limit: int) -> ContextError:
    return ContextError(
        f"the conversation needs {needed} tokens and the model has room for {limit:,}",
        hint="ask something shorter or begin a new conversation",
    )
