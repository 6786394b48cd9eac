"""What helps while somebody writes: completion, questions of before, large pastes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import History
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from codemode_tui.front.completion import mention, offers
from codemode_tui.front.pasting import Pasted, Pastes
from codemode_tui.repl.console import Console
from codemode_tui.sandbox.sanitise import one_line


class Offering(Completer):
    """Commands, what may follow them, files behind an ``@``: as on the screen."""

    def __init__(self, console: Console, words: Mapping[str, Sequence[str]], wanted: Callable[[], None]) -> None:
        """``words``: what may follow a command (``completion.offers``); ``wanted``: told when files are looked for."""
        self.console, self.words, self.wanted = console, words, wanted

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        if mention(before) is not None and not self.console.files:
            self.wanted()
        found = offers(before, document.text_after_cursor, self.console.files, self.words, "repl")
        for one in found.offers:
            begin = found.begin - len(before)
            yield Completion(one.text, begin, display=one_line(one.label, 60), display_meta=one_line(one.note, 100))


class Asked(History):
    """The questions of this workspace, large ones folded; the store keeps them."""

    def __init__(self, asked: Sequence[str], fold: Callable[[str], str]) -> None:
        super().__init__()
        self._asked, self._fold = asked, lru_cache(maxsize=None)(fold)

    async def load(self) -> AsyncGenerator[str, None]:
        for text in reversed(self._asked):  # anew each time: those of before come after the first paint
            yield self._fold(text)

    def load_history_strings(self) -> Iterable[str]:
        return ()

    def store_string(self, string: str) -> None:
        """It is in the store with its turn."""


class WholePastes(Vt100Parser):
    """prompt_toolkit's own looks through all of a paste for each kilobyte of it: minutes for ten megabytes."""

    def __init__(self, feed_key: Callable[[KeyPress], None]) -> None:
        super().__init__(feed_key)
        self._pastes = Pastes()

    def feed(self, data: str) -> None:
        for part in self._pastes.feed(data):
            if isinstance(part, Pasted):
                self.feed_key_callback(KeyPress(Keys.BracketedPaste, part.text))
            else:
                super().feed(part)
