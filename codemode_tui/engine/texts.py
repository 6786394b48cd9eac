"""Tokens to text as it streams: whole characters only, and never a piece of a stop text."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream


class TextStream:
    """Turns ids into text; holds back what may still become a stop text."""

    def __init__(self, tokenizer: Tokenizer, stop: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._stop = tuple(stop)
        self._stream = DecodeStream(skip_special_tokens=False)
        self._ids: list[int] = []
        self._decoded = ""
        self._given = 0
        self.stopped = False
        """A stop text has come: nothing behind it will be given."""

    @property
    def text(self) -> str:
        """Everything given so far."""
        return self._decoded[: self._given]

    def add(self, token: int) -> str:
        """The text that is certain after ``token``."""
        self._ids.append(token)
        piece = self._stream.step(self._tokenizer, token)
        return self._give(piece) if piece else ""

    def flush(self) -> str:
        """The rest at the end of the message, half a character as U+FFFD."""
        if self.stopped:
            return ""
        whole = self._tokenizer.decode(self._ids, skip_special_tokens=False)
        rest = whole[len(self._decoded) :] if whole.startswith(self._decoded) else ""
        given = self._give(rest)
        if not self.stopped:
            given += self._decoded[self._given :]
            self._given = len(self._decoded)
        return given

    def _give(self, piece: str) -> str:
        before = self._given
        self._decoded += piece
        places = [at for at in (self._decoded.find(stop, before) for stop in self._stop) if at >= 0]
        if places:
            self.stopped = True
            self._given = min(places)
        else:
            self._given = len(self._decoded) - self._held()
        return self._decoded[before : self._given]

    def _held(self) -> int:
        """How many characters at the end may begin a stop text."""
        tail = self._decoded[self._given :]
        longest = max((len(stop) for stop in self._stop), default=1) - 1
        for size in range(min(longest, len(tail)), 0, -1):
            if any(stop.startswith(tail[-size:]) for stop in self._stop):
                return size
        return 0
