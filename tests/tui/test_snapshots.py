"""Each state of the screen as a picture: small and large, dark and light."""

from __future__ import annotations

import difflib
import html
import re
from pathlib import Path

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
    shown, seen = state(name, theme), list[str]()

    async def reach(pilot):
        await shown.reach(pilot)
        seen[:] = [strip.text for strip in pilot.app.screen._compositor.render_strips()]

    if not snap_compare(shown.app, terminal_size=size, run_before=reach):
        kept = Path(__file__).parent / "__snapshots__/test_snapshots" / f"test_the_screen[{name}-{look}].svg"
        pytest.fail("\n".join(("the picture differs; its text, when it was reached:", *difference(kept, seen))))


def difference(picture: Path, seen: list[str]) -> list[str]:
    """What a kept picture says and a screen does not, and the other way round: blanks are no text in a picture."""
    lines: dict[float, str] = {}
    for y, text in re.findall(
        r'<text[^>]* y="([\d.]+)"[^>]*>(.*?)</text>', picture.read_text() if picture.exists() else ""
    ):
        lines[float(y)] = lines.get(float(y), "") + html.unescape(text)
    kept, now = ([re.sub(r"\s", "", line) for line in of] for of in ([lines[y] for y in sorted(lines)], seen))
    kept = [line for line in kept if line and line != "codemode"]  # the title of the window
    return list(difflib.unified_diff(kept, [line for line in now if line], "kept", "now", lineterm="", n=0))
