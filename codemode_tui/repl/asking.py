"""May this code run, may this file change, may this server be called: asked until there is an answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from codemode_tui.chat import events as ev
from codemode_tui.errors import CodemodeError
from codemode_tui.front import questions
from codemode_tui.front.questions import Wanted
from codemode_tui.repl.console import Panel
from codemode_tui.sandbox.sanitise import visible_code

if TYPE_CHECKING:
    from codemode_tui.repl.repl import Repl


class Asking:
    """Where the questions of one turn are put; a ``driver.Asking``."""

    def __init__(self, repl: Repl) -> None:
        self._repl = repl
        self._open: set[asyncio.Task[None]] = set()
        self._one = asyncio.Lock()
        """Calls may run side by side. Each question is put once the one before is answered: what is printed last is
        then what the answer is about."""

    async def wanted(self, event: Wanted) -> None:
        self._open.add(self._repl.spawn(self._one_by_one(event)))

    async def _one_by_one(self, event: Wanted) -> None:
        async with self._one:
            await settle(self._repl, event)

    async def settled(self) -> None:
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)
        self._open.clear()


async def settle(repl: Repl, wanted: Wanted) -> None:
    """Ask, and answer whoever wants to know. What the answer depends on goes to the scrollback, where it stays."""
    console, look = repl.console, repl.look
    console.print([line for fact in questions.facts(wanted, repl.chat.settings.limits) for line in look.fact(fact)])
    if isinstance(wanted, ev.WriteWanted):
        console.print(look.diff(visible_code(wanted.diff)))
    elif isinstance(wanted, ev.CallWanted):
        console.print(look.code(visible_code(wanted.arguments)))
    panel = Panel(questions.title(wanted), questions.choices(wanted), questions.safe(wanted))
    text: str | None = None
    while True:
        action = await console.ask(panel) or "deny"
        if action == "edit" and isinstance(wanted, ev.ApprovalWanted):
            text = await console.write("change the code, then it runs", wanted.code, "code")
        elif action == "deny_why":
            text = await console.write("why not? the model is told and may try again")
        else:
            break
        if text is not None:
            break
    if isinstance(wanted, ev.ApprovalWanted) and text == wanted.code:
        text = None  # nothing was changed
    label = next((one.label for one in panel.choices if one.action == action), action)
    if look.draws:
        console.print([[*look.title(panel.title), (f"  {label}", "secondary")]])
    try:
        repl.chat.reply(wanted.request, questions.answer(wanted, action, text))
    except CodemodeError as error:
        repl.say(error.line(), "warning")
