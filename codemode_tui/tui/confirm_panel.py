"""Run this code? What it names, what is odd about it, where it would run; and the four answers."""

from __future__ import annotations

from functools import partialmethod
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from codemode_tui.chat.events import ApprovalWanted
from codemode_tui.front import questions
from codemode_tui.front.ports import Chat
from codemode_tui.sandbox.sanitise import one_line, visible_code
from codemode_tui.tui.choices import ChoicePanel, Whole, fact_line
from codemode_tui.tui.code_card import CodeCard, CodeLines
from codemode_tui.tui.editing import CodeEditor, WordsLine
from codemode_tui.tui.in_order import acted, passed_on
from codemode_tui.tui.keys import bindings


class ConfirmPanel(ChoicePanel):
    DEFAULT_CSS = """
    ConfirmPanel {
        Input { dock: bottom; margin-top: 1; }
        CodeEditor { dock: bottom; margin-top: 1; }
        &.-busy .choices { display: none; }
        &.-editing { max-height: 80vh; }
        CodeLines { display: none; background: $surface; }
    }
    .-low ConfirmPanel CodeLines { display: block; }
    .-low ConfirmPanel.-editing { max-height: 70vh; CodeLines { display: none; } }
    """
    SCOPED_CSS = False  # the screen says how low it is
    BINDINGS: ClassVar[list[BindingType]] = bindings("confirm")
    SAFE = "confirm.deny"

    def __init__(self, wanted: ApprovalWanted) -> None:
        self.wanted = wanted
        self._opened: CodeEditor | Input | None = None
        """A field that is about to get the keyboard."""
        self._refused: str | None = None
        """An edit that is no Python: sent once more it runs."""
        super().__init__(questions.title(wanted), questions.choices(wanted))

    def facts(self) -> Widget:
        """With the code where the panel hides that of the turn: what is answered is on the screen."""
        chat: Chat | None = getattr(self.app, "chat", None)
        limits = chat.settings.limits if chat is not None else None
        facts = Content("\n").join(fact_line(fact) for fact in questions.facts(self.wanted, limits))
        return Whole(CodeLines(self.wanted.code), Static(facts))

    def on_mount(self) -> None:
        super().on_mount()
        self.screen.screen_layout_refresh_signal.subscribe(self, self._laid_out)

    def _laid_out(self, _: Screen[object]) -> None:
        """Where the code stands is known anew, also after scrolling."""
        if self.is_attached and not self.has_class("-busy"):
            self.border_subtitle = Content(self.hint())

    def hint(self) -> str:
        """Before all, that the code begins further up, where only its end is seen."""
        cards = () if self.query_one(CodeLines).display else self.screen.query(CodeCard).filter(".-asking")
        above = max(map(_rows_above, cards), default=0)
        more = f"▲ {above} rows of code above: {self._key('page-up')} · " if above > 0 else ""
        return more + super().hint()

    action_run = partialmethod(ChoicePanel.decide, "run")
    action_run_writing = partialmethod(ChoicePanel.decide, "run_writing")
    action_always = partialmethod(ChoicePanel.decide, "always")
    action_deny = partialmethod(ChoicePanel.decide, "deny")

    async def _on_key(self, event: events.Key) -> None:
        """What is typed right behind a key that opens a field belongs into that."""
        if not passed_on(event, self._opened):
            await acted(self, event)

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self._opened = None  # whoever leads the keyboard here again means no field

    def take_keyboard(self) -> None:
        (next(iter([*self.query(CodeEditor), *self.query(Input)]), None) or self).focus()

    async def action_edit(self) -> None:
        self.add_class("-editing", "-busy")
        editor = CodeEditor(visible_code(self.wanted.code))
        await self.mount(editor)
        self._lead(editor)
        self._hint_editing()

    def _hint_editing(self) -> None:
        keys = self._key("editor.submit"), self._key("editor.cancel")
        self.border_subtitle = Content(f"{keys[0]} run it · {keys[1]} back")

    async def action_deny_why(self) -> None:
        self.add_class("-reason", "-busy")
        line = WordsLine("why not? the model is told and may try again")
        await self.mount(line)
        self._lead(line)
        self.border_subtitle = Content("enter deny, and say why · esc back")

    def _lead(self, field: CodeEditor | Input) -> None:
        self._opened = field if self.has_focus else None
        field.focus()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.decide("deny", event.value)

    def on_code_editor_submitted(self, event: CodeEditor.Submitted) -> None:
        event.stop()
        from codemode_tui.chat.precheck import invalid  # not needed for the first paint

        text = event.text if event.text != visible_code(self.wanted.code) else None
        if text is not None and text != self._refused and (why := invalid(text)):  # a slip would cost the turn
            self._refused = text
            self.border_subtitle = Content(f"{self._key('editor.submit')} again runs it · ▲ {one_line(why, 60)}")
            return
        self.decide("run", text)

    def on_text_area_changed(self) -> None:
        if self._refused is not None:
            self._refused = None
            self._hint_editing()

    async def on_code_editor_cancelled(self, event: CodeEditor.Cancelled) -> None:
        event.stop()
        await self.back()

    async def back(self) -> bool:
        """From the editor or the reason to the choices. False when neither is open."""
        open_ = [*self.query(CodeEditor), *self.query(Input)]
        for widget in open_:
            await widget.remove()
        self.remove_class("-editing", "-reason", "-busy")
        if open_ and self.is_attached:  # the answer may have come while they went
            self.focus()
            self._draw()
        return bool(open_)


def _rows_above(card: CodeCard) -> int:
    """Rows of its code that are scrolled out of sight."""
    panes = [one for one in card.ancestors if isinstance(one, VerticalScroll)]
    return max((pane.content_region.y - card.code.region.y for pane in panes), default=0)
