"""Each state of the screen as a picture: small and large, dark and light."""

from __future__ import annotations

import pytest

from .states import STATES, state

LOOKS = {
    f"{kind}-{columns}x{rows}": (f"codemode-{kind}", (columns, rows))
    for columns, rows in ((80, 24), (160, 50))
    for kind in ("dark", "light")
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", STATES)
def test_the_screen(snap_compare, name, look):
    theme, size = LOOKS[look]
    shown = state(name, theme)
    assert snap_compare(shown.app, terminal_size=size, run_before=shown.reach)
