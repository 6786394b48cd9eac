"""What is alive below the scrollback, top to bottom: tail, question or writing field, prompt, offers, bottom line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.application.current import get_app
from prompt_toolkit.buffer import CompletionState
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, emacs_mode, has_focus, is_searching, vi_navigation_mode
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, ConditionalContainer, Dimension, HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.layout.margins import ConditionalMargin, NumberedMargin
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.widgets import SearchToolbar

from codemode_tui.commands import COMMANDS, Command, command
from codemode_tui.front.highlight import highlight
from codemode_tui.repl.bottom import Bottom
from codemode_tui.repl.console import Kind
from codemode_tui.repl.keys import sendable, sequences
from codemode_tui.repl.lines import Line, fragments, look
from codemode_tui.sandbox.sanitise import one_line, restored, visible_code, visible_prose

if TYPE_CHECKING:
    from codemode_tui.repl.terminal import Terminal

PROMPT_ROWS, FIELD_ROWS, OFFERS = 10, 16, 8
WORDS = 2_000
"""Characters that a few words may have."""
_ELSEWHERE = frozenset({"stop", "quit", "suspend"})
"""Commands whose keys mean something of their own here."""


class Coloured(Lexer):
    """Python in the colours of the theme."""

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        lines = highlight(document.text)

        def line(number: int) -> StyleAndTextTuples:
            return [(look(style), text) for text, style in lines[number]] if number < len(lines) else []

        return line


class Desk:
    """Layout and keys."""

    def __init__(self, terminal: Terminal, bottom: Bottom) -> None:
        self.terminal, self.bottom = terminal, bottom
        terminal.look.keymap = sendable(terminal.look.keymap)  # so that a hint names a key that does something
        self._label = ""
        self._kind: Kind | None = None
        """Of what is being written in the field; None while nothing is."""
        self._written: asyncio.Future[str | None] | None = None
        self.keys = KeyBindings()
        self._prompt_has = has_focus(terminal.prompt)
        self._field_has = has_focus(terminal.field)
        self.panel = Window(
            FormattedTextControl(self._panel_text, focusable=True, show_cursor=False),
            dont_extend_height=True,
            wrap_lines=True,
        )
        search = SearchToolbar(forward_search_prompt="search: ", backward_search_prompt="search back: ")
        self.layout = self._laid_out(search)
        self._prompt_keys()
        self._panel_keys()
        self._field_keys()
        self._global_keys()

    # -- what is drawn -----------------------------------------------------------------------------

    def _laid_out(self, search: SearchToolbar) -> Layout:
        terminal = self.terminal
        tail = Window(FormattedTextControl(lambda: _text(terminal.tail)), dont_extend_height=True)
        prompt = Window(
            BufferControl(terminal.prompt, search_buffer_control=search.control, include_default_input_processors=True),
            height=Dimension(min=1, max=PROMPT_ROWS),
            dont_extend_height=True,
            wrap_lines=True,
            get_line_prefix=_prefix,
        )
        field = Window(
            BufferControl(terminal.field, lexer=Coloured()),
            height=Dimension(min=1, max=FIELD_ROWS),
            dont_extend_height=True,
            wrap_lines=True,
            left_margins=[ConditionalMargin(NumberedMargin(), Condition(lambda: self._kind == "code"))],
        )
        label = Window(FormattedTextControl(self._label_text), height=1, dont_extend_height=True)
        below = Window(FormattedTextControl(self._bottom_text), height=1, dont_extend_height=True)
        return Layout(
            HSplit([
                ConditionalContainer(tail, Condition(lambda: bool(terminal.tail))),
                ConditionalContainer(self.panel, Condition(lambda: terminal.panels.current is not None)),
                ConditionalContainer(HSplit([label, field]), Condition(lambda: self._kind is not None)),
                ConditionalContainer(Window(height=1), Condition(lambda: bool(terminal.tail))),
                prompt,
                CompletionsMenu(max_height=OFFERS, scroll_offset=1),
                search,
                below,
            ]),
            focused_element=terminal.prompt,
        )  # fmt: skip

    def _panel_text(self) -> StyleAndTextTuples:
        terminal = self.terminal
        panel = terminal.panels.current
        if panel is None:
            return []
        here = self.layout.has_focus(self.panel)
        live = here and terminal.panels.armed
        room = max(3, terminal.app.output.get_size().rows - 6)
        shown = terminal.look
        lines: list[Line] = [shown.title(panel.title)] if panel.title else []
        chosen = shown.choices(panel.choices, terminal.panels.marked, panel.chosen, live=live)
        facts = panel.lines[: max(1, room - len(chosen) - 2)]
        lines += facts
        if len(facts) < len(panel.lines):
            lines.append([(f"  ⋯ {len(panel.lines) - len(facts)} more lines", "faint")])
        lines += chosen
        if not here:
            away = f"{shown.key('prompt.complete')} answers this; your draft stays"
            lines.append([(f" {away}", "faint")])
        elif not live:
            lines.append([(" one moment …", "faint")])
        elif not panel.casual:
            lines.append([(f" ← → enter · {shown.key('stop')} stops it", "faint")])
        else:
            lines.append([(" whoever types on leaves it", "faint")])
        return _text(lines)

    def _label_text(self) -> StyleAndTextTuples:
        key = self.terminal.look.key
        send = "enter" if self._kind == "words" else key("editor.submit")
        back = "ctrl+c"
        return _text([[("✎ ", "bold accent"), (self._label, "bold"), (f"  {send} take it · {back} back", "faint")]])

    def _bottom_text(self) -> StyleAndTextTuples:
        mode = ""
        if self.bottom.vi:
            mode = "NORMAL" if vi_navigation_mode() else "INSERT"
        return _text([self.bottom.line(mode)])

    # -- the keyboard ------------------------------------------------------------------------------

    def focus(self) -> None:
        """To what waits for an answer, unless somebody writes."""
        terminal = self.terminal
        if self._kind is not None:
            self.layout.focus(terminal.field)
        elif terminal.panels.current is not None and not terminal.prompt.text.strip():
            self.layout.focus(self.panel)
        else:
            self.layout.focus(terminal.prompt)

    async def write(self, label: str, text: str, kind: Kind) -> str | None:
        """What somebody writes in the field; None for nothing."""
        if self._kind is not None:
            return None
        field = self.terminal.field
        shown = one_line(text, WORDS) if kind == "words" else _writable(text, kind)
        field.reset(Document(shown, len(shown) if kind == "words" else 0))
        self._label, self._kind = one_line(label, 80), kind
        self._written = asyncio.get_running_loop().create_future()
        self.focus()
        self.terminal.refresh()
        try:
            found = await self._written
        finally:
            self._kind, self._written = None, None
            self.focus()
        if found is None or (kind == "code" and found != shown):  # in code that was changed, escapes stay in sight
            return found
        return restored(found, text, shown)

    def _finish(self, text: str | None) -> None:
        if self._written is not None and not self._written.done():
            self._written.set_result(text)

    def _bind(self, name: str, act: Callable[[KeyPressEvent], None], when: Condition | object) -> None:
        """Bind the keys of a command."""
        keymap = self.terminal.look.keymap
        for keys in sequences(command(name).keys_in("repl", keymap)):
            self.keys.add(*keys, filter=when)(act)  # type: ignore[arg-type]  # a filter

    def _prompt_keys(self) -> None:
        terminal, when = self.terminal, self._prompt_has & ~is_searching

        def send(event: KeyPressEvent) -> None:
            buffer = terminal.prompt
            state = buffer.complete_state
            if state is not None and state.current_completion is not None:
                chosen = state.current_completion
                buffer.complete_state = None
                if chosen.text.endswith(" ") or not buffer.text.startswith("/"):
                    return  # something may follow
            terminal.send()

        def complete(event: KeyPressEvent) -> None:
            buffer = terminal.prompt
            if buffer.complete_state is not None:
                buffer.complete_next()
            elif terminal.panels.current is not None:
                self.layout.focus(self.panel)
            elif found := list(terminal.offers.get_completions(buffer.document, CompleteEvent())):
                # At once, not in the background: the key may come faster than what it is meant for.
                buffer.complete_state = CompletionState(buffer.document, found)
                buffer.complete_next()

        def paste(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text(terminal.folds.fold(event.data))

        self._bind("prompt.newline", lambda event: event.current_buffer.insert_text("\n"), when)
        self._bind("prompt.send", send, when)  # the last one wins, where both have come to the same key
        self._bind("prompt.complete", complete, when)
        self.keys.add("s-tab", filter=when)(lambda event: terminal.prompt.complete_previous())
        self.keys.add(Keys.BracketedPaste, filter=when)(paste)
        quits = when & Condition(lambda: not terminal.prompt.text)
        self._bind("quit", lambda event: terminal.listener.left() if terminal.listener else None, quits)

    def _panel_keys(self) -> None:
        terminal, panels = self.terminal, self.terminal.panels
        here = has_focus(self.panel)

        def taker(name: str) -> Callable[[KeyPressEvent], None]:
            def take(event: KeyPressEvent) -> None:
                if panels.armed:
                    panels.answer(command(name).action)
                else:
                    panels.too_early()

            return take

        def offers(name: str) -> Condition:
            return Condition(lambda: panels.current is not None and name in [one.id for one in panels.current.choices])

        for one in COMMANDS:
            if one.where in ("confirm", "write", "strip", "candidate", "review"):
                self._bind(one.id, taker(one.id), here & offers(one.id))

        @self.keys.add("c-m", filter=here & ~offers("strip.later"))
        def take_marked(event: KeyPressEvent) -> None:
            if panels.armed and panels.current is not None:
                panels.answer(panels.current.choices[panels.marked].action)

        self.keys.add("left", filter=here)(lambda event: panels.move(-1))
        self.keys.add("right", filter=here)(lambda event: panels.move(1))
        self.keys.add("c-i", filter=here)(lambda event: self.layout.focus(terminal.prompt))

        @self.keys.add(Keys.Any, filter=here)
        def other(event: KeyPressEvent) -> None:
            panel = panels.current
            if panel is None or not event.data.isprintable():
                return
            if panel.casual:
                panels.answer(None)
            # Who presses what is no choice is writing: that goes on in the prompt, and nothing of it answers.
            self.layout.focus(terminal.prompt)
            terminal.prompt.insert_text(event.data)

        @self.keys.add(Keys.BracketedPaste, filter=here)
        def paste(event: KeyPressEvent) -> None:
            self.layout.focus(terminal.prompt)
            terminal.prompt.insert_text(terminal.folds.fold(event.data))

    def _field_keys(self) -> None:
        field, here = self.terminal.field, self._field_has
        words = here & Condition(lambda: self._kind == "words")
        self.keys.add("c-m", filter=words)(lambda event: self._finish(field.text))
        self._bind("editor.submit", lambda event: self._finish(field.text), here)
        self._bind("editor.cancel", lambda event: self._finish(None), here & emacs_mode)
        # Alt and an arrow come as escape and the arrow, and the escape alone would forget what is written.
        self.keys.add("escape", "up", filter=here & emacs_mode)(lambda event: field.cursor_up())
        self.keys.add("escape", "down", filter=here & emacs_mode)(lambda event: field.cursor_down())
        self.keys.add("c-i", filter=here & ~words)(lambda event: field.insert_text("    "))

        @self.keys.add(Keys.BracketedPaste, filter=here)
        def paste(event: KeyPressEvent) -> None:
            text = _writable(event.data.replace("\r\n", "\n").replace("\r", "\n"), self._kind)
            field.insert_text(" ".join(text[:WORDS].split()) if self._kind == "words" else text)

    def _global_keys(self) -> None:
        terminal = self.terminal

        def stop(event: KeyPressEvent) -> None:
            if self._kind is not None:
                self._finish(None)
            elif terminal.prompt.text and terminal.now.state != "stopping" and not self._stopped():
                terminal.prompt.reset()
            elif not terminal.prompt.text:
                self._stopped()

        def press(one: Command) -> Callable[[KeyPressEvent], None]:
            return lambda event: terminal.listener.pressed(one) if terminal.listener else None

        self.keys.add("c-c")(stop)
        self._bind("suspend", lambda event: get_app().suspend_to_background(suspend_group=False), ~is_searching)
        for one in COMMANDS:
            if one.where in ("app", "chat") and one.can("repl") and one.id not in _ELSEWHERE:
                self._bind(one.id, press(one), ~is_searching)

    def _stopped(self) -> bool:
        return self.terminal.listener is not None and self.terminal.listener.interrupted()


def _writable(text: str, kind: Kind | None) -> str:
    """What stands in the field for ``text``."""
    return visible_code(text) if kind == "code" else visible_prose(text)


def _prefix(number: int, wrap_count: int) -> StyleAndTextTuples:
    return [("class:prompt", "❯ ")] if number == wrap_count == 0 else [("class:faint", "  ")]


def _text(lines: list[Line]) -> StyleAndTextTuples:
    return fragments(lines)[:-1]  # no line after the last one
