"""The conversation in a line: questions in, events to the scribe, questions back. It decides nothing about turns."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Literal, NamedTuple, Protocol

from codemode_tui import commands
from codemode_tui.chat import events as ev
from codemode_tui.commands import Command
from codemode_tui.engine.api import Force
from codemode_tui.errors import CodemodeError
from codemode_tui.front.completion import without_at
from codemode_tui.front.corrections import rated
from codemode_tui.front.drafts import Draft, Drafts
from codemode_tui.front.pacing import paced
from codemode_tui.front.ports import Chat, Opened, Records, Reopen
from codemode_tui.front.questions import ENDS, Wanted
from codemode_tui.front.status import Speed, advance, tell
from codemode_tui.front.wording import Note
from codemode_tui.repl.actions import Actions
from codemode_tui.repl.asking import settle
from codemode_tui.repl.console import Console
from codemode_tui.repl.correcting import Correcting
from codemode_tui.repl.lines import Line
from codemode_tui.repl.scribe import Scribe

STOP_SECONDS = 5.0
"""How long leaving waits for the running turn to be stored as stopped."""
WATCH_SECONDS = 2.0
KEEP_SECONDS = 0.5
"""How often what is being written is put on disk."""


class Question(NamedTuple):
    text: str
    force: Force | None = None
    shown: str = ""
    """As it was typed, large pastes folded; empty for the same."""


class Shown(Protocol):
    """What shows the events of a turn, or of a correction."""

    def apply(self, event: ev.Event) -> None: ...

    def fail(self, kind: str, message: str, hint: str) -> None: ...


class Repl:
    """A ``console.Listener``."""

    def __init__(self, console: Console, opened: Opened, reopen: Reopen | None, *, in_order: bool = False) -> None:
        """``in_order``: nobody watches; commands wait for the turns before them, and all is done before the end."""
        self.console = console
        self.look = console.look
        self.now = console.now
        self.reopen = reopen
        self.in_order = in_order
        self.turns: list[Scribe] = []
        """What has been shown, the newest last."""
        self.running = False
        self.loading = False
        self.ended: ev.TurnDone | ev.TurnFailed | None = None
        """How the last turn ended."""
        self._queue: deque[Question | tuple[Command | None, str, str]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._speed = Speed()
        self._leaving = self._listing = False
        self._drafts: Drafts | None = None
        self.correcting = Correcting(self)
        self.actions = Actions(self)
        self._take(opened)

    def _take(self, opened: Opened) -> None:
        self.chat: Chat = opened.chat
        self.records: Records | None = opened.records
        self.past = [list(turn) for turn in opened.past]
        self.settings = opened.settings

    # -- life --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until somebody leaves. The conversation stays open."""
        self.spawn(self._begin())
        watching = asyncio.create_task(self._watch())
        try:
            await self.console.run(self)
        finally:
            watching.cancel()
            self._queue.clear()
            self._keep_draft()
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
        await self.show_past()
        self.spawn(self.load())
        self.spawn(self._probe())
        if self.records is not None and not self.in_order:
            with suppress(CodemodeError):
                self.console.asked[:0] = (await self.records.questions(self.chat.workspace))[::-1]
        if self.records is not None and self.look.draws:
            self._drafts = Drafts(self.chat.workspace)
            left = await asyncio.to_thread(self._drafts.left)
            if left is not None and not self.console.draft.text:
                self.console.put(left)
                self.say("here is what you were writing")

    async def take(self, opened: Opened) -> None:
        """Go on with another conversation."""
        before = self.chat.session
        await self.chat.close()  # before the next model loads: two do not fit
        self._take(opened)
        self.now.info, self.now.limit = None, 0
        if self.chat.session != before:  # else it stands above already
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
            self.turns.append(scribe)
            if self.records is not None:
                scribe.standing = await self.records.standing(scribe.turn)
                if scribe.standing.rating:
                    self.console.print([*self.look.standing(scribe.standing), []])

    async def load(self) -> None:
        """Load the model; a failure is shown, and a question or the restart key tries again."""
        if self.loading:
            return
        self.loading, self.now.state, self.now.progress = True, "loading", None
        try:
            self.now.info = await self.chat.start_engine(lambda progress: advance(self.now, progress))
            self.now.limit = self.now.limit or self.now.info.context_limit
            if not self.running:
                self.now.state = "ready"
        except CodemodeError as error:
            self.now.state = "failed"
            if not self._leaving:
                self.console.print(self.look.failure(error.title, error.message, error.hint))
        finally:
            self.loading, self.now.progress = False, None
            self.console.refresh()
        self._next()

    async def _probe(self) -> None:
        try:
            self.now.sandbox = await self.chat.probe_sandbox()
        except CodemodeError as error:
            self.console.print(self.look.failure("sandbox", error.message, error.hint))
        self.console.refresh()

    async def _watch(self) -> None:
        """Notice an engine that died while nothing was asked; keep the draft."""
        kept = ""
        for tick in range(1 << 62):
            await asyncio.sleep(KEEP_SECONDS)
            if (text := self.console.draft.text) != kept:
                kept = text
                await asyncio.to_thread(self._keep_draft)
            idle = not (self.running or self.loading)
            if tick % 4 == 0 and idle and self.now.state == "ready" and not self.chat.engine_running:
                self.now.state = "dead"
                self.console.refresh()

    def _keep_draft(self) -> None:
        if self._drafts is not None:
            waiting = next((one.text for one in self._queue if isinstance(one, Question)), "")
            draft = self.console.draft
            self._drafts.keep(draft if draft.text.strip() or not waiting else Draft(waiting, {}))

    # -- what is typed -----------------------------------------------------------------------------

    def entered(self, text: str, shown: str = "") -> bool:
        read = commands.slash(text)
        if read is None:
            self.ask(without_at(text, self.console.files), shown=without_at(shown, self.console.files))
            self.console.files = ()  # a run may have made others
            return True
        command, name, argument = read
        if self.in_order:
            self._queue.append((command, name, argument))
            self._next()
            return True
        if command is None or not command.can(self.look.front):
            self._unknown(command, name)
            return False
        self.spawn(self.actions.perform(command, argument))
        return True

    def _unknown(self, command: Command | None, name: str) -> None:
        why = f"there is no {name}" if command is None else f"/{command.slash} needs the screen: codemode"
        self.say(f"{why}; /help lists the commands", "warning")

    def interrupted(self) -> bool:
        if self.running:
            self.now.state = "stopping"
            self.spawn(self.chat.stop())
            self._take_back()
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
        self.spawn(self.actions.perform(command, ""))

    def left(self) -> None:
        self._leaving = True
        if not self.in_order or (not self.running and not self._queue):
            self.console.leave()

    def ask(self, text: str, force: Force | None = None, *, shown: str = "") -> None:
        """Now, or when what is going on is over."""
        self._queue.append(Question(text, force, shown))
        self._waiting()
        self._next()

    def _take_back(self) -> None:
        """What was to come next goes back into an empty prompt."""
        questions = [one.text for one in self._queue if isinstance(one, Question)]
        if questions and not self.console.draft.text and not self.in_order:
            self._queue.clear()
            self.console.put(Draft(questions[0], {}))
        self._waiting()

    def _waiting(self) -> None:
        self.now.waiting = tuple(one.text for one in self._queue if isinstance(one, Question))
        self.console.refresh()

    def _next(self) -> None:
        if self.running or self.loading:
            return
        if not self._queue:
            if self._leaving:
                self.console.leave()
            return
        one = self._queue.popleft()
        self.running, self.now.state = True, "thinking"  # from here on
        self._waiting()
        if isinstance(one, Question):
            self.spawn(self._turn(one))
        else:
            self.spawn(self._command(*one))

    async def _command(self, command: Command | None, name: str, argument: str) -> None:
        self.running, self.now.state = False, "ready"
        if command is None or not command.can(self.look.front):
            self._unknown(command, name)
        else:
            await self.actions.perform(command, argument)
        self._next()

    # -- turns -------------------------------------------------------------------------------------

    async def _turn(self, question: Question) -> None:
        scribe = Scribe(self.console, self.look, question.text, question.force)
        if self.look.draws or self.in_order:
            self.console.print(self.look.question(question.shown or question.text))
        self.turns.append(scribe)
        await self.follow(self.chat.ask(question.text, force=question.force), scribe)

    async def follow(self, source: AsyncIterator[ev.Event], shown: Shown) -> None:
        """Show a turn, or a correction, to its end. What goes wrong in it is shown too."""
        now = self.now
        self.running = True
        now.state, now.progress, now.attempt = "thinking", None, 1
        asking: set[asyncio.Task[None]] = set()
        try:
            async for batch in paced(self._speed.counted(source)):
                for event in batch:
                    tell(now, event, self._speed.rate)
                    shown.apply(event)
                    if isinstance(event, Wanted):
                        asking.add(asyncio.create_task(settle(self, event)))
                    elif isinstance(event, ENDS):
                        await _cancelled(asking)
                    if isinstance(event, ev.TurnDone | ev.TurnFailed):
                        self.ended = event
                self.console.refresh()
        except CodemodeError as error:
            shown.fail("error", error.message, error.hint)
        except Exception as error:  # a bug must not take the terminal and the draft with it
            shown.fail("error", f"unexpected {type(error).__name__}: {error}", "run with --debug and report it")
        finally:
            await _cancelled(asking)
            self.running = False
            now.progress = None
            now.info = self.chat.info or now.info
            if not self.loading:
                now.state = "ready" if self.chat.engine_running else "dead" if now.info else "failed"
            self.console.refresh()
        self._next()

    # -- feedback ----------------------------------------------------------------------------------

    @property
    def last(self) -> Scribe | None:
        """The newest turn that has begun."""
        return next((turn for turn in reversed(self.turns) if turn.turn), None)

    async def rate(self, value: Literal[-1, 1]) -> None:
        """On disk first, then it is said. Said again it is taken back."""
        turn = self.last
        if turn is None:
            self.say("there is no turn to rate yet", "warning")
            return
        new: Literal[-1, 0, 1] = 0 if turn.standing.rating == value else value
        self.correcting.leave()
        if not await self.recorded(partial(self.chat.rate, turn.turn, new)):
            return
        turn.standing = rated(turn.standing, new)
        name = "thumbs-down" if value < 0 else "thumbs-up"
        if not new:
            self.say(f"{name} undone")
            return
        undo = f"{self.look.key(name)} undoes" if self.look.draws else f"/{'down' if value < 0 else 'up'} again undoes"
        self.console.print(self.look.standing(turn.standing, undo))
        if new < 0:
            self.correcting.speak_of(turn)

    async def recorded(self, work: Any) -> bool:  # noqa: ANN401 - a function that makes an awaitable
        """Whether it is on disk; if not, that is said."""
        try:
            await work()
        except CodemodeError as error:
            self.say(f"not recorded: {error.line()}", "error")
            return False
        return True

    def say(self, text: str, color: str = "muted") -> None:
        self.console.print(self.look.said(Note(text, color)))

    def page(self, lines: Sequence[Line]) -> None:
        self.console.print([*lines, []])


SHOWN_TURNS = 5
"""Turns of a resumed session that are shown; the model remembers all that fit."""


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    tasks.clear()
