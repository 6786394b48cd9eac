"""Questions that wait for an answer, one panel at a time: may this code run, may this file change."""

from __future__ import annotations

import time
from typing import Protocol

from textual import on
from textual.containers import Vertical

from codemode_tui.chat import events as ev
from codemode_tui.errors import CodemodeError
from codemode_tui.front import questions
from codemode_tui.front.acting import Severity
from codemode_tui.tui.call_panel import CallPanel
from codemode_tui.tui.choices import ChoicePanel
from codemode_tui.tui.confirm_panel import ConfirmPanel
from codemode_tui.tui.write_panel import WritePanel

TYPING_PAUSE = 1.0
"""Seconds without a key after which somebody is not typing any more."""


class Desk(Protocol):
    """The screen around questions and feedback, and its keyboard."""

    keymap: dict[str, str]

    @property
    def lends_keyboard(self) -> bool:
        """Nobody is writing: a question may take the focus."""
        ...

    @property
    def drafting(self) -> bool:
        """There is a draft, whoever has the focus."""
        ...

    def keyboard_back(self) -> None:
        """What had the focus is gone."""
        ...

    def say(self, text: str, severity: Severity = "information") -> None: ...


class Answers(Protocol):
    """Whoever has asked."""

    def reply(self, request: str, answer: ev.Approval | ev.WriteReply) -> None: ...


class Asker(Answers, Protocol):
    """And may be told to stop."""

    async def stop(self) -> None: ...


class OpenQuestions(Vertical):
    DEFAULT_CSS = "OpenQuestions { height: auto; }"

    def __init__(self, desk: Desk, asker: Answers, guard: float) -> None:
        """``guard``: seconds for which a panel ignores keys."""
        super().__init__()
        self.desk = desk
        self.asker = asker
        self.guard = guard
        self._panels: list[ChoicePanel] = []
        self._typed = 0.0

    @property
    def current(self) -> ChoicePanel | None:
        """The panel on the screen."""
        return self._panels[0] if self._panels and self._panels[0].is_attached else None

    def typed(self, at: float | None = None) -> None:
        """Somebody is writing now; 0: has finished."""
        self._typed = time.monotonic() if at is None else at

    async def wanted(self, event: questions.Wanted) -> None:
        self._panels.append(_panel(event))
        if len(self._panels) == 1:
            await self._show()

    async def settled(self) -> None:
        """Nothing is asked any more."""
        panels, self._panels = self._panels, []
        for panel in panels:
            if panel.is_attached:
                await self._remove(panel)

    async def back(self) -> bool:
        """Close what is open within the panel: an editor, a line. False when nothing is."""
        panel = self.current
        return isinstance(panel, ConfirmPanel) and panel.has_focus_within and await panel.back()

    async def _show(self) -> None:
        panel = self._panels[0]
        # Whoever writes a draft keeps the keyboard; the panel waits for the key that leads to it.
        takes_focus = self.desk.lends_keyboard
        await self.mount(panel)
        if takes_focus:
            panel.focus()
        typing = self._typed + TYPING_PAUSE - time.monotonic() if self._typed else 0.0
        panel.arm_after(max(self.guard, typing) if self.guard else 0.0, pause=TYPING_PAUSE)

    async def _remove(self, panel: ChoicePanel) -> None:
        # First the keyboard: left to Textual it would go to a turn for a moment, and that be scrolled to.
        if panel.has_focus_within or panel.has_focus:
            self.desk.keyboard_back()
        await panel.remove()

    @on(ChoicePanel.Decided)
    async def _decided(self, event: ChoicePanel.Decided) -> None:
        panel = event.panel
        if panel not in self._panels:
            return
        self._panels.remove(panel)
        try:
            if isinstance(panel, ConfirmPanel | WritePanel):
                self.asker.reply(panel.wanted.request, questions.answer(panel.wanted, event.action, event.text))
        except CodemodeError as error:
            self.desk.say(error.line(), "warning")
        await self._remove(panel)
        if self._panels:
            await self._show()


def _panel(event: questions.Wanted) -> ChoicePanel:
    if isinstance(event, ev.CallWanted):
        return CallPanel(event)
    return ConfirmPanel(event) if isinstance(event, ev.ApprovalWanted) else WritePanel(event)
