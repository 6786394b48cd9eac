"""How tokens are drawn behind a prompt that has been read: sampler, processors, seeds, and the run of tokens."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import mlx.core as mx
from mlx_lm.generate import generate_step
from mlx_lm.sample_utils import make_logits_processors, make_sampler

from codemode_tui.engine.api import Sampling
from codemode_tui.engine.caching import Live

Processor = Callable[[mx.array, mx.array], mx.array]
"""Of the tokens so far and logits ``[1, vocabulary]``; it may write into the logits."""
Sampler = Callable[[mx.array], mx.array]


def seed_for(sampling: Sampling, candidate: int) -> int:
    """The seed of one candidate: counted up from the given one, else new each time."""
    return secrets.randbits(63) if sampling.seed is None else (sampling.seed + candidate) % (1 << 64)


def sampler_of(sampling: Sampling, vocabulary: int) -> Sampler:
    """Draws from log-probabilities ``[1, vocabulary]``."""
    made: Sampler = make_sampler(
        temp=sampling.temp,
        top_p=sampling.top_p if sampling.top_p < 1 else 0.0,
        min_p=sampling.min_p,
        top_k=sampling.top_k if sampling.top_k < vocabulary else 0,
    )
    return made


def scripted(script: tuple[int, ...]) -> Sampler:
    """A sampler that follows a script, whatever the logits say."""
    position = iter(script)

    def sample(logprobs: mx.array) -> mx.array:
        return mx.array([next(position, 0)] * logprobs.shape[0])

    return sample


def penalties(sampling: Sampling) -> list[Processor]:
    """The processors that the settings ask for."""
    made: list[Processor] = make_logits_processors(
        repetition_penalty=sampling.repetition_penalty if sampling.repetition_penalty != 1.0 else None
    )
    return made


def draw(
    model: Any,  # noqa: ANN401 - an mlx module
    live: Live,
    *,
    last: int,
    logits: mx.array,
    opening: tuple[int, ...],
    sampler: Sampler,
    processors: list[Processor],
    limit: int,
) -> Iterator[int]:
    """Draw tokens. At each one ``live.tokens`` says what is in the cache, which may be one more than that.

    Args:
        live: holds the prompt, and nothing behind it.
        last: the last token of the prompt, the first that the processors see.
        logits: what the model made of the prompt, ``[1, vocabulary]``: the first token needs no further pass.
        opening: what the message begins with, not drawn and not yielded.
        limit: tokens at most; 1 or more.
    """
    seen, fed = [last], list(opening)
    if not fed:
        logits = logits + 0  # processors write into it, and the next candidate begins with it again
        for process in processors:
            logits = process(mx.array(seen), logits)
        (token,) = _ids(sampler(logits - mx.logsumexp(logits, keepdims=True)))
        yield token
        limit -= 1
        if not limit:
            return
        fed = [token]
    before = mx.array(seen)
    steps = generate_step(
        mx.array(fed),
        model,
        max_tokens=limit,
        sampler=sampler,
        logits_processors=[_behind(before, one) for one in processors] or None,
        prompt_cache=live.kv,
    )
    live.tokens += fed
    for drawn, _ in steps:
        live.tokens.append(int(drawn))  # it is fed before it is yielded: the next one is under way
        yield int(drawn)


def _behind(before: mx.array, process: Processor) -> Processor:
    return lambda tokens, logits: process(mx.concatenate([before, tokens]), logits)


def _ids(drawn: mx.array) -> list[int]:
    ids: list[int] = drawn.tolist()  # type: ignore[assignment]
    return ids
