"""The application: composes the screen, themes and keys, and routes what was asked for."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual.binding import BindingType
from textual.driver import Driver
from textual.events import Event, Paste
from textual.screen import ModalScreen
from textual.theme import Theme
from textual.widgets import Input

from codemode_tui.chat import events as ev
from codemode_tui.commands import Command
from codemode_tui.engine.api import Force
from codemode_tui.errors import CodemodeError
from codemode_tui.front import driver
from codemode_tui.front.acting import UNFINISHED, Severity
from codemode_tui.front.better_model import better_model
from codemode_tui.front.clipboard import copy_here
from codemode_tui.front.corrections import CORRECT, cannot
from codemode_tui.front.drafts import NOTHING
from codemode_tui.front.keys import first_key
from codemode_tui.front.ports import Chat, Opened, Records, Reopen
from codemode_tui.help.topics import NAMES, topic
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.tui import palette, pasting
from codemode_tui.tui.chat_screen import ChatScreen
from codemode_tui.tui.choosing import worker
from codemode_tui.tui.editing import CodeEditor, WritingPanel, pasted
from codemode_tui.tui.help_screen import HelpScreen
from codemode_tui.tui.keys import BEHIND, bindings, keymap
from codemode_tui.tui.leaving import Leaving
from codemode_tui.tui.picker import Ask, Picker
from codemode_tui.tui.review_screen import ReviewScreen
from codemode_tui.tui.step_view import StepView
from codemode_tui.tui.turn_card import TurnCard
from codemode_tui.tui.turn_menu import can_be_done
from codemode_tui.tui.welcome import Welcome

if TYPE_CHECKING:
    from codemode_tui.front.rehearsal import Rehearsal

OFFER_SECONDS = 15.0
"""How often a model that was trained meanwhile is looked for, and how long it is offered."""


class CodemodeApp(Leaving):
    TITLE = "codemode"
    CSS = """
    Toast { background: $panel; color: $foreground; padding: 0 1; }
    ToastRack { align: right top; margin-top: 1; dock: top; height: auto; }
    """
    # Before the focused widget: these must act whatever is going on.
    BINDINGS: ClassVar[list[BindingType]] = bindings("app", priority=True)
    ENABLE_COMMAND_PALETTE = False  # ours is a list like the others
    PAUSE_GC_ON_SCROLL = True
    DEFAULT_MODE = "chat 0"  # each conversation is a mode: that is how its screen can be put in the place of another

    def __init__(
        self,
        chat: Chat,
        *,
        themes: dict[str, Theme],
        theme: str | None,
        keys: dict[str, str] | None = None,
        reduced_motion: bool = False,
        guard: float = 0.5,
        past: Iterable[list[ev.Event]] = (),
        records: Records | None = None,
        rehearsal: Rehearsal | None = None,
        review: str | None = None,
        reopen: Reopen | None = None,
        first: bool = False,
    ) -> None:
        """
        Args:
            theme: None: the one for the colours that the terminal has.
            guard: seconds for which a question ignores keys.
            past: turns of a resumed session.
            records: the store; None when nothing is kept.
            rehearsal: runs code of imported rows.
            review: begin with a review: of what was rated down (empty), or of the imported set of this name.
            reopen: opens a conversation with another model, session or folder; None: it stays what it is.
            first: nobody has chosen a model yet.
        """
        super().__init__()
        self.chat = chat
        self.records = records
        self.rehearsal = rehearsal
        self.review = review
        self.themes = themes
        self.keys = keys or {}
        self.calm = reduced_motion
        if reduced_motion:
            self.animation_level = "none"
        for known in themes.values():
            self.register_theme(known)
        # To the nearest of sixteen, what is nearly grey would be the same as what it stands on.
        self.theme = theme or ("codemode-ansi" if self.console.color_system == "standard" else "codemode-dark")
        self.set_keymap(keymap(self.keys))
        self.reopen = reopen
        self.first = first
        self.guard = guard
        self.main = ChatScreen(chat, self.keys, guard, past, draft=NOTHING if reopen is not None else None)
        self._words()
        self._place, self._reopening = 0, asyncio.Lock()
        self.add_mode(self.DEFAULT_MODE, self._first_screen)

    async def on_event(self, event: Event) -> None:
        """Controls in a clipboard would act on the terminal where they are echoed; the prompt folds its own pastes."""
        # A field lets it bubble up to here once more.
        if isinstance(event, Paste) and not event.is_forwarded and isinstance(self.focused, Input | CodeEditor):
            event = Paste(pasted(self.focused, event.text))
        await super().on_event(event)

    def get_driver_class(self) -> type[Driver]:
        pasting.install()
        return super().get_driver_class()

    def on_mount(self) -> None:
        # Back from ctrl+z: the terminal has forgotten all that was on the screen.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if self.reopen is not None:
            self.set_interval(OFFER_SECONDS, self._offer_better_model)

    async def _offer_better_model(self) -> None:
        if text := await asyncio.to_thread(better_model):
            self.notify(one_line(text), timeout=OFFER_SECONDS, markup=False)

    def _first_screen(self) -> ChatScreen:
        self.main.prompt.cursor_blink = not self.calm
        return self.main

    @property
    def corrects(self) -> bool:
        return any(screen.query(WritingPanel) for screen in self.screen_stack)

    @property
    def writing(self) -> bool:
        """A correction is being written in the conversation, which would be lost. Then that is said."""
        found = bool(self.main.query(WritingPanel))
        if found:
            self.say(UNFINISHED, "warning")
        return found

    async def take(self, opened: Opened) -> None:
        draft = self.main.draft
        self.main.keep_draft()
        self.chat, self.records, self.rehearsal, self.review = opened.chat, opened.records, opened.rehearsal, None
        self.keys = dict(opened.settings.keys)
        self.set_keymap(keymap(self.keys))
        self.main = ChatScreen(self.chat, self.keys, self.guard, opened.past, draft=draft)
        self._words()
        self.main.prompt.cursor_blink = not self.calm
        before, self._place = self.current_mode, self._place + 1
        self.add_mode(f"chat {self._place}", lambda: self.main)
        await self.switch_mode(f"chat {self._place}")
        await self.remove_mode(before)

    def _words(self) -> None:
        """What may follow a command, where the table cannot know it."""
        self.main.prompt.words = {"theme": sorted(self.themes), "help": NAMES}

    @property
    def desk(self) -> ChatScreen | ReviewScreen:
        """The screen whose turn a command means."""
        return next((screen for screen in self.screen_stack if isinstance(screen, ReviewScreen)), self.main)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        top = next(reversed(self.screen_stack), None)
        if isinstance(top, Ask) and top.key:  # it waits for a key, which may be one of ours
            return False
        if isinstance(top, Picker) and action == "palette":  # its key leads up the list
            return False
        return not (isinstance(top, ModalScreen) and action in BEHIND)

    @property
    def driver(self) -> driver.Driver:
        return self.main.driver

    @property
    def meant(self) -> TurnCard | None:
        return self.desk.chosen

    def say(self, text: str, severity: Severity = "information") -> None:
        """A toast."""
        self.notify(
            one_line(text), severity="information" if severity == "success" else severity, timeout=4, markup=False
        )

    def key(self, name: str) -> str:
        return first_key(name, self.keys)

    def ask(self, text: str, force: Force) -> None:
        self.main.ask(text, force)

    # -- commands ----------------------------------------------------------------------------------

    def place_of(self, command: Command) -> object:
        return self if command.where == "app" else self.main

    async def run_action(self, *args: Any, **more: Any) -> bool:  # noqa: ANN401 - as Textual's
        """What a key says; an error is said."""
        try:
            return await super().run_action(*args, **more)
        except CodemodeError as error:
            self.say(error.line(), "error")
        return True

    @worker()
    async def action_palette(self) -> None:
        talking = self.desk is self.main
        card = self.main.chosen if talking else None
        doable = can_be_done(card) if card is not None else set[str]()
        match await self.pick("commands", palette.commands(self.keys, self.themes, doable)):
            case str(theme):
                self.action_theme(theme)
            case Command(where="turn", action=action) if card is not None:
                await self.main.turns.act(action, card)
            case Command(argument=needed, slash=name) if talking and needed and "[" not in needed:
                self.main.prompt.refused(f"/{name} ")  # before what is written already
            case Command() as chosen:
                await self.perform(chosen)

    def action_help(self, name: str = "") -> None:
        if name:
            self._read_topic(name)
        elif isinstance(self.screen, HelpScreen):
            self.screen.dismiss()
        else:
            self.push_screen(HelpScreen(self.keys))

    def _read_topic(self, name: str) -> None:
        from codemode_tui.tui.topic_screen import TopicScreen  # not needed for the first paint

        if name in NAMES:
            self.push_screen(TopicScreen(topic(name)))
        else:
            self.say(f"nothing to read about {name}; there are {', '.join(NAMES)}", "warning")

    def action_review(self, source: str = "") -> None:
        """What was rated down, or the rows of an imported set."""
        # A question that waits would run behind the review, and ask there what nobody sees.
        if self.desk is not self.main or self.turn_runs or self.main.driver.waits:
            return
        if self.records is None or (source and self.rehearsal is None):
            self.say("nothing is stored here, so there is nothing to review", "warning")
        elif source and self.rehearsal is not None:
            from codemode_tui.tui.row_review import RowReview  # not needed for the first paint

            self.push_screen(RowReview(self, self.records, source, self.rehearsal))
        else:
            from codemode_tui.tui.turn_review import TurnReview

            self.push_screen(TurnReview(self, self.records))

    async def action_new(self) -> None:
        if self.turn_runs or self.main.driver.waits or self.writing:
            return
        main, driver = self.main, self.driver
        driver.renewing = True
        try:
            await self.chat.new_session()
            await main.bar.stop_writing()
            main.bar.close()
            await main.transcript.empty()
            main.turns.edit(None)
            main.menu.suggest(None)
            main.status.used = main.status.rate = 0
            await main.transcript.mount(Welcome(self.keys, self.chat.workspace))
        finally:
            driver.renewing = False
            driver.idle()

    def action_restart(self) -> None:
        driver = self.driver
        if driver.busy:
            self.say("the engine is at work; stop the turn first", "warning")
        elif self.chat.engine_running:
            self.say("the engine is running")
        else:
            driver.loading = True
            self.main.run_worker(driver.load(), group="engine")

    # -- the chosen turn ---------------------------------------------------------------------------

    async def action_thumbs_down(self) -> None:
        await self._rate(-1)

    async def action_thumbs_up(self) -> None:
        await self._rate(1)

    async def _rate(self, value: Literal[-1, 1]) -> None:
        card, bar = self.desk.chosen, self.desk.bar
        if card is None or card.turn is None or bar is None:
            self.say("there is no turn to rate yet", "warning")
        else:
            await bar.rate(card, value)

    async def action_correct(self, how: str = "") -> None:
        """Open the line of choices, and take one of them."""
        card, bar = self.desk.chosen, self.desk.bar
        if card is None or card.turn is None or bar is None:
            self.say("there is no turn to correct yet", "warning")
        elif how and how not in CORRECT:
            self.say(f"/correct {', '.join(CORRECT)}", "warning")
        elif how and (why := cannot(CORRECT[how], card.decided())):
            self.say(why, "warning")
        else:
            await bar.rate(card, -1) if card.rating >= 0 else bar.speak_of(card)
            if how and card.rating < 0:  # else it could not be stored, and another turn is spoken about
                await bar.choose(CORRECT[how])

    async def action_raw(self) -> None:
        card = self.desk.chosen
        if card is not None and card.last_step is not None:
            await card.toggle_raw()

    def show_undone(self, run: str, paths: Sequence[str]) -> None:
        for step in self.main.query(StepView):
            step.show_undone(run, paths)

    def action_expand(self) -> None:
        card = self.desk.chosen
        if card is not None:
            card.show_all()

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """As Textual's, but it comes back whatever goes wrong, and ctrl+c is for the program that has the terminal."""
        wrong: Exception | None = None
        with super().suspend():
            # A handler: that a signal is ignored would be inherited.
            before = signal.signal(signal.SIGINT, lambda *_: None)
            try:
                yield
            except Exception as error:
                wrong = error
            finally:
                signal.signal(signal.SIGINT, before)
        if wrong is not None:
            raise wrong

    def action_suspend(self) -> None:
        self.action_suspend_process()

    def copy(self, text: str) -> None:
        self.copy_to_clipboard(text)

    def copy_to_clipboard(self, text: str) -> None:
        text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair has no bytes
        super().copy_to_clipboard(text)
        copy_here(text)

    @property
    def clipboard(self) -> str:
        """What was copied here, as a paste of it would be: no control in it acts."""
        return pasted(self.focused, super().clipboard)
