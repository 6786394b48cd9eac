"""What the tests do with the screen: start it, ask, wait, read."""

from __future__ import annotations

from collections.abc import Callable

from support.scripted import ScriptedChat
from textual.pilot import Pilot
from textual.widgets import Static

from codemode_tui import locations
from codemode_tui.front import pacing
from codemode_tui.tui.app import CodemodeApp
from codemode_tui.tui.themes import load_themes

SOON = 600
"""Looks at the screen before a test gives up: far more than a busy machine needs."""


def app_for(
    chat: ScriptedChat, *, theme: str | None = "codemode-dark", guard: float = 0.0, **more: object
) -> CodemodeApp:
    themes = load_themes(locations.themes_dirs()[:1])
    app = CodemodeApp(chat, themes=themes, theme=theme, reduced_motion=True, guard=guard, **more)
    app.main.status.clock = lambda: 0.0  # how long something takes depends on the machine
    return app


async def ask(pilot: Pilot[None], question: str) -> None:
    """Type a question and send it."""
    app = pilot.app
    assert isinstance(app, CodemodeApp)
    await pilot.pause()
    app.main.prompt.put(question)
    await pilot.press("enter")
    await settle(pilot)


async def settle(pilot: Pilot[None]) -> None:
    """Until the script waits for somebody and all that it sent has been shown, however slow the machine is."""
    app = pilot.app
    assert isinstance(app, CodemodeApp)
    before: object = None

    async def still() -> bool:
        nonlocal before
        await pilot.pause(1.2 * pacing.LONGEST)  # the last batch of text
        now = app.main.status.state, [list(strip) for strip in app.screen._compositor.render_strips()]  # colours too
        same, before = now == before, now
        return same and app.chat.at_rest

    await pilot.pause()
    for _ in range(SOON):
        if not app.is_running or await still():
            return


async def until(pilot: Pilot[None], seen: Callable[[], bool]) -> None:
    """Until something is so."""
    for _ in range(SOON):
        if seen():
            return
        await pilot.pause(0.05)
    raise AssertionError("it never was so")


def texts(app: CodemodeApp) -> str:
    """All plain text on the screen, toasts included."""
    statics = [str(widget.render()) for widget in app.main.query(Static)]
    return "\n".join([*statics, *(n.message for n in app._notifications)])


def lines(app: CodemodeApp) -> list[str]:
    """What stands on the screen, row by row."""
    return [strip.text for strip in app.screen._compositor.render_strips()]
