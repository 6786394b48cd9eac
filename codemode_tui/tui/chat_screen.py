"""The screen of a conversation: header, turns, the open question, prompt, status."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from codemode_tui import commands
from codemode_tui.chat import events as ev
from codemode_tui.engine.api import Force
from codemode_tui.errors import CodemodeError
from codemode_tui.front.acting import Severity
from codemode_tui.front.drafts import NOTHING, Draft, Drafts
from codemode_tui.front.driver import Question
from codemode_tui.front.keys import first_key
from codemode_tui.front.ports import Chat
from codemode_tui.front.status import used
from codemode_tui.tui import prose
from codemode_tui.tui.choices import HEIGHTS, ChoicePanel
from codemode_tui.tui.code_card import CodeCard
from codemode_tui.tui.driver import Driver
from codemode_tui.tui.editing import CodeEditor, writes
from codemode_tui.tui.error_card import ErrorCard
from codemode_tui.tui.feedback_bar import FeedbackBar
from codemode_tui.tui.header import Header
from codemode_tui.tui.hints import Hints
from codemode_tui.tui.in_order import character_of
from codemode_tui.tui.key_strip import KeyStrip
from codemode_tui.tui.keys import bindings
from codemode_tui.tui.open_questions import Asker, OpenQuestions
from codemode_tui.tui.prompt import Prompt
from codemode_tui.tui.status import KEYS, StatusLine
from codemode_tui.tui.steady import SteadyScreen
from codemode_tui.tui.transcript import Transcript
from codemode_tui.tui.turn_actions import TurnActions
from codemode_tui.tui.turn_card import TurnCard
from codemode_tui.tui.turn_menu import TurnMenu
from codemode_tui.tui.waiting_line import WaitingLine
from codemode_tui.tui.welcome import Welcome

if TYPE_CHECKING:
    from codemode_tui.tui.app import CodemodeApp


class ChatScreen(SteadyScreen):
    DEFAULT_CSS = """
    ChatScreen { layout: vertical; background: $background; }
    ChatScreen.-reading Prompt { max-height: 10vh; }
    ChatScreen.-low.-reading Prompt, ChatScreen.-short.-reading Prompt { border: none; min-height: 1; padding: 0 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("chat"), *bindings("scroll", priority=True)]
    AUTO_FOCUS = "Prompt"
    # On a low terminal a prompt without the focus gives its frame to the turns.
    VERTICAL_BREAKPOINTS = HEIGHTS

    def __init__(
        self,
        chat: Chat,
        keymap: dict[str, str],
        guard: float,
        past: Iterable[list[ev.Event]] = (),
        *,
        draft: Draft | None = None,
    ) -> None:
        """``draft``: what is being written already; None: what is written is not kept on disk."""
        super().__init__()
        self.chat = chat
        self.keymap = keymap
        self.guard = guard
        self.past = past
        self.prompt = Prompt(keymap)
        self.header = Header(chat.workspace)
        self.transcript = Transcript()
        self.status = StatusLine()
        self.waiting = WaitingLine(keymap)
        self.driver = Driver(chat, self)
        self.asker: Asker = chat
        """Who gets the answers: another one while code is run that belongs to no turn."""
        self._questions = OpenQuestions(self, self, guard)
        self._drafts = Drafts(chat.workspace) if draft is not None else None
        self._carried = draft or NOTHING
        self.bar = FeedbackBar(self, chat, self.driver, self._questions, other=self.typed)
        self.menu = TurnMenu(keymap, self.typed)
        self.turns = TurnActions(self)

    @property
    def owner(self) -> CodemodeApp:
        return cast("CodemodeApp", self.app)

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.transcript
        yield self._questions
        yield self.bar
        yield self.menu
        yield self.waiting
        yield Hints()
        yield self.prompt
        yield self.status

    async def on_mount(self) -> None:
        send, newline, help_ = (first_key(name, self.keymap) for name in ("prompt.send", "prompt.newline", "help"))
        self.prompt.hint(f"{send} send · {newline} new line · {help_} help")
        self.prompt.restore(self._carried)
        self.watch(self.status, "info", lambda info: setattr(self.header, "info", info))
        self.status.restart_key, self.status.stop_key, self.status.model_key = (
            first_key(name, self.keymap) for name in ("restart", "stop", "model")
        )
        keyed = (one for one in KEYS if self.keymap.get(one[0]) != "")
        self.status.keys = tuple((first_key(name, self.keymap), what, needed) for name, what, needed in keyed)
        await self.transcript.mount(Welcome(self.keymap, self.chat.workspace))
        # After the first paint: nothing of it may delay the prompt.
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        self.transcript.load = self.turns.stored
        for turn in self.past:
            if len(turn) == 1:  # too long ago: shown when somebody scrolls up
                self.transcript.older.append(turn[0].turn)
                continue
            card = await self.open_turn(next((e.query for e in turn if isinstance(e, ev.TurnStarted)), ""))
            await self.turns.fill(card, turn)
            self.status.used = next(filter(None, map(used, reversed(turn))), self.status.used)
        self.turns.loaded.set()
        await self._remember()
        if self.owner.review is not None:
            self.owner.action_review(self.owner.review)
        self.run_worker(self.driver.load(), group="engine")
        self.run_worker(self._probe(), group="sandbox")
        self.set_interval(2.0, self.driver.look_after_engine)
        self.set_timer(1.0, lambda: self.run_worker(prose.get_ready, group="ready"))  # type: ignore[arg-type]  # of None

    async def _remember(self) -> None:
        """Questions of before, and a draft that nobody finished: where something is being written already, it waits."""
        if self.owner.records is not None:
            with suppress(CodemodeError):
                self.prompt.remember((await self.owner.records.questions(self.chat.workspace))[::-1])
        if self._drafts is None:
            return
        left = await asyncio.to_thread(self._drafts.left) if self.prompt.empty else None
        if left is not None:
            self.owner.main.prompt.restore(left)  # another screen may have taken the place of this one meanwhile
            self.owner.say("here is what you were writing")
        self.run_worker(self._drafts.follow(lambda: self.draft), group="draft")

    async def _probe(self) -> None:
        try:
            self.header.sandbox = await self.chat.probe_sandbox()
        except CodemodeError as error:
            self.header.problem = error.message
            await self.failed("sandbox", error.message, error.hint)

    # -- what the driver needs ---------------------------------------------------------------------

    async def open_turn(self, question: str, force: Force | None = None) -> TurnCard:
        await self.query(Welcome).remove()
        card = TurnCard(question, force)
        await self.transcript.add(card)
        return card

    async def failed(self, kind: str, message: str, hint: str) -> None:
        await self.query(Welcome).remove()
        await self.transcript.add(ErrorCard(kind, message, hint))

    def idle(self) -> None:
        if self.driver.busy:
            return
        if (question := self.driver.take_back()) is not None:
            self.driver.running = True  # from here on, not when the worker gets its turn
            self.run_worker(self.driver.run(question), group="turn")
        self._next_steps()

    @on(events.DescendantFocus)
    @on(events.TextSelected)  # the button is up
    @on(FeedbackBar.Said)
    def _next_steps(self) -> None:
        """What can be done with the chosen turn, else with a newest one that came to nothing."""
        if self._selecting:  # nothing moves under the pointer
            return
        self.set_class(self.focused is not self.prompt, "-reading")
        cards = self.transcript.cards
        if isinstance(self.focused, TurnCard):
            self.menu.speak_of(self.focused)
        elif not self.menu.chooses:
            # Two lines of the same keys would stand above one another.
            self.menu.suggest(cards[-1] if cards and not (self.driver.running or self.bar.open) else None)

    # -- asking ------------------------------------------------------------------------------------

    @on(Prompt.Sent)
    async def _sent(self, event: Prompt.Sent) -> None:
        self._questions.typed(0.0)
        read = commands.slash(event.text)
        if read is None:
            if not await self.turns.edited(event.text, event.written):
                self.ask(event.text, written=event.written)
            return
        command, name, argument = read
        if command is None:
            self.owner.say(f"there is no {name}; /help lists the commands", "warning")
            self.refused(event.written)
            return
        force: Force | None = "tool" if command.action == "tool" else "direct" if command.action == "direct" else None
        if force and argument and await self.turns.edited(argument, event.written, force):
            return
        self.prompt.accepted(event.written)
        await self.owner.perform(command, argument)

    def ask(
        self,
        text: str,
        force: Force | None = None,
        *,
        written: str = "",
        again: str | None = None,
        go_on: bool = False,
    ) -> None:
        """Ask now, or next when something is going on. ``written``: in the prompt, where it came from there."""
        question = Question(text, force, again, go_on)
        if not self.driver.accept(question):
            self.owner.say("one question is waiting already; yours stays in the prompt", "warning")
            self.refused(written or question.written)
            return
        self.turns.edit(None)
        self.menu.suggest(None)
        self.bar.quieten()
        self.bar.correcting.left = True
        if written:
            self.prompt.accepted(written)
        if not self.driver.busy:
            self.transcript.anchor()  # who asks wants to see the answer
        self.idle()

    def refused(self, written: str) -> None:
        """It is in the prompt again, on lines of its own before what has been typed meanwhile."""
        self.prompt.refused(written if self.prompt.empty else f"{written}\n")

    def reply(self, request: str, answer: ev.Approval | ev.WriteReply) -> None:
        self.asker.reply(request, answer)

    @on(Prompt.Typed)
    def _noticed(self) -> None:
        self._questions.typed()

    @on(Prompt.Changed)
    def _changed(self, event: Prompt.Changed) -> None:
        if event.text_area is self.prompt:
            self.prompt.look()

    @on(Prompt.Offered)
    def _offered(self) -> None:
        self.query_one(Hints).offer(self.prompt.found.offers, self.prompt.marked)

    @on(Prompt.FilesWanted)
    def _files_wanted(self) -> None:
        self.run_worker(self._list_files(), group="files", exclusive=True)

    async def _list_files(self) -> None:
        self.prompt.offer_files(await self.chat.files())

    @on(Prompt.SearchWanted)
    def _search_wanted(self) -> None:
        self.owner.look_for_question()

    @property
    def draft(self) -> Draft:
        """What would be lost: the question that waits, and what is being written behind it."""
        draft, waiting = self.prompt.draft, self.driver.queued
        if waiting is None:
            return draft
        return Draft("\n\n".join(filter(str.strip, (waiting.written, draft.text))), draft.pastes)

    def keep_draft(self, last: Draft = NOTHING) -> None:
        """Put this on disk, and nothing after it: the program ends, or another screen goes on with the draft."""
        if self._drafts is not None:
            self._drafts.keep(last, last=True)

    # -- the keyboard --------------------------------------------------------------------------------

    @property
    def questions(self) -> OpenQuestions:
        return self._questions

    @property
    def drafting(self) -> bool:
        return not self.prompt.empty or writes(self.focused)

    @property
    def lends_keyboard(self) -> bool:
        return (self.prompt.empty or not self.prompt.has_focus) and not writes(self.focused)

    def keyboard_back(self) -> None:
        """To what waits for an answer, else to the prompt."""
        panel = self._questions.current
        shown = self.bar.correcting.shown
        if panel is not None:
            panel.take_keyboard()
        elif shown is not None and not self.drafting and not self.bar.correcting.left:
            shown.strip.focus()
        else:
            self.set_focus(self.prompt)

    def typed(self, character: str) -> None:
        """Somebody writes, whatever has the focus."""
        self.set_focus(self.prompt)
        self.prompt.insert(character)

    def say(self, text: str, severity: Severity = "information") -> None:
        self.owner.say(text, severity)

    @property
    def chosen(self) -> TurnCard | None:
        """The turn that a command means."""
        return self.transcript.chosen

    @on(KeyStrip.Chosen)
    async def _decided(self, event: KeyStrip.Chosen) -> None:
        if event.strip is not self.menu:
            await self.bar.correcting.decided(event)
        elif self.menu.card is not None:
            await self.turns.act(event.action, self.menu.card)

    @on(ChoicePanel.Settled)
    def _reveal(self) -> None:
        """What is asked about is seen, also of a correction or a rerun further up."""
        for code in self.query(CodeCard).filter("CandidateCard .-asking, Rerun .-asking"):
            code.scroll_visible(animate=False)

    @on(Prompt.LeaveWanted)
    def _leave_prompt(self) -> None:
        if (panel := self._questions.current) is not None:
            panel.take_keyboard()
        elif not self.bar.take_keyboard() and not self.menu.take_keyboard():
            self.action_previous()  # the newest; the next in focus would be the oldest

    # -- keys of this screen -----------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Who types while a turn has the focus wants to write: a click or alt+up must not swallow letters."""
        if event.key == "enter" and isinstance(self.focused, TurnCard):
            event.stop()
            self.menu.take_keyboard()
        elif (character := character_of(event)) and isinstance(self.focused, TurnCard | None):
            event.stop()
            self.typed(character)

    def on_paste(self, event: events.Paste) -> None:
        if isinstance(self.focused, TurnCard | KeyStrip | ChoicePanel | None):
            event.stop()
            if not isinstance(self.focused, ChoicePanel):  # a question keeps the keyboard
                self.prompt.focus()
            self.prompt.pasted(event.text)

    async def action_stop(self) -> None:
        """The innermost thing that is open, else the running turn or the loading, else back to the prompt."""
        if await self._questions.back() or (self.bar.has_focus_within and await self.bar.back()):
            return
        if (question := self.driver.take_back()) is not None:
            if self.prompt.empty:
                self.prompt.put(question.written)
            else:
                back = first_key("prompt.history-previous", self.keymap)
                self.owner.say(f"taken back; your draft stays, {back} shows the question")
            return
        if self.driver.running:
            self.status.state = "stopping"
            await self.asker.stop()
        elif self.driver.loading:
            await self.driver.chat.stop()
        elif self.prompt.has_focus:
            self.turns.edit(None)
        self.prompt.focus()

    def action_previous(self) -> None:
        self.focus_card(self.transcript.step_focus(-1))

    def action_next(self) -> None:
        self.focus_card(self.transcript.step_focus(1))

    def focus_card(self, card: TurnCard | None) -> None:
        (card or self.prompt).focus()
        if card is not None:
            card.scroll_visible(animate=False, top=True)
        else:
            self.transcript.anchor()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action.startswith("page_") and isinstance(self.focused, CodeEditor))

    def action_page_up(self) -> None:
        self.transcript.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        self.transcript.scroll_page_down(animate=False)
