"""The picture in the README: the real application, a scripted conversation, the same bytes every time.

PYTHONPATH=tests python -m support.picture OUT.svg [THEME]
"""

from __future__ import annotations

import asyncio
import html
import re
import sys
from collections.abc import Callable
from pathlib import Path

from support.scripted import Item, ScriptedChat, answer, approval, call, run
from textual.pilot import Pilot

from codemode_tui import locations
from codemode_tui.errors import CodemodeError, UsageError
from codemode_tui.front.themes import choose
from codemode_tui.tui.app import CodemodeApp
from codemode_tui.tui.confirm_panel import ConfirmPanel
from codemode_tui.tui.themes import load_themes

SIZE = (104, 46)
QUESTIONS = ("How many TODOs are left, and in which files?", "Write them down as a checklist in TODO.md")
FIRST = """hits = search_files(r"TODO", glob="*.py")
files = {}
for hit in hits:
    path = hit.split(":")[0]
    files[path] = files.get(path, 0) + 1
for path, count in sorted(files.items()):
    print(f"{count:3}  {path}")
"""
PRINTED = "  4  app/routes.py\n  1  app/settings.py\n  2  tests/test_routes.py\n"
ANSWER = (
    "There are **7** TODOs left in 3 files. Most of them, four, are in `app/routes.py`; "
    "`tests/test_routes.py` has two and `app/settings.py` one."
)
SECOND = """hits = search_files(r"TODO:? *(.*)", glob="*.py")
lines = [f"- [ ] {hit.split('TODO', 1)[1].strip(': ')}" for hit in hits]
print(write_file("TODO.md", "\\n".join(lines) + "\\n"))
"""


def scripts() -> tuple[list[Item], list[Item]]:
    one, two = "turn-1", "turn-2"
    tools = ("search_files",)
    first = [
        *call(one, FIRST),
        approval(one, FIRST, tools, ()),
        *run(one, FIRST, PRINTED, tool=tools[0]),
        *answer(one, ANSWER, step=1, probability=None),
    ]
    second = [
        *call(two, SECOND, probability=0.971),
        approval(two, SECOND, ("search_files", "write_file"), ("TODO.md",)),
    ]
    return first, second


async def draw(theme: str, size: tuple[int, int] = SIZE) -> str:
    """The screen as SVG: one finished turn, and code that waits for an answer."""
    themes = load_themes(locations.themes_dirs())
    choose(themes, theme)
    app = CodemodeApp(ScriptedChat(*scripts()), themes=themes, theme=theme, reduced_motion=True, guard=0.0)
    async with app.run_test(size=size) as pilot:
        await _until(pilot, lambda: app.main.status.state == "ready" and bool(app.main.header.sandbox))
        await _ask(pilot, app, QUESTIONS[0])
        await pilot.press("y")
        await _until(pilot, lambda: not app.main.driver.running)
        await _ask(pilot, app, QUESTIONS[1])
        return portable(await _still(pilot, app))


async def _still(pilot: Pilot[None], app: CodemodeApp) -> str:
    """The screen once it has come to rest: on a busy machine its parts are laid out one after another."""
    before, now = "", app.export_screenshot(title="codemode")
    while now != before:
        await pilot.pause(0.1)
        before, now = now, app.export_screenshot(title="codemode")
    return now


async def _ask(pilot: Pilot[None], app: CodemodeApp, question: str) -> None:
    """Send a question and wait until its code is there to be answered."""
    app.main.prompt.put(question)
    app.main.prompt.action_send()
    await _until(pilot, lambda: any(panel.armed and panel.has_focus for panel in app.main.query(ConfirmPanel)))


async def _until(pilot: Pilot[None], ready: Callable[[], bool]) -> None:
    while not ready():
        await pilot.pause(0.01)
    await pilot.pause()


def portable(svg: str) -> str:
    """``svg`` with leading spaces as an offset: some renderers drop them, and text would move to the left."""

    def shifted(match: re.Match[str]) -> str:
        spaces, x = match["spaces"].count(";"), float(match["x"])
        width = float(match["length"])
        cells = spaces + len(html.unescape(match["rest"]))
        step = width / cells if cells else 0.0
        head = match["head"].replace(f'x="{match["x"]}"', f'x="{x + spaces * step:.1f}"')
        head = head.replace(f'textLength="{match["length"]}"', f'textLength="{width - spaces * step:.1f}"')
        return f"{head}{match['rest']}</text>"

    return _PADDED.sub(shifted, svg)


_PADDED = re.compile(
    r'(?P<head><text [^>]*?x="(?P<x>[\d.]+)"[^>]*?textLength="(?P<length>[\d.]+)"[^>]*>)'
    r"(?P<spaces>(?:&#160;)+)(?P<rest>[^<]*)</text>"
)


def main(argv: list[str]) -> int:
    try:
        if not argv:
            raise UsageError("no file to write", hint="PYTHONPATH=tests python -m support.picture OUT.svg")
        svg = asyncio.run(draw(argv[1] if len(argv) > 1 else "codemode-dark"))
    except CodemodeError as error:
        print(f"picture: {error.line()}", file=sys.stderr)
        return error.exit_code
    Path(argv[0]).write_text(svg, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
