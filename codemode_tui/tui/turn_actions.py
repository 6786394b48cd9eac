"""What the keys of ``TurnMenu`` do."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.content import Content

from codemode_tui.chat import events as ev
from codemode_tui.engine.api import Force
from codemode_tui.errors import CodemodeError
from codemode_tui.front.replay import events_of
from codemode_tui.sandbox.sanitise import visible_code
from codemode_tui.tui.candidate_card import show_accepted
from codemode_tui.tui.error_card import ErrorCard
from codemode_tui.tui.page import Page
from codemode_tui.tui.step_view import StepView
from codemode_tui.tui.turn_card import TurnCard

if TYPE_CHECKING:
    from codemode_tui.tui.chat_screen import ChatScreen


class Rerun(StepView):
    """Code that is run once more, below its turn. Nothing of it is recorded."""

    async def fail(self, kind: str, message: str, hint: str) -> None:
        await self.mount(ErrorCard(kind, message, hint))


class TurnActions:
    def __init__(self, screen: ChatScreen) -> None:
        self.screen = screen
        self._edited: TurnCard | None = None
        """The turn whose question is in the prompt, to be asked in its place."""
        self.loaded = asyncio.Event()
        """What was asked before is on the screen."""

    async def act(self, action: str, card: TurnCard) -> None:
        """``action`` as in ``commands``: what a key says about ``card``."""
        owner, text = self.screen.owner, card.question
        match action:
            case "again":
                await self.ask_again(card, text)
            case "tool" | "direct":
                await self.ask_again(card, text, "tool" if action == "tool" else "direct")
            case "go_on":
                await self.ask_again(card, text, go_on=True)
            case "edit":
                self.edit(card)
            case "fork":
                await self._fork(card)
            case "run":
                self._run(card, card.called)
            case "copy" | "copy_code" | "copy_output":
                await owner.action_copy(action.removeprefix("copy").removeprefix("_"))
            case "open":
                self._open(card)
            case "raw":
                await card.toggle_raw()
            case "prompt":
                await self._prompt(card)

    async def ask_again(
        self, card: TurnCard, text: str, force: Force | None = None, *, go_on: bool = False, written: str = ""
    ) -> bool:
        """Ask in the place of ``card``. What followed on it belongs to the old session from then on."""
        if not self._idle() or self.screen.driver.waits:
            return False
        cards = self.screen.transcript.cards
        if card.turn is None or card not in cards:  # or it has left the screen, with its conversation
            self.screen.ask(text, force, written=written)
        elif card is cards[-1]:
            self.screen.ask(text, force, written=written, again=card.turn, go_on=go_on)
        elif await self._fork(card, before=True):
            self.screen.ask(text, force, written=written)
        else:
            return False
        return True

    def edit(self, card: TurnCard | None) -> None:
        """Put the question of ``card`` into the prompt, to be asked in its place; None: no longer, as when another
        question has been accepted."""
        prompt = self.screen.prompt
        if card is not None and not prompt.empty:
            self.screen.say("your draft is in the way: send it or take it out first", "warning")
            return
        self._edited = card
        prompt.border_title = Content("" if card is None else "asked in place of the first one")
        if card is not None:
            prompt.put(card.question)
            prompt.focus()

    async def edited(self, text: str, written: str, force: Force | None = None) -> bool:
        """``text`` was sent. False when it is a question like any other."""
        if self._edited is None:
            return False
        if not await self.ask_again(self._edited, text, force, written=written):
            self.screen.refused(written)
        return True

    async def stored(self, turn: str) -> tuple[TurnCard, Callable[[], Awaitable[None]]] | None:
        """A turn of the store, to be shown again (``transcript.Load``)."""
        records = self.screen.owner.records
        try:
            found = await records.turn(turn) if records is not None else None
        except CodemodeError:
            found = None  # it has been deleted meanwhile
        if found is None:
            return None
        card = TurnCard(found.query)
        return card, lambda: self.fill(card, events_of(found))

    async def go_to(self, turn: str) -> None:
        """Lead to a turn of this session."""
        await self.loaded.wait()
        if (card := await self.screen.transcript.reach(turn)) is not None:
            self.screen.call_after_refresh(self.screen.focus_card, card)

    async def fill(self, card: TurnCard, events: list[ev.Event]) -> None:
        """Show what was in a stored turn, and what was said about it since."""
        for event in events:
            await card.apply(event)
        if (records := self.screen.owner.records) is not None:
            with suppress(CodemodeError):  # it has been deleted meanwhile
                await show_accepted(card, records, self.screen.keymap)

    def _idle(self) -> bool:
        if self.screen.driver.running:
            self.screen.say("a turn is running; stop it first", "warning")
        return not self.screen.driver.running

    async def _fork(self, card: TurnCard, *, before: bool = False) -> bool:
        if card.turn is None or not self._idle() or self.screen.driver.waits or self.screen.owner.writing:
            return False
        try:
            await self.screen.chat.fork(card.turn, before=before)
        except CodemodeError as error:
            self.screen.say(error.line(), "warning")
            return False
        await self.screen.transcript.cut(card, before=before)
        bar = self.screen.bar
        if bar.card is not None and not bar.card.is_attached:  # what it is about has left the screen
            bar.close()
            bar.card = None
        self.screen.menu.suggest(None)
        self.screen.status.used = next((left.used for left in reversed(self.screen.transcript.cards)), 0)
        self.screen.prompt.focus()
        self.screen.say("this is a session of its own now; the one before keeps what followed")
        return True

    # -- the code ------------------------------------------------------------------------------------

    def _can_run(self) -> bool:
        if self.screen.owner.rehearsal is None:
            self.screen.say("nothing can be run here", "warning")
            return False
        return self._idle()

    def _run(self, card: TurnCard, code: str) -> None:
        if self._can_run():
            self.screen.driver.running = True  # from this key on
            self.screen.run_worker(self._rerun(card, code), group="turn")

    async def _rerun(self, card: TurnCard, code: str) -> None:
        rehearsal = self.screen.owner.rehearsal
        assert rehearsal is not None
        view = Rerun()
        await card.append(view)
        self.screen.asker = rehearsal
        try:
            await self.screen.driver.follow(rehearsal.run(code, 0), view, self.screen.questions)
        finally:
            self.screen.asker = self.screen.chat

    def _open(self, card: TurnCard) -> None:
        """The code, else the answer, in the user's editor. Code that was changed there is asked about, and run; but not
        that of a call which is broken or was cut off."""
        runs = card.called
        if runs and not self._can_run():  # asked now: afterwards what was written there would be lost
            return
        text, name = (runs, "code") if runs else card.copyable("code" if card.code else "")
        editor = (os.environ.get("VISUAL") or os.environ.get("EDITOR") or "").strip() or "vi"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "code.py" if name == "code" else f"{name or 'answer'}.md")
            file.write_text(text, "utf-8", "surrogatepass")  # half a pair in an answer ends nothing
            text = file.read_text("utf-8", "replace")  # as it is read again where nothing was changed
            try:
                with self.screen.app.suspend():
                    done = subprocess.run([*shlex.split(editor), str(file)], check=False).returncode
                changed = file.read_text("utf-8", "replace") if done == 0 else text
            except (OSError, ValueError, SuspendNotSupported) as error:
                self.screen.say(f"{editor} cannot be started: {error}; set EDITOR to another", "warning")
                return
        if changed.count("\ufffd") > text.count("\ufffd"):
            self.screen.say("what was saved there is not UTF-8: � stands for what cannot be read", "warning")
        if changed.strip() != text.strip() and runs:
            self._run(card, changed)
        elif changed != text:
            self.screen.say(f"what was changed there is not kept: the {name} stays as it was")

    async def _prompt(self, card: TurnCard) -> None:
        records = self.screen.owner.records
        if records is None or card.turn is None:
            self.screen.say("nothing is stored here, so no prompt is kept", "warning")
            return
        try:
            said = (await records.turn(card.turn)).generations
            text = (await records.prompt(said[-1].id))[0] if said else ""
        except CodemodeError as error:
            self.screen.say(error.line(), "warning")
            return
        title = f"the prompt of message {len(said)}, byte for byte" if said else "no prompt: nothing was generated"
        self.screen.app.push_screen(Page(title, Content(visible_code(text))))
