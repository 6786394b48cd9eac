"""Tokens to text as it streams: whole characters only, and never a piece of a stop text."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream

from codemode_tui.engine.stop_filter import StopFilter


class TextStream:
    """Turns ids into text; holds back what may still become a stop text."""

    def __init__(self, tokenizer: Tokenizer, stop: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._filter = StopFilter(stop)
        self._stream = DecodeStream(skip_special_tokens=False)
        self._ids: list[int] = []
        self._decoded = ""
        self.text = ""
        """Everything given so far."""

    @property
    def stopped(self) -> bool:
        return self._filter.stopped

    def add(self, token: int) -> str:
        """The text that is certain after ``token``."""
        self._ids.append(token)
        piece = self._stream.step(self._tokenizer, token) or ""
        self._decoded += piece
        return self._given(self._filter.feed(piece))

    def flush(self) -> str:
        """The rest at the end of the message, half a character as U+FFFD."""
        if self.stopped:
            return ""
        whole = self._tokenizer.decode(self._ids, skip_special_tokens=False)
        rest = whole[len(self._decoded) :] if whole.startswith(self._decoded) else ""
        return self._given(self._filter.feed(rest) + self._filter.flush())

    def _given(self, text: str) -> str:
        self.text += text
        return text
