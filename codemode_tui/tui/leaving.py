"""Leaving the program: asked for twice where a key may have meant something else, and nothing is left half stored."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from textual.widgets import Input, TextArea
from textual.worker import Worker, WorkerError

from codemode_tui import locations
from codemode_tui.errors import CodemodeError
from codemode_tui.front.acting import UNFINISHED
from codemode_tui.front.keys import first_key
from codemode_tui.tui.editing import WritingPanel
from codemode_tui.tui.reading import Reading

TWICE_SECONDS = 2.0
"""Within this time a second key means it."""
STOP_SECONDS = 5.0
"""How long leaving waits for the running turn to be stored as stopped."""


class Leaving(Reading):
    _asked_to_quit = 0.0

    async def action_interrupt(self) -> None:
        """Copy what is selected; where nothing is, leave."""
        selected = self.screen.get_selected_text()
        if not selected and isinstance(self.focused, TextArea | Input):
            selected = self.focused.selected_text
        if selected:
            self.copy_to_clipboard(selected)
            self.say(f"copied, {len(selected):,} characters")
        elif self._again():
            await self.leave(await self._way_back())
        else:
            self.say(f"{first_key('interrupt', self.keys)} again to quit")

    async def action_quit(self) -> None:
        """Leave; where a correction would be lost, that is said first."""
        written = any(panel.changed for screen in self.screen_stack for panel in screen.query(WritingPanel))
        if written and not self._again():
            self.say(UNFINISHED, "warning")
        else:
            await self.leave(await self._way_back())

    async def _way_back(self) -> str:
        """How to go on with the conversation; empty where the command would open another, or none."""
        with suppress(CodemodeError):
            if self.records is not None:
                newest = await self.records.sessions(locations.current_dir().resolve(), 1)
                if any(one.turns and one.id == self.chat.session for one in newest):
                    return "codemode --continue goes on with it"
        return ""

    def _again(self) -> bool:
        """Whether it was asked for a moment ago, too."""
        before, self._asked_to_quit = self._asked_to_quit, time.monotonic()
        return self._asked_to_quit - before < TWICE_SECONDS

    async def leave(self, last: str = "") -> None:
        """Stop the running turn, wait until it is stored as stopped, leave; ``last``: what the terminal says then."""
        self.main.keep_draft(self.main.draft)
        self.main.driver.queued = None
        await self.chat.stop()
        if self.rehearsal is not None:
            await self.rehearsal.stop()
        turns = [worker for worker in self.workers if worker.group == "turn" and not worker.is_finished]
        if turns:
            await asyncio.wait({asyncio.ensure_future(_ended(worker)) for worker in turns}, timeout=STOP_SECONDS)
        self.exit(message=last or None)


async def _ended(worker: Worker[Any]) -> None:
    with suppress(WorkerError):  # one that does not stop in time is cancelled, and nobody asks how it ended
        await worker.wait()
