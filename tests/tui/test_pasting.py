"""Pastes are taken out of the input whole, wherever the terminal's writes are cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from codemode_tui.front.pasting import BEGIN, END, Pasted, Pastes
from codemode_tui.tui.pasting import PasteParser

KEYS = st.text("ab\x1b[2001~AO", max_size=12).filter(lambda text: BEGIN not in text)
TEXT = st.text("ab\x1b[2001~\n\0", max_size=20).filter(lambda text: END not in text)


def cut(text: str, places: list[int]) -> list[str]:
    edges = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[a:b] for a, b in itertools.pairwise(edges)]


def split(chunks: list[str]) -> list[str | Pasted]:
    pastes, found = Pastes(), []
    for chunk in chunks:
        for part in pastes.feed(chunk):
            if found and isinstance(part, str) and isinstance(found[-1], str):
                found[-1] += part
            else:
                found.append(part)
    return found


@given(st.lists(st.tuples(KEYS, TEXT), max_size=4), st.lists(st.integers(0, 200), max_size=12))
def test_nothing_is_lost_wherever_it_is_cut(parts, places):
    whole = "".join(keys + BEGIN + text + END for keys, text in parts)
    found = split(cut(whole, places))
    assert "".join(f"{BEGIN}{one.text}{END}" if isinstance(one, Pasted) else one for one in found) == whole


@given(TEXT, st.lists(st.integers(0, 200), max_size=8))
def test_a_paste_whose_beginning_came_whole_is_one(text, places):
    found = split(["x", f"k{BEGIN}", *cut(text + END, places), "y"])
    assert found == ["xk", Pasted(text), "y"]


def test_a_paste_presses_no_keys():
    parser = PasteParser()
    found = list(parser.feed(f"a{BEGIN}ls\x1b[A\x1b\x07\0{END}b"))
    assert [one.text for one in found if isinstance(one, events.Paste)] == ["ls\x1b[A\x1b\x07"]
    assert [one.key for one in found if isinstance(one, events.Key)] == ["a", "b"]


def test_a_paste_whose_beginning_was_cut_still_arrives():
    parser = PasteParser()
    found = [one for chunk in ("\x1b[2", "00~hi", END, "c") for one in parser.feed(chunk)]
    assert [one.text for one in found if isinstance(one, events.Paste)] == ["hi"]
    assert [one.key for one in found if isinstance(one, events.Key)] == ["c"]


@pytest.mark.parametrize(
    ("reads", "keys"),
    [
        (["\x1b\x1b[A"], ["alt+up"]),
        (["a\x1b\x1bOB\x1b[B"], ["a", "alt+down", "down"]),
        (["\x1b\x1b[5~"], ["alt+pageup"]),
        (["\x1b\x1b\x1b[A"], ["escape", "alt+up"]),
        (["\x1b", "\x1b[A"], ["escape", "up"]),
    ],
)
def test_an_arrow_behind_an_escape_is_alt_and_the_arrow_unless_it_came_later(reads, keys):
    parser = PasteParser()
    assert [one.key for read in reads for one in parser.feed(read)] == keys


def test_an_arrow_behind_an_escape_is_text_in_a_paste():
    (found,) = PasteParser().feed(f"{BEGIN}\x1b\x1b[A{END}")
    assert isinstance(found, events.Paste) and found.text == "\x1b\x1b[A"
