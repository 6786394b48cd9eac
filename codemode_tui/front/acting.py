"""Commands that need no screen of their own: what they do is the same in every front end."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Callable, Sequence
from inspect import isawaitable
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from codemode_tui import config, locations
from codemode_tui.chat.settings import sampling_of
from codemode_tui.commands import Command, command
from codemode_tui.config_file import set_value
from codemode_tui.engine.api import Force
from codemode_tui.errors import CodemodeError
from codemode_tui.front import pages
from codemode_tui.front.driver import Driver
from codemode_tui.front.ports import Chat, Opened, Records, Reopen
from codemode_tui.front.saving import write_new
from codemode_tui.front.wording import put_back

_COPIED = command("copy").argument.strip("[]").split("|")
Severity = Literal["information", "success", "warning", "error"]

UNFINISHED = "a correction is being written: finish it first, or leave it"
"""Said where what is being written would be lost, as when another conversation is opened."""


class Meant(Protocol):
    """The turn that a command means."""

    @property
    def turn(self) -> str | None: ...

    def copyable(self, what: str = "") -> tuple[str, str]:
        """The text of ``answer``, ``code``, ``output``, ``question`` or ``raw``, or the first of them; and its name."""
        ...


def one_of(texts: dict[str, Callable[[], str]], what: str) -> tuple[str, str]:
    """See ``Meant.copyable``; of ``texts`` only what is looked at is made."""
    if what:
        return texts[what]() if what in texts else "", what
    return next(((text, name) for name, make in texts.items() if (text := make())), ("", ""))


class Acting:
    """Base of a front end, which says how all this is shown. Errors are said by whoever calls an action."""

    AT_START: ClassVar[tuple[str, ...]] = ("repl.", "ui.")
    """Settings that are read when a program starts."""
    chat: Chat
    records: Records | None
    reopen: Reopen | None
    _reopening: asyncio.Lock
    _undone_run = ""
    """The run that was undone last, and whether it still is."""
    _undone = False

    @property
    def driver(self) -> Driver:
        raise NotImplementedError

    @property
    def meant(self) -> Meant | None:
        raise NotImplementedError

    def say(self, text: str, severity: Severity = "information") -> None:
        """The text may come from anywhere."""
        raise NotImplementedError

    def show(self, title: str, rows: Sequence[pages.Row], hint: str = "") -> None:
        raise NotImplementedError

    def key(self, name: str) -> str:
        """The key to name in a hint."""
        raise NotImplementedError

    def copy(self, text: str) -> None:
        raise NotImplementedError

    def ask(self, text: str, force: Force) -> None:
        """Now, or when what is going on is over."""
        raise NotImplementedError

    async def take(self, opened: Opened) -> None:
        """Go on with another conversation; the one before is closed."""
        raise NotImplementedError

    # -- the conversation, with something else ---------------------------------------------------------

    @property
    def turn_runs(self) -> bool:
        """Then it is said."""
        if self.driver.running:
            self.say(f"a turn is running; {self.key('stop')} stops it", "warning")
        return self.driver.running

    @property
    def corrects(self) -> bool:
        """Whether somebody writes in the model's place, which another conversation would not show."""
        return False

    async def reopened(self, **changes: Any) -> bool:  # noqa: ANN401 - see ``Reopen``
        """The same front end on another conversation; what is being written stays. False when it could not be."""
        # Begun, it ends: a worker that is stopped in its midst would leave half a screen.
        return await asyncio.shield(asyncio.ensure_future(self._reopened(changes)))

    async def _reopened(self, changes: dict[str, Any]) -> bool:
        async with self._reopening:
            if self.reopen is None or self.turn_runs:
                return False
            if self.corrects:
                self.say(UNFINISHED, "warning")
                return False
            opened = await self.reopen(**{"session": self.chat.session, **changes})
            if self.turn_runs or self.corrects:  # a question, or a correction, was faster
                await opened.chat.close()
                return False
            before, driver = self.chat, self.driver
            driver.chat, driver.loading = opened.chat, True  # what is asked from here on waits
            try:
                await before.close()  # before the next model loads: two do not fit
            finally:
                await self.take(opened)
            return True

    async def open_session(self, session: str) -> None:
        assert self.records is not None
        known = await self.records.session(session)
        folder = Path(known.workspace)
        if session == self.chat.session:
            return
        if known.is_about(self.chat.workspace):
            await self.reopened(session=session)
        elif not folder.is_dir():
            hint = f"`codemode sessions fork {session}` goes on from it in another one"
            self.say(f"its folder {folder} is no longer there; {hint}", "error")
        else:  # a folder that nobody has named
            await self.reopened(session=session, workspace=None, folder=folder)

    async def use_model(self, name: str) -> None:
        """Until the program ends; and say what takes it for good."""
        from codemode_tui.engine.choice import lasting  # not needed for the first paint

        name = os.path.expanduser(name)
        known = await asyncio.to_thread(lasting, name)
        if await self.reopened(model=name, profile=None):
            self.say(f"for good: codemode model use {shlex.quote(known)}")

    async def change_setting(self, name: str, value: str) -> None:
        """For good, and go on with it."""
        if self.turn_runs:
            return
        set_value(name, value)
        later = name.startswith(self.AT_START)
        self.say(f"{name} = {value}{', from the next start on' * later}", "success")
        if name.startswith("sampling."):
            self.chat.sample(sampling_of(config.load_settings(locations.config_file(), self.chat.workspace)))
        elif not later:
            await self.reopened()

    # -- commands --------------------------------------------------------------------------------------

    async def perform(self, command: Command, argument: str = "") -> None:
        """Do what a command says; an error is said."""
        if argument and not command.argument:  # what somebody meant as a question rates and undoes nothing
            self.say(f"/{command.slash} takes nothing behind it; nothing was done", "warning")
            return
        method = getattr(self.place_of(command), f"action_{command.action}")
        try:
            result = method(argument) if command.argument else method()
            if isawaitable(result):
                await result
        except CodemodeError as error:
            self.say(error.line(), "error")

    def place_of(self, command: Command) -> object:
        """Whose action it is."""
        return self

    def action_tool(self, question: str = "") -> None:
        self._forced(question, "tool")

    def action_direct(self, question: str = "") -> None:
        self._forced(question, "direct")

    def _forced(self, question: str, force: Force) -> None:
        if question:
            self.ask(question, force)
        else:
            self.say(f"write the question behind it: /{force} …", "warning")

    async def action_undo(self, what: str = "") -> None:
        if what not in ("", "undone"):  # what somebody meant as a question
            self.say("/undo takes nothing behind it but undone; nothing was done", "warning")
        elif not self.turn_runs:
            from codemode_tui.tools.diff import quoted  # not needed for the first paint

            run, changes = await self.chat.undo("undone" if what else "last")
            self.say(f"{put_back(changes, quoted)} (/undo undone takes that back)", "success")
            # An undo of the undo is one as well: the next one puts the same run back once more.
            self._undone_run, self._undone = (self._undone_run, not self._undone) if what else (run, True)
            self.show_undone(self._undone_run, [change.path for change in changes] if self._undone else [])

    def show_undone(self, run: str, paths: Sequence[str]) -> None:
        """The files that ``run`` changed have been put back; none: they are as it had left them again."""

    async def action_copy(self, what: str = "") -> None:
        turn = self.meant
        if what and what not in _COPIED:
            self.say(f"/copy {', '.join(_COPIED)}", "warning")
            return
        text, name = turn.copyable(what) if turn is not None else ("", "")
        if turn is None or not text:
            self.say(f"there is no {what} to copy" if what else "there is nothing to copy yet", "warning")
            return
        self.copy(text)
        self.say(f"{name} copied, {len(text):,} characters")
        if turn.turn:
            await self.chat.copied(turn.turn, name)

    async def action_rename(self, title: str = "") -> None:
        if self.records is None or not title:
            self.say("write the title behind it: /rename …", "warning")
            return
        await self.records.rename_session(self.chat.session, title)
        self.say(f"this session is called {title}")

    async def action_export(self, form: str = "") -> None:
        if self.records is None or form not in ("", "md", "json"):
            self.say("/export md or /export json", "warning")
        else:
            self.say(await self.exported(self.chat.session, form or "md"), "success")

    async def exported(self, session: str, form: str) -> str:
        """Write a session into a new file of the workspace; returns what to say."""
        assert self.records is not None
        text = await self.records.exported(session, form)
        file = write_new(self.chat.workspace, (await self.records.session(session)).title, form, text)
        return f"written: {file.name}"

    async def action_stats(self) -> None:
        if self.records is None:
            self.say("nothing is stored here", "warning")
        else:
            self.show("this session", pages.session_rows(await self.records.turns(self.chat.session)))
