"""The conversation in a line: questions in, events to the scribe, questions back. It decides nothing about turns."""

from __future__ import annotations

import asyncio
import shlex
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Literal

from codemode_tui import commands
from codemode_tui.chat import events as ev
from codemode_tui.commands import Command
from codemode_tui.engine.api import Force
from codemode_tui.errors import CodemodeError
from codemode_tui.front.corrections import rated, rating_in_words
from codemode_tui.front.drafts import NOTHING, Draft, Drafts
from codemode_tui.front.driver import Question
from codemode_tui.front.ports import Opened, Reopen
from codemode_tui.front.status import used
from codemode_tui.repl.actions import Actions
from codemode_tui.repl.asking import Asking
from codemode_tui.repl.console import Console
from codemode_tui.repl.correcting import Correcting
from codemode_tui.repl.review import review
from codemode_tui.repl.scribe import Scribe

STOP_SECONDS = 5.0
"""How long leaving waits for the running turn to be stored as stopped."""
WATCH_SECONDS = 2.0
SHOWN_TURNS = 5
"""Turns of a resumed session that are shown; the model remembers all that fit."""


class Repl(Actions):
    """A ``console.Listener``."""

    def __init__(self, console: Console, opened: Opened, reopen: Reopen | None, *, in_order: bool = False) -> None:
        """``in_order``: nobody watches; commands wait for the turns before them, and all is done before the end."""
        super().__init__(opened.chat, console.now)
        self.console, self.look, self.now = console, console.look, console.now
        self.reopen = reopen
        self.in_order = in_order
        self.turns: list[Scribe] = []
        self.asked_last: Scribe | None = None
        """The turn of the last question."""
        self._queue: deque[Question | tuple[Command | None, str, str]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving = self._listing = False
        self._commanding = False
        """A command is at work, in order: what was read behind it waits."""
        self._drafts: Drafts | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._reopening = asyncio.Lock()
        self.correcting = Correcting(self)
        self._take(opened)

    def _take(self, opened: Opened) -> None:
        self.chat, self.records = opened.chat, opened.records
        self._session = opened.chat.session
        """Whose turns have been shown."""
        self.past = [list(turn) for turn in opened.past]
        self.settings = opened.settings

    # -- life --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until somebody leaves. The conversation stays open."""
        # Before anything is read: what is typed follows on it, and a command means the newest turn.
        await self.show_past()
        self.loading = True  # what is asked from here on waits
        self.spawn(self._begin())
        watching = asyncio.create_task(self._watch())
        try:
            await self.console.run(self)
        finally:
            watching.cancel()
            self._keep_no_more(self.draft)
            self._queue.clear()
            await self.chat.stop()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
            for task in self._tasks:
                task.cancel()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.say(f"unexpected {type(error).__name__}: {error}; run with --debug and report it", "error")

    async def _begin(self) -> None:
        self.spawn(self.load())
        self.spawn(self._probe())
        if self.records is not None and self.look.draws:
            with suppress(CodemodeError):
                self.console.remember((await self.records.questions(self.chat.workspace))[::-1])
            await self._take_over_draft()
            self._keep_drafts()

    async def _take_over_draft(self) -> None:
        """One that nobody finished. While something is being written it stays where it is, for another start."""
        if self.console.draft.text.strip():
            return
        left = await asyncio.to_thread(Drafts(self.chat.workspace).left)
        if left is not None:
            self.console.put(left)
            self.say("here is what you were writing")

    async def take(self, opened: Opened) -> None:
        shown = self._session
        self._take(opened)
        self.now.info, self.now.limit = None, 0
        self.console.files = ()
        if self._drafts is not None:
            self._keep_no_more()
            self._keep_drafts()
        if self._session != shown:  # else it stands above already
            self.turns.clear()
            self.now.used = 0
            await self.show_past()
        self.spawn(self.load())
        self.spawn(self._probe())

    async def show_past(self) -> None:
        """Of a session that goes on, its last turns."""
        whole = [turn for turn in self.past if len(turn) > 1]
        shown = whole[-SHOWN_TURNS:]
        if before := len(self.past) - len(shown):
            self.console.print(
                self.look.note(f"{before} earlier turn{'s' * (before != 1)}: /export writes all of them")
            )
        for turn in shown:
            query = next((e.query for e in turn if isinstance(e, ev.TurnStarted)), "")
            scribe = Scribe(self.console, self.look, query)
            self.console.print(self.look.question(query))
            for event in turn:
                scribe.apply(event)
                self.now.used = used(event) or self.now.used
            self.turns.append(scribe)
            if self.records is not None:
                with suppress(CodemodeError):  # it has been deleted meanwhile
                    scribe.standing = await self.records.standing(scribe.turn)
                if scribe.standing.rating:
                    self.console.print([*self.look.standing(scribe.standing), []])

    async def _probe(self) -> None:
        try:
            self.now.sandbox = await self.chat.probe_sandbox()
        except CodemodeError as error:
            self.console.print(self.look.failure("sandbox", error.message, error.hint))
        self.console.refresh()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self.look_after_engine()

    @property
    def draft(self) -> Draft:
        """What would be lost: what is being written, else the questions that wait."""
        draft = self.console.draft
        return draft if draft.text.strip() else Draft("\n".join(one.written for one in self._questions), {})

    def _keep_drafts(self) -> None:
        self._drafts = Drafts(self.chat.workspace)
        self._keeping = asyncio.create_task(self._drafts.follow(lambda: self.draft))

    def _keep_no_more(self, last: Draft = NOTHING) -> None:
        if self._drafts is not None and self._keeping is not None:
            self._keeping.cancel()
            self._drafts.keep(last, last=True)

    # -- what is typed -----------------------------------------------------------------------------

    def entered(self, text: str, shown: str = "") -> bool:
        read = commands.slash(text)
        if read is None:
            self._queue.append(Question(text, shown=shown))
            self._waiting()
            self.idle()
            self.console.files = ()  # a run may have made others
            return True
        command, name, argument = read
        if self.in_order:
            self._queue.append((command, name, argument))
            self.idle()
            return True
        if command is None or not command.can(self.look.front):
            self._unknown(command, name)
            return False
        self._do(command, argument)
        return True

    def _do(self, command: Command, argument: str = "") -> None:
        # From here on, not when the task gets its turn: the next line may be read before that.
        self.renewing = self.renewing or command.action == "new"
        self.spawn(self.perform(command, argument))

    def _unknown(self, command: Command | None, name: str) -> None:
        drawn = f"{name} needs a terminal that draws, without --plain"
        why = f"there is no {name}" if command is None else drawn
        self.say(f"{why}; /help lists the commands", "warning")

    def interrupted(self) -> bool:
        if self.running:
            self.now.state = "stopping"
            self.spawn(self.chat.stop())
        elif self.loading:
            self.spawn(self.chat.stop())
        if self._take_back() or self.busy:
            return True
        if self.correcting.leave():
            return True
        if not self.console.draft.text:
            self.say(f"{self.look.key('quit')} or /quit leaves")
        return False

    def files_wanted(self) -> None:
        if not self._listing:
            self._listing = True
            self.spawn(self._list_files())

    async def _list_files(self) -> None:
        try:
            self.console.offer(await self.chat.files())
        finally:
            self._listing = False

    def pressed(self, command: Command) -> None:
        self._do(command)

    def left(self) -> None:
        self._leaving = True
        if not self.in_order or not (self.running or self._commanding or self._queue):
            self.console.leave()

    def ask(self, text: str, force: Force | None = None) -> None:
        """For a command: now, or when what is going on is over; in order, before what was read behind the command."""
        (self._queue.appendleft if self.in_order else self._queue.append)(Question(text, force))
        self._waiting()
        self.idle()

    @property
    def _questions(self) -> list[Question]:
        return [one for one in self._queue if isinstance(one, Question)]

    def _take_back(self) -> bool:
        """What was to come next goes back into an empty prompt. False when nothing does."""
        if not self._questions or self.console.draft.text or self.in_order:
            return False
        draft = self.draft
        self._queue.clear()
        self.console.put(draft)
        self._waiting()
        return True

    def _waiting(self) -> None:
        self.now.waiting = tuple(one.text for one in self._questions)
        self.console.refresh()

    def idle(self) -> None:
        if self.busy or self._commanding:
            return
        if not self._queue:
            if self._leaving:
                self.console.leave()
            return
        one = self._queue.popleft()
        if isinstance(one, Question):
            self.running, self.now.state = True, "thinking"  # from here on
            self.spawn(self._turn(one))
        else:
            self._commanding = True
            self.spawn(self._command(*one))
        self._waiting()

    async def failed(self, kind: str, message: str, hint: str) -> None:
        if not self._leaving:
            self.console.print(self.look.failure(kind, message, hint))

    def changed(self) -> None:
        self.console.refresh()

    async def _command(self, command: Command | None, name: str, argument: str) -> None:
        try:
            if command is None or not command.can(self.look.front):
                self._unknown(command, name)
            else:
                await self.perform(command, argument)
                await self.correcting.over()
        finally:
            self._commanding = False
            self.idle()

    # -- turns -------------------------------------------------------------------------------------

    async def _turn(self, question: Question) -> None:
        scribe = Scribe(self.console, self.look, question.text, question.force)
        if self.look.draws or self.in_order:
            self.console.print(self.look.question(question.shown or question.text))
        self.turns.append(scribe)
        self.asked_last = scribe
        await self.follow(self.chat.ask(question.text, force=question.force), scribe, Asking(self))

    # -- feedback ----------------------------------------------------------------------------------

    async def action_review(self, name: str = "") -> None:
        if name:
            self.say(f"an imported set is gone through on the screen: codemode review --source {shlex.quote(name)}")
        elif self.records is None:
            self.say("nothing is stored here", "warning")
        else:
            await review(self, self.records)

    async def rate(self, value: Literal[-1, 1]) -> None:
        """On disk first, then it is said. Said again it is taken back."""
        turn = self.meant
        if turn is None:
            self.say("there is no turn to rate yet", "warning")
            return
        new: Literal[-1, 0, 1] = 0 if turn.standing.rating == value else value
        self.correcting.leave()
        before, now = turn.standing, await rated(self.chat, turn.turn, new, self.say)
        if now is None:
            return
        turn.standing = now
        name = "thumbs-down" if value < 0 else "thumbs-up"
        undo = f"{self.look.key(name) if self.look.draws else f'/{commands.command(name).slash} again'} undoes"
        if not new or (before.chosen and not now.chosen):
            self.say(rating_in_words(name, before, now, undo))
        if not new:
            return
        self.console.print(self.look.standing(turn.standing, undo))
        if new < 0:
            self.correcting.speak_of(turn)
