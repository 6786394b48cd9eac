"""Text of the model: streams cheaply, and is rendered as Markdown once, as a whole, at its end.

While it streams, prose goes to Markdown in small appends and a code fence into its own line view, where a
new line costs one line. The streamed tree differs from a full parse (loose lists, reference links,
tables), so the end replaces it by one full parse.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownBlock, MarkdownFence

from codemode_tui.front.incoming import IncomingLines
from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.tui.code_card import CodeLines


class Fence(MarkdownFence):
    """A code block that wraps, with the colours of the theme."""

    DEFAULT_CSS = """
    Fence { height: auto; margin: 0 0 1 0; padding: 0 1; background: $surface; overflow: hidden hidden;
            border-left: wide $faint 60%; }
    """

    def compose(self) -> ComposeResult:
        yield CodeLines(self.code, self.lexer or "text")

    async def _update_from_block(self, block: MarkdownBlock) -> None:
        if not isinstance(block, Fence):
            await super()._update_from_block(block)
            return
        self._copy_context(block)
        self.query_one(CodeLines).show(block.code)


class SafeMarkdown(Markdown):
    """Markdown whose links do nothing and whose HTML is text."""

    DEFAULT_CSS = """
    SafeMarkdown {
        padding: 0; height: auto;
        MarkdownParagraph { margin: 0 0 1 0; }
        MarkdownBulletList, MarkdownOrderedList { margin: 0 0 1 0; }
        MarkdownH1, MarkdownH2, MarkdownH3, MarkdownH4, MarkdownH5, MarkdownH6 {
            margin: 0 0 1 0; padding: 0; content-align: left middle; color: $foreground;
            text-style: bold; background: transparent; width: 1fr;
        }
        MarkdownH1 { text-style: bold underline; }
        MarkdownBlock > .code_inline { background: $panel !important; color: $accent !important; }
        MarkdownTable { margin: 0 0 1 0; }
        MarkdownList Vertical > MarkdownBlock:last-child, MarkdownBlockQuote > MarkdownBlock:last-child { margin: 0; }
        & > MarkdownBlock:last-child { margin-bottom: 0; }
        MarkdownBlockQuote { margin: 0 0 1 0; padding: 0 1; border-left: wide $primary 60%; background: $background; }
    }
    """
    BLOCKS = Markdown.BLOCKS | {"fence": Fence, "code_block": Fence}

    def __init__(self, text: str = "") -> None:
        super().__init__(text, parser_factory=_parser, open_links=False)


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
        self._partial: Static | None = None

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
                document = SafeMarkdown()
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
            self._markdown = SafeMarkdown()
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
        else:
            self._partial.update(Content(line))

    async def _drop_partial(self) -> None:
        if self._partial is not None:
            await self._partial.remove()
            self._partial = None


def _parser() -> MarkdownIt:
    # No entities: one would become the character that the sanitiser has made harmless.
    return MarkdownIt("gfm-like", {"html": False}).disable("entity")
