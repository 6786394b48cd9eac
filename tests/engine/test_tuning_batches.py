"""Batches: every row has its turn, within the budget, in an order that a resumed run repeats."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.engine.tuning.batches import IGNORED, draw, encode, in_order, padded, padded_length
from codemode_tui.protocol.render import render_text
from codemode_tui.protocol.types import Segment

LENGTHS = st.lists(st.integers(2, 700), min_size=1, max_size=30)


@given(LENGTHS, st.integers(32, 2048))
def test_in_order_holds_every_row_once_and_within_the_budget(lengths, tokens):
    batches = list(in_order(lengths, tokens))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        size = padded_length(max(lengths[row] for row in batch), max(lengths))
        assert len(batch) == 1 or len(batch) * size <= tokens


@given(LENGTHS, LENGTHS, st.integers(64, 2048), st.integers(0, 9))
def test_drawn_batches_keep_to_the_budget_and_repeat_with_their_seed(own, base, tokens, seed):
    first, again = (list(islice(draw([own, base], [0.5, 0.5], tokens, seed), 20)) for _ in range(2))
    assert first == again
    lengths = [*own, *base]
    for batch in first:
        size = padded_length(max(lengths[row] for row in batch), max(lengths))
        assert batch and (len(batch) == 1 or len(batch) * size <= tokens)


def test_every_row_of_a_set_comes_before_any_comes_again_and_sets_have_their_share():
    drawn = [row for batch in islice(draw([[100] * 5, [100] * 50], [0.75, 0.25], 512, 1), 200) for row in batch]
    own = [row for row in drawn if row < 5]
    counts = Counter(own)
    assert 0.65 < len(own) / len(drawn) < 0.85
    assert max(counts.values()) - min(counts.values()) < 0.1 * len(own)


def test_targets_are_what_is_learnt_one_place_earlier():
    pieces = [((Segment(text),), mine) for text, mine in (("ab", False), ("cd", True), ("e", False))]
    row = encode(lambda segments: [ord(char) for char in render_text(segments)], lambda text: [*map(ord, text)], pieces)
    ids, targets = padded([row], 6)
    assert ids[0].tolist() == [97, 98, 99, 100, 101, 0]
    assert targets[0].tolist() == [IGNORED, 99, 100, IGNORED, IGNORED, IGNORED]


def test_a_row_is_never_cut():
    with pytest.raises(ValueError, match="does not fit"):
        padded([([1, 2, 3], [False, True, True])], 2)
