"""The index of near-duplicates says exactly what comparing every pair would say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.corpus.near import NearIndex, grams, leaked


def jaccard(one: str, other: str) -> float:
    """By the definition, from scratch."""
    a, b = ({t[i : i + 5] for i in range(len(t) - 4)} or {t} for t in (one, other))
    return len(a & b) / len(a | b)


WORDS = st.lists(st.sampled_from(["count", "lines", "words", "in", "notes.txt", "the", "a"]), max_size=14).map(" ".join)


@st.composite
def variants(draw):
    """Texts that resemble each other more or less: one, edited here and there."""
    base = draw(WORDS | st.text(alphabet="ab ", max_size=60))
    made = [base]
    for _ in range(draw(st.integers(0, 6))):
        text = draw(st.sampled_from(made))
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 3))
        made.append(text[:at] + draw(st.text(alphabet="abxé ", max_size=4)) + text[at + cut :])
    return made


TEXTS = st.lists(variants(), max_size=4).map(lambda found: [text for some in found for text in some])


@given(TEXTS, TEXTS)
def test_the_index_finds_what_brute_force_finds(queries, known):
    expected = {q for q in queries if any(jaccard(q, k) >= 0.8 - 1e-12 for k in known)}
    found = leaked(queries, iter(known))
    assert set(found) == expected
    assert all(jaccard(query, text) >= 0.8 - 1e-12 for query, text in found.items())
    assert all(found[query] == query for query in found if query in known)


@given(TEXTS, WORDS)
def test_every_near_text_is_found_once(texts, text):
    found = list(NearIndex(texts).near(text))
    assert sorted(found) == sorted({t for t in texts if jaccard(t, text) >= 0.8 - 1e-12})


def test_the_threshold_itself_is_near():
    one, other = "abcdefghijklm", "abcdefghijkl"  # 9 and 8 grams
    assert jaccard(one, other) == pytest.approx(8 / 9)
    assert list(NearIndex([one]).near(other)) == [one]
    four, five = "abcdefgh", "abcdefghi"  # 4 of 5 grams
    assert jaccard(four, five) == 0.8
    assert list(NearIndex([five]).near(four)) == [five]
    three, four = "abcdefg", "abcdefgh"  # 3 of 4
    assert list(NearIndex([four]).near(three)) == []


def test_short_texts_are_near_only_to_themselves():
    assert grams("ls") == {"ls"} and grams("") == {""}
    assert leaked(["ls", "", "hello"], ["ls", "pwd", "hello"]) == {"ls": "ls", "hello": "hello"}


def test_letters_count_as_they_are():
    assert leaked(["Count the lines of notes.txt"], ["COUNT THE LINES OF NOTES.TXT"]) == {}


def test_known_texts_are_read_once_and_as_they_come():
    def endless():
        yield "Show the file notes.txt to me"
        yield "something else altogether"

    assert leaked(["Show the file notes.txt to me!"], endless()) == {
        "Show the file notes.txt to me!": "Show the file notes.txt to me"
    }
