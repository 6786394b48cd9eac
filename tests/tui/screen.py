"""What the tests do with the screen: start it, ask, wait, read."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Static

from codemode_tui import locations
from codemode_tui.tui.app import CodemodeApp
from codemode_tui.tui.pacing import INTERVAL
from codemode_tui.tui.scripted import ScriptedChat
from codemode_tui.tui.themes import load_themes


def app_for(chat: ScriptedChat, *, theme: str = "codemode-dark", guard: float = 0.0, **more: object) -> CodemodeApp:
    themes = load_themes(locations.themes_dirs()[:1])
    return CodemodeApp(chat, themes=themes, theme=theme, reduced_motion=True, guard=guard, **more)


async def ask(pilot: Pilot[None], question: str) -> None:
    """Type a question and send it."""
    app = pilot.app
    assert isinstance(app, CodemodeApp)
    await pilot.pause()
    app.main.prompt.put(question)
    await pilot.press("enter")
    await settle(pilot)


async def settle(pilot: Pilot[None]) -> None:
    """Until the script waits for somebody and all that it sent has been shown."""
    app = pilot.app
    assert isinstance(app, CodemodeApp)
    await pilot.pause()
    for _ in range(200):
        if app.chat.at_rest:
            break
        await pilot.pause(0.01)
    await pilot.pause(2 * INTERVAL)  # the last batch of text
    await pilot.pause()


def texts(app: CodemodeApp) -> str:
    """All plain text on the screen, toasts included."""
    statics = [str(widget.render()) for widget in app.main.query(Static)]
    return "\n".join([*statics, *(n.message for n in app._notifications)])
