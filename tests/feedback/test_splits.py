"""Splits never move, and nothing stands nearly the same in two of them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.corpus.near import grams, near, normalised
from codemode_tui.feedback.splits import SHARES, Place, assign, hashed, owed

WORDS = st.lists(
    st.sampled_from(["count", "lines", "words", "in", "notes.txt", "the", "a", "HOW", "many"]), min_size=1, max_size=12
).map(" ".join)


@st.composite
def questions(draw):
    """Questions that resemble each other more or less: some, edited here and there."""
    made = draw(st.lists(WORDS, min_size=1, max_size=4))
    for _ in range(draw(st.integers(0, 8))):
        text = draw(st.sampled_from(made))
        at = draw(st.integers(0, len(text)))
        made.append(text[:at] + draw(st.text(alphabet="abx ", max_size=3)) + text[at + draw(st.integers(0, 2)) :])
    return made


@st.composite
def histories(draw):
    """Turns of a few sessions, and imported rows between them."""
    asked = draw(questions())
    firsts: dict[str, str] = {}
    places = []
    for number in range(draw(st.integers(1, 14))):
        query = draw(st.sampled_from(asked))
        fixed = draw(st.sampled_from([None, None, None, "train", "valid", "test"]))
        session = f"row {number}" if fixed else draw(st.sampled_from("abcdef"))
        first = firsts.setdefault(session, query)
        nods = (query,) if query != first and draw(st.booleans()) else ()
        places.append(Place(session, first, (first,) if nods else (first, query), fixed, nods=nods))
        if fixed and draw(st.booleans()):
            places.append(Place(session, first, (draw(st.sampled_from(asked)),), fixed, edited=True))
    return places


@given(histories(), st.data())
def test_what_comes_later_moves_nothing(places, data):
    some = data.draw(st.integers(0, len(places)))
    assert assign(places[:some]).found == assign(places).found[:some]


@given(histories(), st.sets(st.sampled_from("abcdef"), min_size=1))
def test_what_is_purged_moves_nothing(places, gone):
    kept = owed(places, gone)
    stay = [place for place in places if place.session not in gone]
    before = [split for place, split in zip(places, assign(places).found, strict=True) if place.session not in gone]
    after = assign([place._replace(kept=kept.get(place.session)) for place in stay]).found
    assert [(a, b) for a, b in zip(before, after, strict=True) if a and b and a != b] == []


def test_what_something_purged_kept_out_of_a_split_draws_nobody_after_it():
    """An edited row that stood too near to what is purged fits then, and what resembles it stays all the same."""
    places = [
        Place("b", "acount count", ("acount count",) * 2),
        Place("row 1", "count count", ("count count",) * 2, "valid"),
        Place("row 1", "count count", ("aacount count",), "valid", edited=True),
        Place("a", "aaacount count", ("aaacount count",) * 2),
    ]
    before = assign(places).homes["a"]
    kept = owed(places, {"b"})
    assert assign([place._replace(kept=kept.get(place.session)) for place in places[1:]]).homes["a"] == before


@given(histories())
def test_no_near_pair_stands_in_two_splits(places):
    found = [(place, split) for place, split in zip(places, assign(places).found, strict=True) if split is not None]
    for (one, split), (other, elsewhere) in itertools.combinations(found, 2):
        if split != elsewhere:
            for text, another in itertools.product(one.texts, other.texts):
                assert not near(grams(text), grams(another)), (text, another)
                assert normalised(text) != normalised(another)


@given(histories())
def test_turns_of_a_session_stay_together(places):
    homes: dict[str, set] = {}
    for place, split in zip(places, assign(places).found, strict=True):
        if place.fixed is None and split is not None:
            homes.setdefault(place.session, set()).add(split)
    assert all(len(splits) == 1 for splits in homes.values())


@given(histories())
def test_an_imported_row_keeps_its_split_or_has_none(places):
    for place, split in zip(places, assign(places).found, strict=True):
        assert place.fixed is None or split in (place.fixed, None)


def place(text, session=None, fixed=None):
    return Place(session or text, text, (text,), fixed)


def of(split, but=()):
    """A question whose hash says ``split``."""
    return next(
        q
        for q in (f"question of number {i:05d} exactly {'xyz' * (i % 7)}" for i in range(9999))
        if hashed(q) == split and q not in but
    )


def test_a_question_unlike_all_others_is_hashed_by_its_spelling():
    assert hashed("How  MANY lines?") == hashed("how many lines?")
    counts = [hashed(f"q{i}") for i in range(3000)]
    for split, share in SHARES:
        assert abs(counts.count(split) / 30 - share) < 4


def test_feedback_like_an_imported_test_row_is_test():
    query = of("train")
    assert assign([place(query, fixed="test"), place(query + "!")]).found == ("test", "test")


def test_an_edited_row_binds_what_comes_after_it_unless_it_is_a_leak():
    query, other = of("test"), of("train")
    edit = Place(other, query, (query,), "train", edited=True)
    assert assign([place(query), place(other, fixed="train"), edit, place(query)]).found == (
        "test", "train", None, "test",
    )  # fmt: skip
    assert assign([place(other, fixed="train"), edit, place(query)]).found == ("train", "train", "train")


def test_a_bridge_belongs_to_nothing():
    one, other = "aaaaa bbbbb ccccc ddddd eeeee fffff", "aaaaa bbbbb ccccc ddddd eeeee ffggg"
    assert near(grams(one), grams(other))
    found = assign([place(one, fixed="train"), place(other, fixed="test"), place(one + "."), place(other + ".")])
    assert found.found == ("train", None, None, None)
    assert found.groups == 0


def test_a_follow_up_like_a_question_elsewhere_is_left_out_and_its_session_stays():
    first = of("train")
    known = "What is in the file called notes.txt?"
    session = [Place("s", first, (first,)), Place("s", first, (first, known)), Place("s", first, (first, "unlike all"))]
    assert assign([place(known, fixed="test"), *session]).found == ("test", "train", None, "train")


def test_a_nod_in_two_conversations_keeps_none_of_them_out_of_its_split():
    asked = [Place(first, first, (first,), nods=("continue",)) for first in (of("train"), of("test"), of("valid"))]
    begun = place("Continue")
    assert assign([*asked, begun]).found == ("train", "test", "valid", "train")  # as the first one of them
    assert assign([place("list files", fixed="test"), asked[0]._replace(nods=("list files",))]).found == ("test", None)


@pytest.mark.parametrize("n", [1500])
def test_many_variants_of_one_question_are_one_group(n):
    found = assign(
        [place(f"How many lines mention the word number {i} in all notes of the project?") for i in range(n)]
    )
    assert found.groups == 1 and len(set(found.found)) == 1
