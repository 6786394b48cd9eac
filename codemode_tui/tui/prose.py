"""The model's prose: Markdown that grows while it streams and is set once more, whole, at its end."""

from __future__ import annotations

from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownStream

from codemode_tui.sandbox.sanitise import sanitise_text


class Prose(Markdown):
    """Links are text here: what a model writes is not clicked open."""

    DEFAULT_CSS = """
    Prose { margin: 0 2 0 2; padding: 0; height: auto; background: transparent; }
    Prose.-aside { color: $text-muted; }
    Prose > MarkdownParagraph { margin: 0 0 1 0; }
    Prose > *:last-child { margin-bottom: 0; }
    """

    def __init__(self) -> None:
        super().__init__("", open_links=False)
        self._stream: MarkdownStream | None = None
        self._finished = ""

    async def append(self, text: str) -> None:
        """More of a stream; called a few times a second at most."""
        if self._stream is None:
            self._stream = Markdown.get_stream(self)
        await self._stream.write(sanitise_text(text))

    async def finish(self, text: str) -> None:
        """The whole text. A streamed tree differs from a parsed one (lists, tables, references)."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await stream.stop()
        if text != self._finished:
            self._finished = text
            await self.update(sanitise_text(text))
