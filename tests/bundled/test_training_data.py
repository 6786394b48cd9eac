"""Batches: nothing is cut, and only the assistant's own words are learnt."""

import functools
import itertools

import numpy as np
import pytest

from codemode_tui import locations
from codemode_tui.bundled.recipe import leaks
from codemode_tui.bundled.recipe.batches import (
    LENGTHS,
    LENGTHS_ALONE,
    SEPARATOR,
    by_length,
    copy_batches,
    joined,
    packed,
    padded,
    talk_batches,
)
from codemode_tui.bundled.recipe.copying import FIRST_ORDINARY_ID, IGNORED, copy_batch
from codemode_tui.bundled.recipe.rows import Row, row
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.streams import STREAMS, together


def test_a_row_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(ValueError, match="a row of 9 ids does not fit into 8"):
        padded([([1] * 9, [True] * 9)], 8)


def test_a_target_is_the_next_id_where_the_assistant_speaks() -> None:
    ids, targets = padded([([5, 6, 7, 8], [False, False, True, True])], 6)
    assert ids.tolist() == [[5, 6, 7, 8, 0, 0]]
    assert targets.tolist() == [[IGNORED, 7, 8, IGNORED, IGNORED, IGNORED]]


TOKENIZER = locations.bundled_model() / "tokenizer.json"


def test_batches_are_full_of_targets_and_of_a_few_lengths() -> None:
    for ids, targets in itertools.islice(talk_batches("5/0", tokenizer=TOKENIZER, tokens=4096, chunk=100), 6):
        assert ids.shape == targets.shape
        assert ids.size == 4096
        assert ids.shape[1] in LENGTHS
        assert (targets != IGNORED).any(axis=1).all()


def test_a_row_of_its_own_for_each_conversation_ends_with_it() -> None:
    batches = talk_batches("5/0", tokenizer=TOKENIZER, tokens=4096, chunk=200, alone=True)
    for ids, targets in itertools.islice(batches, 6):
        assert ids.shape == targets.shape and 2048 <= ids.size <= 4096
        assert ids.shape[1] in LENGTHS_ALONE
        ended = np.maximum.accumulate(ids == SEPARATOR, axis=1)
        assert ((ids == SEPARATOR) == ended).all() and (targets[ended] == IGNORED).all()


def test_a_conversation_alone_is_padded_little_and_never_cut() -> None:
    rows = [([7] * size, [False] + [True] * (size - 1)) for size in (1, 128, 129, 500, 2048, 2049)]
    found = {length: [len(ids) for ((ids, _),) in groups] for length, groups in by_length(rows).items() if groups}
    assert found == {96: [1], 128: [128], 160: [129], 512: [500], 2048: [2048]}


def test_batches_are_the_same_made_here_or_in_processes_of_their_own() -> None:
    make = functools.partial(copy_batches, tokens=2048, vocab=1024, easy=2)
    with together(make, "1/0", processes=False) as here, together(make, "1/0", processes=True) as there:
        for mine, theirs in itertools.islice(zip(here, there, strict=True), 2 * STREAMS):
            assert [part.tolist() for part in mine] == [part.tolist() for part in theirs]


def test_a_process_that_fails_ends_training_and_does_not_stop_it_for_ever() -> None:
    make = functools.partial(copy_batches, tokens=2048, vocab=3, easy=0)  # fewer ids than there are special ones
    with together(make, "1/0", processes=True) as batches, pytest.raises(RuntimeError, match="stream 1/0/0"):
        next(batches)


def test_conversations_that_resemble_a_forbidden_question_are_left_out() -> None:
    chats = [row(Source(f"free/{number}"), held=False) for number in range(30)]
    asked = {leaks.blanked(text) for role, text in chats[7].turns if role == "user"}
    kept = [chat for chat in chats if leaks.free_of(asked)(chat)]
    assert chats[7] not in kept
    assert len(kept) >= 25


def test_a_conversation_that_cannot_be_made_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(source: Source, *, held: bool) -> Row:
        if source.random() < 0.5:
            raise ValueError("too many values")
        return row(source, held=held)

    monkeypatch.setattr("codemode_tui.bundled.recipe.batches.row", broken)
    ids, _ = next(itertools.islice(talk_batches("6/0", tokenizer=TOKENIZER, tokens=4096, chunk=60), 1, 2))
    assert ids.size == 4096


def test_conversations_are_packed_whole_and_hardly_anything_is_padding() -> None:
    rows = [([7] * size, [False] + [True] * (size - 1)) for size in (600, 200, 511, 512, 100, 2048, 2049, 90, 60, 30)]
    groups = packed(rows)
    assert sorted(len(ids) for found in groups.values() for group in found for ids, _ in group) == [
        30, 60, 90, 100, 200, 511, 512, 600, 2048,
    ]  # fmt: skip
    for length, found in groups.items():
        ids, targets = joined(found, length)
        assert ids.shape == targets.shape == (len(found), length)
        assert all((row == SEPARATOR).sum() >= len(group) - 1 for row, group in zip(ids, found, strict=True))

        assert (targets[ids == SEPARATOR] == IGNORED).all()


def test_what_is_copied_has_stood_in_the_row_before() -> None:
    ids, targets = copy_batch(np.random.default_rng(1), 4, 128, 1024)
    assert ids.min() >= FIRST_ORDINARY_ID
    for own, wanted in zip(ids, targets, strict=True):
        for at in np.flatnonzero(wanted != IGNORED):
            assert own[at + 1] == wanted[at]
            assert (own[at], own[at + 1]) in {(own[i], own[i + 1]) for i in range(at)}
