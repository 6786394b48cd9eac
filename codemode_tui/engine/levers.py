"""The decision levers: P(tool) from the logits, *force tool*, *force direct*.

The decision is taken at the first position of the assistant message. A profile lists the texts that
begin a call; P(tool) is the summed probability of those token sequences, measured, not guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from itertools import takewhile

import mlx.core as mx

NEGLIGIBLE = 1e-4
"""Branches of less probability are not followed and count as nothing: each would cost a forward pass."""

_TAG = re.compile(r"<(\w+)>")
_BARE = "<function="
"""Begins the inner part of a call, which models write without the outer one."""

Forward = Callable[[Sequence[int], int], mx.array]
"""``forward(ids, known)`` feeds ``ids[known:]`` behind the decision position and the first ``known`` of them, and
returns log-probabilities, one row for each that was fed: ``[len(ids) - known, vocabulary]``."""


def opening_probabilities(openings: dict[str, tuple[int, ...]], first: mx.array, forward: Forward) -> dict[str, float]:
    """Probability of each opening.

    What several openings begin with is fed once, and only what is likely enough is fed at all: an opening of one
    token costs nothing, and a model that is about to answer is asked no further.

    Args:
        openings: text to token ids.
        first: log-probabilities at the decision position, ``[vocabulary]``.
        forward: evaluates a continuation; the caller trims its cache afterwards.
    """
    found = dict.fromkeys(openings, 0.0)

    def follow(group: list[tuple[str, tuple[int, ...]]], depth: int, logs: mx.array, reached: float) -> None:
        branches: dict[int, list[tuple[str, tuple[int, ...]]]] = {}
        for text, ids in group:
            branches.setdefault(ids[depth], []).append((text, ids))
        for token, branch in branches.items():
            log = reached + _item(logs[token])
            for text, ids in branch:
                if len(ids) == depth + 1:
                    found[text] = math.exp(log)
            longer = [one for one in branch if len(one[1]) > depth + 1]
            if not longer or math.exp(log) < NEGLIGIBLE:
                continue
            # All that they share, and of each at most what stands before its last token.
            end = min(_shared([ids for _, ids in longer]), *(len(ids) - 1 for _, ids in longer))
            path = longer[0][1][:end]
            rows = forward(path, depth)
            inner = [rows[at - depth - 1, path[at]] for at in range(depth + 1, end)]
            follow(longer, end, rows[-1], log + (_item(mx.stack(inner).sum()) if inner else 0.0))

    follow(list(openings.items()), 0, first, 0.0)
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
    openings: Sequence[str],
    prompt_length: int,
    trusted: Callable[[str], Sequence[int]],
    control: AbstractSet[int],
    ends: AbstractSet[int],
) -> Callable[[mx.array, mx.array], mx.array]:
    """A logits processor that makes every opening impossible.

    The call tag itself is banned at every position, and so is what closes it: a model that is sure of a call goes on in
    its midst otherwise. An opening that starts with prose is banned at its third token, once the first two have come:
    "I'll" stays possible, "I'll use the … tool" not.

    Args:
        openings: texts that begin a call.
        prompt_length: tokens of the prompt that the processor sees.
        trusted: text to token ids, tags being tokens.
        control: ids of all tags.
        ends: ids that end a message; none ends one that has not begun.
    """
    sequences = [tuple(trusted(text)) for text in openings]
    tags = {tag for text in openings for tag in _TAG.findall(text)}
    closing = [ids[0] for tag in tags if len(ids := trusted(f"</{tag}>")) == 1]
    always = mx.array(sorted({
        *(ids[-1] for ids in sequences if ids[-1:] and (len(ids) == 1 or ids[-1] in control)), *closing,
    }))  # fmt: skip
    longer = [ids for ids in [*sequences, *([tuple(trusted(_BARE))] if tags else [])] if len(ids) > 1]

    def process(tokens: mx.array, logits: mx.array) -> mx.array:
        if always.size:
            logits[:, always] = -mx.inf
        made = tokens.size - prompt_length
        if made == 0 and ends:
            logits[:, mx.array(sorted(ends))] = -mx.inf
        for ids in longer:
            at = min(2, len(ids) - 1)
            if made == at and tokens[prompt_length:].tolist() == list(ids[:at]):
                logits[:, ids[at]] = -mx.inf
        return logits

    return process


def _shared(sequences: Sequence[tuple[int, ...]]) -> int:
    """How many tokens all of them begin with."""
    return sum(1 for _ in takewhile(lambda tokens: len(set(tokens)) == 1, zip(*sequences, strict=False)))


def _item(value: mx.array) -> float:
    number = value.item()
    assert isinstance(number, float)
    return number
