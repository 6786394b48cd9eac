"""The one gate to the terminal: whatever goes in, nothing that acts on a terminal comes out."""

from __future__ import annotations

import itertools
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemode_tui.sandbox.sanitise import (
    OutputDecoder,
    one_line,
    one_name,
    restored,
    sanitise_text,
    visible_code,
    visible_prose,
)


@settings(max_examples=500)
@given(st.text(st.characters(), max_size=60))
def test_nothing_that_acts_comes_out(text):
    for char in sanitise_text(text):
        assert char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Co", "Zl", "Zp")
        assert unicodedata.category(char) != "Cf" or char == "\u200d"


@given(st.text(max_size=60))
def test_twice_is_as_good_as_once(text):
    once = sanitise_text(text)
    assert sanitise_text(once) == once


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("a\u202eb", "a\\u202eb"),
        ("a\rb", "a\\x0db"),
        ("a\r\nb", "a\nb"),
        ("\U000e0041", "\\U000e0041"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("äöü 漢字 e\u0301 👩\u200d💻", "äöü 漢字 e\u0301 👩\u200d💻"),
        ("\u2139\ufe0f 1\ufe0f\u20e3 a\ufe0f", "\u2139\ufe0f 1\ufe0f\u20e3 a\\ufe0f"),
        ("report1\ufe0f.txt '\ufe0f +\ufe0f \ufe0f", "report1\\ufe0f.txt '\\ufe0f +\\ufe0f \\ufe0f"),
        ("⚠\ufe0f ©\ufe0f ⁉\ufe0f ⚠\ufe0f\ufe0f", "⚠\ufe0f ©\ufe0f ⁉\ufe0f ⚠\ufe0f\\ufe0f"),
        ("\ufe0f" * 2000 + "\u200d", "\\ufe0f" * 2000 + "\\u200d"),
        ("ab\u200dcd", "ab\\u200dcd"),
        ("[red]x[/red] [@click=app.quit]y[/]", "[red]x[/red] [@click=app.quit]y[/]"),
    ],
)
def test_what_acts_is_shown_and_what_is_text_stays(text, shown):
    assert sanitise_text(text) == shown


WRITTEN = st.text(st.sampled_from("aب්漢́👩🏴 \n\\x1b\u200c\u200d\u00ad\u202e\x1b\x9b\U000e0067\U000e007f\ufe0f"))
FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{3,6}\U000e007f")
TURNS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


@settings(max_examples=500)
@given(st.text(st.characters(), max_size=60) | WRITTEN)
def test_nothing_that_acts_comes_out_of_prose(text):
    shown = visible_prose(text)
    assert visible_prose(shown) == shown
    for char in FLAG.sub("", shown):
        assert char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Co", "Zl", "Zp")
        assert unicodedata.bidirectional(char) not in TURNS and char not in "\u200e\u200f\u061c"
        assert not "\U000e0000" <= char <= "\U000e007f"


@pytest.mark.parametrize("flood", ["\u200c", "\u00ad", "\u034f", "\u200b\u200d", "\u0301" * 8 + "\u200d", "\u180b"])
def test_a_flood_of_what_shows_nothing_is_shown_in_prose_too(flood):
    assert visible_prose("a" + flood * 1000).count("\\") >= 990


@given(WRITTEN, st.text("bc. "), st.sampled_from([visible_code, visible_prose]))
def test_what_was_left_as_it_stood_comes_back_as_it_was(text, more, show):
    shown = show(text)
    assert restored(shown, text, shown) == text
    if "\\" not in text:  # else it may spell an escape out
        assert restored(more + shown + more, text, shown) == more + text + more


def test_an_escape_that_somebody_spelt_out_stays_one():
    text = "\\u202e is \u202e, and \x1b"
    shown = visible_code(text)
    assert restored(f"{shown}!", text, shown) == "\\u202e is \\u202e, and \x1b!"


def test_a_carriage_return_cannot_hide_a_line_of_code():
    assert visible_code("x = 1 #\rimport os\ny") == "x = 1 #\\x0dimport os\ny"


def test_one_line_is_one_line():
    assert one_line("a\nb\t c" + "d" * 500, 20) == "a b cddddddddddddddd…"[:19] + "…"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a  b.txt ", "a  b.txt "), ("a\u00a0b\u3000\n\tc", "a\\xa0b\\u3000\\x0a\\x09c"), ("d" * 30, "d" * 19 + "…")],
)
def test_two_names_never_look_the_same(name, shown):
    assert one_name(name, 20) == shown or one_name(name, 60) == shown


@given(st.binary(max_size=80), st.lists(st.integers(0, 80), max_size=4))
def test_bytes_decode_the_same_wherever_they_are_split(data, cuts):
    decoder = OutputDecoder()
    places = [0, *sorted(c for c in cuts if c <= len(data)), len(data)]
    pieces = [decoder.feed(data[a:b]) for a, b in itertools.pairwise(places)]
    assert "".join(pieces) + decoder.feed(b"", final=True) == data.decode("utf-8", "replace")
