"""The drawn console: scrollback above, and below it what is alive: tail, open question, prompt, bottom line.

What is finished is printed once, above that, and belongs to the terminal from then on.
"""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import Sequence
from functools import partial

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.input import create_input
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.renderer import print_formatted_text

from codemode_tui.front.clipboard import copy_here
from codemode_tui.front.completion import without_at
from codemode_tui.front.drafts import Draft
from codemode_tui.front.folding import Folds
from codemode_tui.front.themes import Colours, choose
from codemode_tui.help.topics import NAMES
from codemode_tui.repl.assist import Asked, Offering, PromptBuffer, WholePastes
from codemode_tui.repl.bottom import Bottom
from codemode_tui.repl.console import Kind, Listener, Now, Panel
from codemode_tui.repl.desk import Desk
from codemode_tui.repl.lines import Line, fragments, wrapped
from codemode_tui.repl.look import Look
from codemode_tui.repl.panels import GUARD, Panels
from codemode_tui.repl.style import depth_of, style_of

TAIL = 8
"""Rows of the tail that are shown."""
TICK = 0.1
BEGIN_UPDATE, END_UPDATE = "\x1b[?2026h", "\x1b[?2026l"
"""Terminals that know it draw what is between at once."""


class Terminal:
    """A ``console.Console``."""

    def __init__(
        self,
        look: Look,
        themes: dict[str, Colours],
        theme: str,
        *,
        vi: bool = False,
        calm: bool = False,
        guard: float = GUARD,
    ) -> None:
        """``calm``: nothing turns."""
        self.look = look
        self.now = Now()
        self.asked: list[str] = []
        self.files: Sequence[str] = ()
        self.themes = themes
        self.calm = calm
        self.folds = Folds()
        self.listener: Listener | None = None
        self._tail: list[Line] = []
        self._unwritten: list[Line] = []
        self._due = False
        """It is about to be written."""
        self._depth = depth_of(os.environ)
        self._style = style_of(choose(themes, theme), self._depth)
        self.panels = Panels(self._panel_changed, guard)
        self.offers = Offering(self, {"theme": sorted(themes), "help": NAMES}, self._files_wanted)
        asked = Asked(self.asked, partial(self.folds.fold, written=True))
        self.prompt = PromptBuffer(self.folds, self.offers, asked, self.panels.typed)
        self.field = Buffer(name="field", multiline=True)
        """Where a few words, code or an answer are written in the model's place."""
        self.desk = Desk(self, Bottom(self.now, look, vi=vi, calm=calm))
        self._output = Vt100_Output.from_pty(sys.stdout, term=os.environ.get("TERM"), enable_bell=False)
        self._output.enable_cpr = False  # an answer that comes too late is read as typed
        source = create_input(sys.stdin)
        if hasattr(source, "vt100_parser"):
            source.vt100_parser = WholePastes(source.vt100_parser.feed_key_callback)
        self.app: Application[None] = Application(
            layout=self.desk.layout,
            key_bindings=self.desk.keys,
            style=self._style,
            color_depth=self._depth,
            editing_mode=EditingMode.VI if vi else EditingMode.EMACS,
            input=source,
            output=self._output,
            erase_when_done=True,
        )
        self.app.before_render += lambda _: self._measure()
        self.app.after_render += lambda _: self._shrink()
        self._measure()

    # -- paper -------------------------------------------------------------------------------------

    def print(self, lines: Sequence[Line]) -> None:
        """On the screen before anything else happens; what comes at once goes there at once."""
        self._unwritten += lines
        if not self._draws:
            self._write()
        elif lines and not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._above)

    def live(self, lines: Sequence[Line]) -> None:
        shown = [row for line in lines for row in wrapped(line, self.look.width)][-TAIL:]
        shrinks = len(shown) < len(self._tail)
        self._tail = shown
        if shrinks:
            self._above()
        else:
            self.app.invalidate()

    @property
    def tail(self) -> list[Line]:
        return self._tail

    def refresh(self) -> None:
        self.app.invalidate()

    @property
    def _draws(self) -> bool:
        return self.app.is_running and not self.app.is_done

    def _write(self) -> None:
        lines, self._unwritten = self._unwritten, []
        if lines:
            print_formatted_text(self._output, fragments(lines), self._style, color_depth=self._depth)

    def _above(self) -> None:
        """Take away what is alive, write, and draw it again below: in one go, where the terminal knows how."""
        self._due = False
        self._measure()
        if not self._draws:
            self._write()
            return
        self._output.write_raw(BEGIN_UPDATE)
        self.app.renderer.erase(leave_alternate_screen=False)
        self._write()
        self.app.render_counter += 1  # what was drawn last is remembered under this number
        self.app.renderer.render(self.app, self.app.layout)
        self._output.write_raw(END_UPDATE)
        self._output.flush()

    def _shrink(self) -> None:
        """prompt_toolkit keeps the rows that it once had."""
        size, screen = self._output.get_size(), self.app.renderer.last_rendered_screen
        wanted = self.app.layout.container.preferred_height(size.columns, size.rows).preferred
        if screen is not None and screen.height > wanted and not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._above)

    def _measure(self) -> None:
        self.look.width = max(20, self._output.get_size().columns - 1)

    # -- questions ---------------------------------------------------------------------------------

    async def ask(self, panel: Panel) -> str | None:
        return await self.panels.ask(panel)

    def _panel_changed(self) -> None:
        if self.panels.current is None or not self.prompt.text.strip():
            self.desk.focus()
        self._above()

    async def write(self, label: str, text: str = "", kind: Kind = "words") -> str | None:
        found = await self.desk.write(label, text, kind)
        self._above()
        return found

    # -- the prompt --------------------------------------------------------------------------------

    @property
    def draft(self) -> Draft:
        return self.folds.draft(self.prompt.text)

    def put(self, draft: Draft) -> None:
        self.prompt.text = "\n\n".join(filter(str.strip, (self.folds.adopt(draft), self.prompt.text)))
        self.prompt.cursor_position = len(self.prompt.text)

    def remember(self, questions: Sequence[str]) -> None:
        self.asked[:0] = questions
        self.prompt.reset(self.prompt.document)  # it reads them when it is drawn next
        self.refresh()

    def send(self) -> None:
        """What stands in the prompt is whole."""
        text = self.prompt.text
        if not text.strip() or self.listener is None:
            return
        self.panels.typed(over=True)
        written = without_at(text, self.files)
        if self.listener.entered(self.folds.unfold(written).strip(), written.strip()):
            if not self.asked or self.asked[-1] != text:
                self.asked.append(text)
            self.prompt.reset(append_to_history=True)
            self._above()

    def _files_wanted(self) -> None:
        if self.listener is not None:
            self.listener.files_wanted()

    def offer(self, files: Sequence[str]) -> None:
        self.files = files
        if files and self.app.is_running and self.prompt.text:  # completing looks for files where there are none
            self.prompt.start_completion()

    def copy(self, text: str) -> None:
        data = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")
        self._output.write_raw(f"\x1b]52;c;{data}\x07")
        self._output.flush()
        copy_here(text)

    def theme(self, name: str) -> None:
        self._style = self.app.style = style_of(choose(self.themes, name), self._depth)
        self.refresh()

    # -- life --------------------------------------------------------------------------------------

    async def run(self, listener: Listener) -> None:
        self.listener = listener
        ticking = asyncio.create_task(self._tick())
        try:
            await self.app.run_async(set_exception_handler=False, handle_sigint=False)
        finally:
            ticking.cancel()
            self._write()

    def leave(self) -> None:
        if self.app.is_running and not self.app.is_done:
            self.app.exit()

    async def _tick(self) -> None:
        """The bottom line tells the time while something happens."""
        while True:
            await asyncio.sleep(1.0 if self.calm else TICK)
            if self.desk.bottom.moving:
                self.app.invalidate()
