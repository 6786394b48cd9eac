"""The screen of a conversation: header, turns, the open question, prompt, status."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from codemode_tui import commands
from codemode_tui.chat import events as ev
from codemode_tui.engine.api import Force
from codemode_tui.errors import CodemodeError
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.tui.choices import ChoicePanel
from codemode_tui.tui.confirm_panel import CodeEditor, ConfirmPanel
from codemode_tui.tui.driver import Driver, Question
from codemode_tui.tui.error_card import ErrorCard
from codemode_tui.tui.header import Header
from codemode_tui.tui.keys import bindings, first_key
from codemode_tui.tui.ports import Chat
from codemode_tui.tui.prompt import Prompt
from codemode_tui.tui.slash_hints import SlashHints
from codemode_tui.tui.status import StatusLine
from codemode_tui.tui.transcript import Transcript
from codemode_tui.tui.turn_card import TurnCard
from codemode_tui.tui.welcome import Welcome
from codemode_tui.tui.write_panel import WritePanel

if TYPE_CHECKING:
    from codemode_tui.tui.app import CodemodeApp

TYPING_PAUSE = 1.0
"""Seconds without a key after which somebody is not typing any more."""


class ChatScreen(Screen[None]):
    DEFAULT_CSS = """
    ChatScreen { layout: vertical; background: $background; }
    ChatScreen > .queued { height: auto; max-height: 2; margin: 0 2; color: $muted; display: none; }
    ChatScreen > .queued.-shown { display: block; }
    ChatScreen.-short Prompt:blur { border: none; min-height: 1; padding: 0 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("chat"), *bindings("scroll", priority=True)]
    AUTO_FOCUS = "Prompt"
    # On a low terminal a prompt without the focus gives its frame to the turns.
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012 - Textual declares it for instances

    def __init__(self, chat: Chat, keymap: dict[str, str], guard: float, past: Iterable[list[ev.Event]] = ()) -> None:
        super().__init__()
        self.chat = chat
        self.keymap = keymap
        self.guard = guard
        self.past = past
        self.driver = Driver(chat, self)
        self.prompt = Prompt(keymap)
        self.header = Header(chat.workspace)
        self.transcript = Transcript()
        self._status = StatusLine()
        self._panels: list[ChoicePanel] = []
        self._typed = 0.0

    @property
    def owner(self) -> CodemodeApp:
        return cast("CodemodeApp", self.app)

    @property
    def status(self) -> StatusLine:
        return self._status

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.transcript
        yield Static(classes="queued")
        yield SlashHints()
        yield self.prompt
        yield self._status

    async def on_mount(self) -> None:
        send, newline, help_ = (first_key(name, self.keymap) for name in ("prompt.send", "prompt.newline", "help"))
        self.prompt.hint(f"{send} send · {newline} new line · {help_} help")
        self._status.restart_key = first_key("restart", self.keymap)
        self._status.stop_key = first_key("stop", self.keymap)
        await self.transcript.mount(Welcome(self.keymap))
        # After the first paint: nothing of it may delay the prompt.
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        for turn in self.past:
            card = await self.open_turn(next((e.query for e in turn if isinstance(e, ev.TurnStarted)), ""))
            for event in turn:
                await card.apply(event)
            self.prompt.asked.append(card.question)
        self.run_worker(self.driver.load(), group="engine")
        self.run_worker(self._probe(), group="sandbox")
        self.set_interval(2.0, self.driver.look_after_engine)

    async def _probe(self) -> None:
        try:
            self.header.sandbox = await self.chat.probe_sandbox()
        except CodemodeError as error:
            self.header.problem = error.message
            await self.failed("sandbox", error.message, error.hint)

    # -- what the driver needs ---------------------------------------------------------------------

    async def open_turn(self, question: str) -> TurnCard:
        await self.query(Welcome).remove()
        card = TurnCard(question)
        await self.transcript.add(card)
        return card

    async def failed(self, kind: str, message: str, hint: str) -> None:
        await self.query(Welcome).remove()
        await self.transcript.add(ErrorCard(kind, message, hint))

    async def wanted(self, event: ev.ApprovalWanted | ev.WriteWanted) -> None:
        panel = ConfirmPanel(event) if isinstance(event, ev.ApprovalWanted) else WritePanel(event)
        self._panels.append(panel)
        if len(self._panels) == 1:
            await self._show_panel()

    async def settled(self) -> None:
        panels, self._panels = self._panels, []
        for panel in panels:
            if panel.is_attached:
                await self._remove(panel)

    def waiting(self, question: Question | None) -> None:
        line = self.query_one(".queued", Static)
        line.set_class(question is not None, "-shown")
        if question is not None:
            back = first_key("stop", self.keymap)
            text = one_line(question.text, max(20, self.size.width - 40))
            line.update(
                Content.assemble(("next: ", "$accent"), (text, "$foreground"), (f"   {back} takes it back", "$faint"))
            )

    def idle(self) -> None:
        if not self.driver.busy and self.driver.queued is not None and (question := self.driver.take_back()):
            self.run_worker(self.driver.run(question), group="turn")

    # -- asking ------------------------------------------------------------------------------------

    @on(Prompt.Sent)
    async def _sent(self, event: Prompt.Sent) -> None:
        self._typed = 0.0
        read = commands.slash(event.text)
        if read is None:
            self.ask(event.text)
            return
        command, name, argument = read
        if command is None:
            self.owner.say(f"there is no {name}; /help lists the commands", "warning")
            return
        self.prompt.accepted()
        await self.owner.perform_with(command, argument)

    def ask(self, text: str, force: Force | None = None, *, from_prompt: bool = True) -> None:
        """Ask now, or next when something is going on."""
        if not self.driver.accept(Question(text, force)):
            self.owner.say("one question is waiting already; yours stays in the prompt", "warning")
            return
        if from_prompt:
            self.prompt.accepted()
        self.idle()

    @on(Prompt.Typed)
    def _noticed(self) -> None:
        self._typed = time.monotonic()

    @on(Prompt.Changed)
    def _changed(self, event: Prompt.Changed) -> None:
        if event.text_area is self.prompt:
            self.query_one(SlashHints).start = self.prompt.text

    # -- the open question -------------------------------------------------------------------------

    async def _show_panel(self) -> None:
        panel = self._panels[0]
        # Whoever writes a draft keeps the keyboard; the panel waits for the key that leads to it.
        takes_focus = self.prompt.empty or not self.prompt.has_focus
        await self.mount(panel, before=self.query_one(".queued"))
        if takes_focus:
            panel.focus()
        typing = self._typed + TYPING_PAUSE - time.monotonic() if self._typed else 0.0
        panel.arm_after(max(self.guard, typing) if self.guard else 0.0, pause=TYPING_PAUSE)

    async def _remove(self, panel: ChoicePanel) -> None:
        had_focus = panel.has_focus_within or panel.has_focus
        await panel.remove()
        if had_focus:
            self.prompt.focus()

    @on(ChoicePanel.Decided)
    async def _decided(self, event: ChoicePanel.Decided) -> None:
        panel = event.panel
        if panel not in self._panels:
            return
        self._panels.remove(panel)
        try:
            if isinstance(panel, ConfirmPanel):
                self.chat.reply(panel.wanted.request, _approval(event))
            elif isinstance(panel, WritePanel):
                self.chat.reply(panel.wanted.request, ev.WriteReply(event.action))  # type: ignore[arg-type]  # its three
        except CodemodeError as error:
            self.owner.say(error.line(), "warning")
        await self._remove(panel)
        if self._panels:
            await self._show_panel()

    @on(Prompt.LeaveWanted)
    def _leave_prompt(self) -> None:
        if self._panels and self._panels[0].is_attached:
            self._panels[0].focus()
        else:
            self.focus_next()

    # -- keys of this screen -----------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Who types while a turn has the focus wants to write: a click or alt+up must not swallow letters."""
        if event.is_printable and event.character and isinstance(self.focused, TurnCard | None):
            event.stop()
            self.prompt.focus()
            self.prompt.insert(event.character)

    def on_paste(self, event: events.Paste) -> None:
        if isinstance(self.focused, TurnCard | None):
            event.stop()
            self.prompt.focus()
            self.prompt.pasted(event.text)

    async def action_stop(self) -> None:
        """The innermost thing that is open, else the running turn, else back to the prompt."""
        panel = self._panels[0] if self._panels else None
        if isinstance(panel, ConfirmPanel) and panel.has_focus_within and await panel.back():
            return
        if (question := self.driver.take_back()) is not None:
            if self.prompt.empty:
                self.prompt.put(f"/{question.force} {question.text}" if question.force else question.text)
            else:
                back = first_key("prompt.history-previous", self.keymap)
                self.owner.say(f"taken back; your draft stays, {back} shows the question")
            return
        if self.driver.running:
            self._status.state = "stopping"
            await self.chat.stop()
        self.prompt.focus()

    def action_previous(self) -> None:
        self._focus_card(self.transcript.step_focus(-1))

    def action_next(self) -> None:
        self._focus_card(self.transcript.step_focus(1))

    def _focus_card(self, card: TurnCard | None) -> None:
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


def _approval(event: ChoicePanel.Decided) -> ev.Approval:
    if event.action == "deny":
        return ev.Approval("deny", reason=event.text or "")
    return ev.Approval("always" if event.action == "always" else "run", code=event.text)
