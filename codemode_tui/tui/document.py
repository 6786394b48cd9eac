"""Text of the model as Markdown: links do nothing, HTML is text, code wraps in the colours of the theme.

Imported when the first text comes, or a moment after the start: the parser costs as much as a third of the first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from markdown_it import MarkdownIt
from textual.app import ComposeResult
from textual.widgets import Markdown
from textual.widgets._markdown import MarkdownTable  # the only block of interest that is not exported
from textual.widgets.markdown import MarkdownBlock, MarkdownFence

from codemode_tui.tui.code_card import CodeLines

if TYPE_CHECKING:
    from textual.css.types import TextAlign


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


class Table(MarkdownTable):
    """Rows without rules between them, each column on the side that it names."""

    DEFAULT_CSS = """
    Table, Table:light {
        background: transparent;
        MarkdownTableContent { keyline: none; grid-gutter: 0; }
        MarkdownTableContent > .header { color: $foreground; text-style: bold; border-bottom: solid $faint; }
    }
    """

    def compose(self) -> ComposeResult:
        self._sides = [_side(head) for row in self._blocks[0]._blocks for head in row._blocks]
        yield from super().compose()

    def on_mount(self) -> None:
        for at, cell in enumerate(self.query(".header, .cell")):
            cell.styles.text_align = cast("TextAlign", self._sides[at % len(self._sides)])

    async def _update_from_block(self, block: MarkdownBlock) -> None:
        await super()._update_from_block(block)
        self.on_mount()  # rows have come


def _side(head: MarkdownBlock) -> str:
    """Where a column stands, as the line below its head says."""
    return str(head._token.attrGet("style") or "text-align:left").removeprefix("text-align:")


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
        Table { margin: 0 0 1 0; }
        MarkdownList Vertical > MarkdownBlock:last-child, MarkdownBlockQuote > MarkdownBlock:last-child { margin: 0; }
        & > MarkdownBlock:last-child { margin-bottom: 0; }
        MarkdownBlockQuote { margin: 0 0 1 0; padding: 0 1; border-left: wide $primary 60%; background: $background; }
    }
    """
    BLOCKS = Markdown.BLOCKS | {"fence": Fence, "code_block": Fence, "table_open": Table}

    def __init__(self, text: str = "") -> None:
        super().__init__(text, parser_factory=_parser, open_links=False)


def _parser() -> MarkdownIt:
    # No entities: one would become the character that the sanitiser has made harmless. No links but those that are
    # written as such: a.py and README.md would be some, notes.txt not.
    return MarkdownIt("gfm-like", {"html": False, "linkify": False}).disable("entity")
