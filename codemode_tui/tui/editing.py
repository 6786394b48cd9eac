"""Where people write in the model's place: the editor, the line for a few words, the panel around them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from codemode_tui.front.corrections import Draft
from codemode_tui.front.highlight import Line as HighlightedLine
from codemode_tui.front.highlight import highlight
from codemode_tui.front.keys import first_key
from codemode_tui.front.pasting import newlines
from codemode_tui.sandbox.sanitise import one_line, restored, visible_code, visible_prose
from codemode_tui.tui.gone import blank_when_gone
from codemode_tui.tui.in_order import Line, Lines, acted
from codemode_tui.tui.keys import bindings
from codemode_tui.tui.lines_view import in_theme

AT_ONCE = 1_500
"""Characters of code that each key colours anew, which takes milliseconds."""
SETTLED = 0.3
"""Seconds without a change after which longer code is coloured, beside the screen."""


def writes(widget: Widget | None) -> bool:
    """Whether somebody who has the keyboard there is writing."""
    return isinstance(widget, CodeEditor | Input)


def pasted(widget: Widget | None, text: str) -> str:
    """What ``widget`` takes of a text of the clipboard: controls in it would act on the terminal that draws them. Lines
    become one where there is only one."""
    text = newlines(text)
    if isinstance(widget, Input):
        return visible_prose(text[:2_000].strip("\n").replace("\n", " "))
    return visible_code(text) if isinstance(widget, CodeEditor) and widget.show_line_numbers else visible_prose(text)


class CodeEditor(Lines):
    """A text of the model, to be changed."""

    DEFAULT_CSS = "CodeEditor { height: auto; max-height: 45vh; min-height: 4; background: $panel; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings("editor")

    _coloured: Sequence[HighlightedLine] = ()
    """The lines in the colours of code, as they last were."""
    _changed = True
    """The text has become another since."""

    class Submitted(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cancelled(Message):
        """Nothing shall change."""

    class OtherWanted(Message):
        """Another text of the same turn; what stands here now."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, code: str, *, numbers: bool = True) -> None:
        super().__init__(code, show_line_numbers=numbers, soft_wrap=True, tab_behavior="indent", compact=True)
        self.highlight_cursor_line = False  # its style has a colour of text, too

    def render_lines(self, crop: Region) -> list[Strip]:
        return blank_when_gone(self, crop) or super().render_lines(crop)

    def _build_highlight_map(self) -> None:
        super()._build_highlight_map()
        self._changed = True

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        if self._changed and self.show_line_numbers:
            self._colour()
        at = 0
        for text, name in self._pieces(line_index, line.plain):
            line.stylize(in_theme(self.app, name), at, at + len(text))
            at += len(text)
        return line

    def _colour(self) -> None:
        self._changed = False
        code = "\n".join(self.document.lines)
        if len(code) <= AT_ONCE:
            self._coloured = highlight(code)
        else:
            self.run_worker(self._colour_later(code), group="colours", exclusive=True)

    async def _colour_later(self, code: str) -> None:
        await asyncio.sleep(SETTLED)
        coloured = await asyncio.to_thread(highlight, code)
        if not self._changed:
            self._coloured = coloured
            self._line_cache.clear()
            self.refresh()

    def _pieces(self, index: int, line: str) -> HighlightedLine:
        """Of a line that stands where it stood, from the beginning or from the end; else it has no colours yet."""
        for at in (index, index - self.document.line_count + len(self._coloured)):
            if 0 <= at < len(self._coloured) and "".join(text for text, _ in self._coloured[at]) == line:
                return self._coloured[at]
        return []

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "shift+tab":  # else the keyboard would be the panel's, and the next letter an answer
            event.stop()
            event.prevent_default()
            self._dedent()
        elif not await acted(self, event):
            await super()._on_key(event)

    def _dedent(self) -> None:
        """The line of the cursor, by what ``tab`` indents."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        spaces = min(self.indent_width, len(line) - len(line.lstrip(" ")))
        self.delete((row, 0), (row, spaces), maintain_selection_offset=False)
        self.move_cursor((row, max(0, column - spaces)))

    def action_submit(self) -> None:
        self.post_message(self.Submitted(self.text))

    def action_cancel(self) -> None:
        self.post_message(self.Cancelled())

    def action_other(self) -> None:
        self.post_message(self.OtherWanted(self.text))


class WordsLine(Line):
    """A few words: why code must not run, what was wrong with a turn."""

    DEFAULT_CSS = "WordsLine { background: $panel; }"

    def __init__(self, placeholder: str, value: str = "") -> None:
        self.shown = one_line(value, 2_000)
        super().__init__(self.shown, placeholder=placeholder, max_length=2_000, compact=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        return blank_when_gone(self, crop) or super().render_lines(crop)


class WritingPanel(Vertical):
    """A frame above the prompt, in which a draft, or a comment, is written."""

    DEFAULT_CSS = """
    WritingPanel {
        height: auto; max-height: 80vh; margin: 0 1; padding: 0 1; background: $surface;
        border: round $faint; border-title-color: $muted; border-subtitle-color: $muted;
        &:focus-within { border: round $secondary; border-title-color: $secondary; }
    }
    """

    class Written(Message):
        """What was written, and in the place of what; a comment has no draft."""

        def __init__(self, text: str, draft: Draft | None) -> None:
            super().__init__()
            self.text = text
            self.draft = draft

    class Left(Message):
        """Nothing was written."""

    def __init__(self, drafts: Sequence[Draft] = (), at: int = 0, comment: str = "") -> None:
        """``drafts``: what may be written, ``at`` first; without any it is a comment."""
        super().__init__()
        self.drafts = list(drafts)
        self.at = at
        self.comment = comment
        self._shown = {
            number: visible_code(draft.text) if draft.kind == "code" else visible_prose(draft.text)
            for number, draft in enumerate(self.drafts)
        }
        self._texts = dict(self._shown)
        """What stands in the editor, or did before another text took its place."""

    def compose(self) -> ComposeResult:
        yield self._field()

    def on_mount(self) -> None:
        self._label()

    def write(self) -> None:
        """Take the keyboard."""
        for field in self.query("CodeEditor, WordsLine"):  # none while the other one takes its place
            self.screen.set_focus(field)  # at once: what is typed from here on is for it

    @property
    def changed(self) -> bool:
        """Whether something has been written yet."""
        now = dict(self._texts)
        for editor in self.query(CodeEditor):
            now[self.at] = editor.text
        return now != self._shown or any(line.value != line.shown for line in self.query(WordsLine))

    # -- what the fields say -------------------------------------------------------------------------

    def on_code_editor_submitted(self, event: CodeEditor.Submitted) -> None:
        event.stop()
        draft, shown = self.drafts[self.at], self._shown[self.at]
        # What hidden characters were shown as is no change; in code that was changed, they stay in sight.
        kept = draft.kind == "code" and event.text != shown
        self.post_message(self.Written(event.text if kept else restored(event.text, draft.text, shown), draft))

    def on_code_editor_cancelled(self, event: CodeEditor.Cancelled) -> None:
        event.stop()
        self.post_message(self.Left())

    async def on_code_editor_other_wanted(self, event: CodeEditor.OtherWanted) -> None:
        event.stop()
        if len(self.drafts) < 2:
            return
        self._texts[self.at] = event.text
        self.at = (self.at + 1) % len(self.drafts)
        await self.remove_children()
        if not self.is_attached:  # closed meanwhile
            return
        await self.mount(self._field())
        self._label()
        self.write()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        words = restored(event.value, self.comment, one_line(self.comment, 2_000))
        self.post_message(self.Written(words.strip(), None))

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":  # of the line: the editor has a binding of its own
            event.stop()
            self.post_message(self.Left())

    # -- helpers -------------------------------------------------------------------------------------

    def _field(self) -> CodeEditor | WordsLine:
        if not self.drafts:
            return WordsLine("what was wrong, in your words", self.comment)
        draft = self.drafts[self.at]
        return CodeEditor(self._texts[self.at], numbers=draft.kind == "code")

    def _label(self) -> None:
        keymap: dict[str, str] = getattr(self.app, "keys", {})
        if not self.drafts:
            self.border_title, self.border_subtitle = "comment", "enter keep it · esc back"
            return
        draft = self.drafts[self.at]
        keys = {name: first_key(f"editor.{name}", keymap) for name in ("submit", "cancel", "other")}
        does = "run it" if draft.kind == "code" else "take it"
        other = f" · {keys['other']} the {self._next().name}" if len(self.drafts) > 1 else ""
        self.border_title = Content(f"write the {draft.name}")
        self.border_subtitle = Content(f"{keys['submit']} {does}{other} · {keys['cancel']} back")

    def _next(self) -> Draft:
        return self.drafts[(self.at + 1) % len(self.drafts)]
