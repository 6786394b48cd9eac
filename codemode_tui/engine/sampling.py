"""How tokens are drawn behind a prompt that has been read: sampler, processors, seeds, and the run of tokens."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import mlx.core as mx
from mlx_lm.generate import generate_step
from mlx_lm.models.cache import can_trim_prompt_cache
from mlx_lm.sample_utils import make_logits_processors, make_sampler

from codemode_tui.engine.api import Sampling
from codemode_tui.engine.caching import Live
from codemode_tui.engine.lookup import GUESSED, Guesses

Processor = Callable[[mx.array, mx.array], mx.array]
"""Of the tokens so far and logits ``[1, vocabulary]``; it may write into the logits."""
Sampler = Callable[[mx.array], mx.array]
CLEARED_EVERY = 256
"""Passes between two times that memory of arrays that are no more is given back, as ``generate_step`` has it."""


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
    guesses: Guesses | None = None,
) -> Iterator[int]:
    """Draw tokens. At each one ``live.tokens`` says what is in the cache, which may be more than that.

    Args:
        live: holds the prompt, and nothing behind it.
        last: the last token of the prompt, the first that the processors see.
        logits: what the model made of the prompt, ``[1, vocabulary]``: the first token needs no further pass.
        opening: what the message begins with, not drawn and not yielded.
        limit: tokens at most; 1 or more.
        guesses: of what comes next; None where they would not pay.
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
    if guesses is not None:
        seen, fed, limit = yield from _guessed(model, live, seen, fed, sampler, processors, limit, guesses)
        if not limit:
            return
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
        if guesses is not None:
            guesses.worth.drawn()
        yield int(drawn)


def _guessed(
    model: Any,  # noqa: ANN401 - an mlx module
    live: Live,
    seen: list[int],
    fed: list[int],
    sampler: Sampler,
    processors: list[Processor],
    limit: int,
    guesses: Guesses,
) -> Generator[int, None, tuple[list[int], list[int], int]]:
    """Draw as ``generate_step`` does, one pass for what was guessed and the token behind it, while that pays.

    Args:
        seen: what processors see before ``fed``.
        fed: what is to be fed first.

    Returns:
        ``seen``, ``fed`` and ``limit`` of what is left to be drawn.
    """
    passes = 0
    for token in fed:
        guesses.add(token)
    while limit and guesses.worth.pays and _goes_back(live.kv, len(fed) + GUESSED):
        guess = guesses.next(limit - 1)
        logits = model(mx.array([[*fed, *guess]]), cache=live.kv)[0, len(fed) - 1 :]
        live.tokens += [*fed, *guess]
        drawn: list[int] = []
        for place in range(len(guess) + 1):  # one after another: as many are drawn, and seen, as without guesses
            row = logits[place : place + 1]
            for process in processors:
                row = process(mx.array([*seen, *fed, *drawn]), row)
            drawn += _ids(sampler(row - mx.logsumexp(row, axis=-1, keepdims=True)))
            if drawn[-1:] != guess[place : place + 1]:
                break
        if guess:
            guesses.learn(len(drawn) - 1)
            live.trim(len(live.tokens) - len(guess) + len(drawn) - 1)
        for token in drawn:
            guesses.add(token)
            yield token
        seen += [*fed, *drawn[:-1]]
        fed, limit = drawn[-1:], limit - len(drawn)
        if (passes := passes + 1) % CLEARED_EVERY == 0:
            mx.clear_cache()
    return seen, fed, limit


def _goes_back(layers: Sequence[Any], more: int) -> bool:
    """Whether ``layers`` of a cache can forget again what ``more`` tokens put into them: one that holds a window
    cannot once it is full."""
    windows = [one for layer in layers for one in getattr(layer, "caches", (layer,)) if hasattr(one, "max_size")]
    return can_trim_prompt_cache(layers) and all(one.offset + more < one.max_size for one in windows)


def _behind(before: mx.array, process: Processor) -> Processor:
    return lambda tokens, logits: process(mx.concatenate([before, tokens]), logits)


def _ids(drawn: mx.array) -> list[int]:
    ids: list[int] = drawn.tolist()  # type: ignore[assignment]
    return ids
