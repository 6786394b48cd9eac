"""What helps while somebody writes: completion, questions of before, large pastes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import History
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from codemode_tui.front.completion import mention, offers
from codemode_tui.front.folding import Folds
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


class PromptBuffer(Buffer):
    """What is written. A fold goes whole: what is left of a marker would be sent in the place of the paste."""

    def __init__(self, folds: Folds, offers: Completer, asked: History, typed: Callable[[], None]) -> None:
        """``typed``: told when the text has changed."""
        self._folds = folds
        super().__init__(
            name="prompt",
            multiline=True,
            completer=offers,
            complete_while_typing=True,
            history=asked,
            on_text_changed=lambda _: typed(),
        )

    def delete_before_cursor(self, count: int = 1) -> str:
        here = self.cursor_position
        return super().delete_before_cursor(here - self._beside(max(0, here - count), here))

    def delete(self, count: int = 1) -> str:
        here = self.cursor_position
        return super().delete(self._beside(min(len(self.text), here + count), here) - here)

    def set_document(self, value: Document, bypass_readonly: bool = False) -> None:
        before, begin = self.text, value.cursor_position
        end = begin + len(before) - len(value.text)
        if end > begin and before[:begin] + before[end:] == value.text:  # cut, as the operators of vi do it
            begin, end = self._beside(begin, end), self._beside(end, begin)
            value = Document(before[:begin] + before[end:], begin)
        super().set_document(value, bypass_readonly)

    def _set_cursor_position(self, value: int) -> bool:
        """The cursor passes a fold in one step."""
        return super()._set_cursor_position(self._beside(value, self.cursor_position))

    def _beside(self, place: int, seen_from: int) -> int:
        """``place``; of one in the middle of a fold, the far end of that."""
        fold = self._folds.around(self.text, place)
        return place if fold is None else fold[seen_from <= place]


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
