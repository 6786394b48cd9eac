"""What the screen writes to a terminal while hostile text is on it: colours and text, no link, title or clipboard."""

from __future__ import annotations

import random
import re

from support.noise import ACTS, PIECES, hostile
from support.scripted import ScriptedChat, answer, call, record

from codemode_tui.chat import events as ev
from codemode_tui.sandbox.types import ExceptionInfo, Outcome

from .screen import app_for, ask

T = "turn-1"
LINKS = "[a](http://evil.example) <http://evil.example> ![i](http://evil.example/x.png) http://evil.example [r]\n\n[r]: http://e"
STYLE = re.compile(r"\x1b\[[\d;]*m")


def written(app) -> str:
    """The screen as the driver writes it, without the sequences that choose colours."""
    lines = [strip.render(app.console) for strip in app.main._compositor.render_strips()]
    return "\n".join(STYLE.sub("", line) for line in lines)


async def test_hostile_text_is_only_text_in_what_is_written_to_the_terminal():
    r = random.Random(14)
    evil = "".join(PIECES) + "\n" + "\n".join(hostile(r) for _ in range(20))
    evil = evil.encode("utf-8", "replace").decode()
    outcome = Outcome("error", exception=ExceptionInfo(evil, evil, 1, evil), stdout=evil, reason=evil)
    script = [
        *call(T, f"print({evil!r})\n", prose=evil),
        ev.RunStarted(T, 0, "run", "print()", evil),
        ev.RunOutput(T, 0, "stdout", evil),
        ev.RunOutput(T, 0, "stderr", evil),
        ev.RunFinished(T, 0, "run", outcome),
        *answer(T, f"{evil}\n\n{LINKS}\n\n| {LINKS.splitlines()[0]} |\n|---|\n| x |\n", step=1)[:-1],
        ev.TurnFailed(T, "error", evil, evil, record(T, "", None)),
    ]
    app = app_for(ScriptedChat(script, sandbox=evil))
    async with app.run_test(size=(100, 300)) as pilot:
        await ask(pilot, evil)
        await pilot.press("ctrl+t")
        await pilot.pause()
        shown = written(app)
        assert not ACTS.search(shown), ascii(ACTS.search(shown))
        assert "]8;" not in shown.replace("\\x1b]8;", "") and "[@click=app.quit]" in shown
        assert "evil.example" in shown and app.is_running
