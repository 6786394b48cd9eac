"""A hundred thousand hostile outputs: through the gate, and on through Rich to a terminal, comes nothing but text."""

from __future__ import annotations

import io
import random
import unicodedata

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from support.noise import ACTS, hostile

from codemode_tui.sandbox.sanitise import one_line, sanitise_text, visible_code

OUTPUTS = 100_000


def test_a_hundred_thousand_outputs_hold_nothing_that_acts():
    r = random.Random(11)
    for _ in range(OUTPUTS):
        text = hostile(r)
        shown = sanitise_text(text)
        assert not ACTS.search(shown), ascii(text)
        assert sanitise_text(shown) == shown, ascii(text)


def test_through_rich_they_are_still_nothing_but_text():
    r = random.Random(12)
    for _ in range(60):
        shown = sanitise_text("\n".join(hostile(r) for _ in range(50)))
        file = io.StringIO()
        console = Console(file=file, force_terminal=True, color_system="truecolor", width=80, legacy_windows=False)
        console.print(Text(shown))
        console.print(shown, markup=False, highlight=False, emoji=False)
        assert not ACTS.search(file.getvalue().replace("\t", ""))


def test_other_forms_of_text_pass_the_same_gate():
    r = random.Random(13)
    for _ in range(5_000):
        text = hostile(r)
        assert not ACTS.search(visible_code(text))
        assert not ACTS.search(one_line(text)) and "\n" not in one_line(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" + "\u0301" * 10, "a" + "\u0301" * 8 + "\\u0301" * 2),
        ("漢\u200d字", "漢\\u200d字"),
        ("🙂\u200d↔\ufe0f", "🙂\u200d↔\ufe0f"),
        ("🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("a\ufe0f", "a\\ufe0f"),
        ("😀\U000e0101\U000e0102", "😀\\U000e0101\\U000e0102"),
        ("葛\U000e0100", "葛\U000e0100"),
        ("葛\U000e0100\U000e0101", "葛\U000e0100\\U000e0101"),
        ("a\u034fb\u17b4", "a\\u034fb\\u17b4"),
        ("ที่ שָׁ Tiếng कि", "ที่ שָׁ Tiếng कि"),
    ],
)
def test_what_shows_nothing_is_shown_and_what_people_write_stays(text, shown):
    assert sanitise_text(text) == shown


@pytest.mark.parametrize("char", ["\u0301", "\u20dd", "\u200d", "\ufe0f", "\U000e0101", "\u200b", "\u034f"])
def test_a_flood_of_what_has_no_width_becomes_wide(char):
    assert cell_len(sanitise_text("a" + char * 1000)) > 5000


def test_a_flood_of_wide_characters_keeps_its_width():
    text = "日" * 10_000
    assert sanitise_text(text) == text and cell_len(text) == 20_000
    assert all(unicodedata.category(char) == "Lo" for char in text)
