"""Each state of the screen as a picture: small and large, dark and light."""

from __future__ import annotations

import difflib
import html
import re
from pathlib import Path

import pytest
from rich.color import Color

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


@pytest.mark.parametrize("name", ["empty", "queued", "changed", "malformed", "review"])
async def test_no_word_is_as_faint_as_a_rule(name):
    shown = state(name, "codemode-dark")
    async with shown.app.run_test(size=(80, 24)) as pilot:
        await shown.reach(pilot)
        faint = Color.parse(shown.app.theme_variables["faint"])
        parts = [part for row in shown.app.screen._compositor.render_strips() for part in row if part.style is not None]
        assert [part.text for part in parts if part.style.color == faint and re.search("[a-z]{2}", part.text)] == []


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
