"""Each state of the screen as a picture: small and dark, large and light."""

from __future__ import annotations

import pytest

from .states import STATES, state

LOOKS = {"dark-80x24": ("codemode-dark", (80, 24)), "light-160x50": ("codemode-light", (160, 50))}


FEEDBACK = {"strip", "candidate", "tries", "nothing", "writing", "review", "rows", "review_empty"}
WIDE = ("codemode-light", (120, 40))
UNSEEN = {"corrected", "reviewed"}
"""Made of parts that other pictures show."""


@pytest.mark.parametrize("name", sorted(FEEDBACK))
@pytest.mark.parametrize("look", ["dark-80x24", "light-120x40"])
def test_feedback(snap_compare, name, look):
    theme, size = LOOKS.get(look, WIDE)
    shown = state(name, theme)
    assert snap_compare(shown.app, terminal_size=size, run_before=shown.reach)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", [name for name in STATES if name not in FEEDBACK | UNSEEN])
def test_the_screen(snap_compare, name, look):
    theme, size = LOOKS[look]
    shown = state(name, theme)
    assert snap_compare(shown.app, terminal_size=size, run_before=shown.reach)
