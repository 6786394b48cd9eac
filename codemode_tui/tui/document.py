"""Text of the model as Markdown: links do nothing, HTML is text, code wraps in the colours of the theme.

Imported when the first text comes, or a moment after the start: the parser costs as much as a third of the first paint.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from textual.app import ComposeResult
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownBlock, MarkdownFence

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


def _parser() -> MarkdownIt:
    # No entities: one would become the character that the sanitiser has made harmless.
    return MarkdownIt("gfm-like", {"html": False}).disable("entity")
