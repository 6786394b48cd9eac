"""A hundred thousand hostile outputs: through the gate, and on through Rich to a terminal, comes nothing but text."""

from __future__ import annotations

import io
import random
import re
import unicodedata

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from codemode_tui.sandbox.sanitise import OutputDecoder, one_line, sanitise_text, visible_code

OUTPUTS = 100_000
PIECES = [
    "\x1b[2J", "\x1b]8;;http://e/\x1b\\link\x1b]8;;\x1b\\", "\x1b]52;c;ZXZpbA==\x07", "\x1b]0;title\x07",
    "\x9b31m", "\x90q\x9c", "\x1bP1$r\x1b\\", "\x1b[6n", "\x1b[?1049h", "\x1bc", "\x0e", "\x0f", "\x05",
    "\x7f", "\x00", "\x08\x08", "\r", "\r\n", "\n", "\t", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff",
    "\u00ad", "\u2028", "\U000e0041", "\U000e0150", "\ufe0f", "\ufe00", "\u034f", "\ud800", "\udfff",
    "\ue000", "\u0301" * 40, "[red]", "[/]", "[@click=app.quit]x[/]", "[link=http://e]", "👩\u200d💻", "日本",
    "é", "e\u0301", "a", "1", " ", "❤\ufe0f", "葛\U000e0100", "\uffa0", "\u115f",
]  # fmt: skip
ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200c\u200e\u200f\u061c\u202a-\u202e\u2060-\u206f\ufeff\u00ad\u2028\u2029"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\U000f0000-\U0010ffff]"
)


def hostile(r: random.Random) -> str:
    kind = r.randrange(4)
    if kind == 0:
        decoder = OutputDecoder()
        return decoder.feed(r.randbytes(r.randrange(40))) + decoder.feed(b"", final=True)
    if kind == 1:
        return "".join(chr(r.randrange(0x110000)) for _ in range(r.randrange(12)))
    if kind == 2:
        return "".join(chr(r.randrange(0x250)) for _ in range(r.randrange(20)))
    return "".join(r.choices(PIECES, k=r.randrange(8)))


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
