"""Guesses of what comes next: what stood behind the same few tokens, as long as it pays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.engine.lookup import GUESSED, LONGEST, RESTS, SAID, SHORTEST, Guesses, Texts, Worth, typical

IDS = st.lists(st.integers(0, 5), max_size=60)


@given(st.lists(IDS, max_size=4), st.integers(SHORTEST, LONGEST), st.integers(0, 9))
def test_what_is_found_stood_behind_the_same_ids_of_one_text(texts, length, most):
    known = Texts()
    for text in texts:
        known.add(text)
        known.end()
    for text in texts:
        for end in range(length, len(text)):
            last = text[end - length : end]
            found = known.after(last, most)
            assert len(found) <= most
            assert any(
                one[at : at + length] == last and one[at + length : at + length + len(found)] == found
                for one in texts
                for at in range(len(one) - length + 1)
            )
            assert found or not most or any(one[-length:] == last for one in texts)


def test_the_last_time_counts_and_old_texts_go():
    known = Texts(kept=8)
    known.add([1, 2, 3, 1, 2, 4])
    assert known.after([1, 2], 2) == [4]
    known.end()
    known.add([1, 2, 5, 6])
    assert known.after([1, 2], 9) == [5, 6]
    known.add(range(10, 20))
    assert known.after([1, 2], 9) == []
    assert known.after([17, 18], 9) == [19]


@given(IDS, IDS, IDS)
def test_a_message_guesses_from_its_own_text_before_that_of_others(prompt, said, message):
    others = Texts()
    others.add(said)
    guesses = Guesses(prompt, others, Worth(0.5))
    text = list(prompt)
    for token in message:
        found = guesses.next(GUESSED)
        assert len(found) <= GUESSED
        own = [at for at in range(1, len(text)) if len(text) >= LONGEST and text[at - LONGEST : at] == text[-LONGEST:]]
        if own[:1] and own[-1] < len(text):
            assert found[0] == text[own[-1]]
        guesses.add(token)
        text.append(token)


def test_guessing_rests_longer_and_longer_where_it_does_not_pay():
    worth = Worth(1.5)
    guessed = 0
    for _ in range(20_000):
        if worth.pays:
            guessed += 1
            worth.learn(0)
        else:
            worth.drawn()
    assert 20 < guessed < 100


def test_guesses_that_are_right_go_on_also_after_worse_times():
    worth = Worth(1.5)
    guesses = Guesses([1, 2, 3, 1, 2], Texts(), worth)
    for _ in range(100):
        assert worth.pays and guesses.next(1) == [3]
        guesses.learn(1)
    assert guesses.right == 100
    while worth.pays:
        worth.learn(0)
    for _ in range(RESTS[0]):
        assert not worth.pays
        worth.drawn()
    for _ in range(50):
        assert worth.pays
        guesses.learn(4)


@pytest.mark.parametrize("text", [None, "", "[[1,2,", '{"a":1}', "[[1.5]]", "[[1,2,99999]]", "[[-1,2,3]]"])
def test_a_model_that_does_not_say_what_it_says_is_not_guessed_from(tmp_path, text):
    if text is not None:
        (tmp_path / SAID).write_text(text)
    assert typical(tmp_path, 100).after([1, 2], 5) == []


def test_what_a_model_typically_says_is_guessed_from_its_first_message_on(tmp_path):
    (tmp_path / SAID).write_text("[[1,2,3,4],[1,2,5]]")
    known = typical(tmp_path, 100)
    assert known.after([1, 2], 5) == [5] and known.after([2, 3], 5) == [4]
