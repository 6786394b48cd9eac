"""The decision levers: P(tool) from the logits, *force tool*, *force direct*.

The decision is taken at the first position of the assistant message. A profile lists the texts that
begin a call; P(tool) is the summed probability of those token sequences, measured, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import mlx.core as mx

NEGLIGIBLE = 1e-6
"""Branches of less probability are not followed: each costs a forward pass."""

Forward = Callable[[Sequence[int]], mx.array]
"""Feeds ids after the decision position and returns log-probabilities ``[len(ids), vocabulary]``."""


def opening_probabilities(openings: dict[str, tuple[int, ...]], first: mx.array, forward: Forward) -> dict[str, float]:
    """Probability of each opening.

    Args:
        openings: text to token ids.
        first: log-probabilities at the decision position, ``[vocabulary]``.
        forward: evaluates a continuation; the caller trims its cache afterwards.
    """
    found: dict[str, float] = {}
    for text, ids in openings.items():
        begin = _probability(first[ids[0]])
        if len(ids) == 1 or begin < NEGLIGIBLE:
            found[text] = begin
            continue
        rest = forward(ids[:-1])
        steps = mx.arange(len(ids) - 1)
        log_rest = rest[steps, mx.array(ids[1:])].sum()
        found[text] = begin * _probability(log_rest)
    return found


def total_probability(openings: dict[str, tuple[int, ...]], found: dict[str, float]) -> float:
    """P(tool): the sum over all openings, less those that another one begins, which counts them already."""
    beginnings = set(openings.values())
    return sum(
        found[text]
        for text, ids in openings.items()
        if not any(ids[:length] in beginnings for length in range(1, len(ids)))
    )


def ban_openings(
    openings: Sequence[tuple[int, ...]], prompt_length: int, tags: Sequence[int]
) -> Callable[[mx.array, mx.array], mx.array]:
    """A logits processor that makes every opening impossible.

    The call tag itself is banned at every position. An opening that starts with prose is banned at
    its third token, once the first two have come: "I'll" stays possible, "I'll use the … tool" not.
    """
    always = mx.array(sorted({*tags, *(ids[0] for ids in openings if len(ids) == 1)}))
    longer = [ids for ids in openings if len(ids) > 1]

    def process(tokens: mx.array, logits: mx.array) -> mx.array:
        if always.size:
            logits[:, always] = -mx.inf
        made = tokens.size - prompt_length
        for ids in longer:
            at = min(2, len(ids) - 1)
            if made == at and tokens[prompt_length:].tolist() == list(ids[:at]):
                logits[:, ids[at]] = -mx.inf
        return logits

    return process


def _probability(log: mx.array) -> float:
    value = mx.exp(log).item()
    assert isinstance(value, float)
    return value
