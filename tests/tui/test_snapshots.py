"""Each state of the screen as a picture: small and dark, large and light."""

from __future__ import annotations

import pytest

from .states import STATES, state

LOOKS = {"dark-80x24": ("codemode-dark", (80, 24)), "light-160x50": ("codemode-light", (160, 50))}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", STATES)
def test_the_screen(snap_compare, name, look):
    theme, size = LOOKS[look]
    shown = state(name, theme)
    assert snap_compare(shown.app, terminal_size=size, run_before=shown.reach)
