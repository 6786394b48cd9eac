"""Text of the model: streams cheaply, and is rendered as Markdown once, as a whole, at its end.

While it streams, prose goes to Markdown in small appends and a code fence into its own line view, where a
new line costs one line. The streamed tree differs from a full parse (loose lists, reference links,
tables), so the end replaces it by one full parse.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from codemode_tui.front.incoming import IncomingLines
from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.tui.code_card import CodeLines

if TYPE_CHECKING:
    from codemode_tui.tui.document import SafeMarkdown


class Prose(Vertical):
    """One text of the model."""

    DEFAULT_CSS = """
    Prose { height: auto; display: none; margin-bottom: 1; }
    Prose.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.final = False
        self._arriving = IncomingLines()
        """Its tail comes after the last newline: not yet known whether it opens a fence."""
        self._fence: CodeLines | None = None
        self._markdown: SafeMarkdown | None = None
        self._partial: Static | None = Static(Content(""))

    def compose(self) -> ComposeResult:
        if self._partial is not None:
            yield self._partial

    async def append(self, text: str) -> None:
        """More text arrives."""
        self.add_class("-shown")
        self.text += text
        pending: list[str] = []
        for line in self._arriving.feed(text):
            if not line.startswith("```"):
                pending.append(line)
                continue
            await self._flush(pending)
            pending = []
            if self._fence is None:
                self._fence = CodeLines(language=line.strip("`").strip() or "text")
                self._markdown = None
                await self._drop_partial()
                await self.mount(self._fence)
            else:
                self._fence.settle()
                self._fence = None
        await self._flush(pending)
        await self._show_partial()

    async def finish(self, text: str | None = None) -> None:
        """The text is complete (``text``: and reads so): one full parse."""
        self.text = self.text if text is None else text
        self.final = True
        self.set_class(bool(self.text.strip()), "-shown")
        self._fence = self._markdown = self._partial = None
        with self.app.batch_update():
            await self.remove_children()
            if self.text.strip():
                document = _document()
                await self.mount(document)
                await document.update(sanitise_text(self.text))

    async def _flush(self, lines: list[str]) -> None:
        if not lines:
            return
        block = "\n".join(lines) + "\n"
        if self._fence is not None:
            self._fence.append(block)
            return
        if self._markdown is None:
            self._markdown = _document()
            await self.mount(self._markdown, before=self._partial)
        await self._markdown.append(block)

    async def _show_partial(self) -> None:
        """The unfinished line, as plain text below what is rendered."""
        line = self._arriving.tail
        if self._fence is not None or line.startswith("`"):
            await self._drop_partial()
        elif self._partial is None:
            self._partial = Static(Content(line))
            await self.mount(self._partial)
        else:  # only a line more has the whole screen laid out anew
            text, shown = Content(line), self._partial.size
            self._partial.update(text, layout=text.get_height({}, max(1, shown.width)) != shown.height)

    async def _drop_partial(self) -> None:
        if self._partial is not None:
            await self._partial.remove()
            self._partial = None


def _document() -> SafeMarkdown:
    from codemode_tui.tui.document import SafeMarkdown

    return SafeMarkdown()


async def get_ready() -> None:
    """Load what shows the first text, while nobody waits for it."""
    await asyncio.to_thread(importlib.import_module, "codemode_tui.tui.document")
