"""Prompt segments to token ids. Text that others wrote can never become a control token.

A tokenizer turns ``<|im_end|>`` in a file into the id that ends a turn. So there are two: the model's
own, asked only for what the renderer wrote, and the same without its added tokens, for all else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer

from codemode_tui.engine.ends import added_tokens
from codemode_tui.protocol.types import Segment


class Encoder:
    """Encodes for one model folder (``tokenizer.json``)."""

    def __init__(self, folder: Path) -> None:
        text = (folder / "tokenizer.json").read_text("utf-8")
        table = json.loads(text)
        self.full = Tokenizer.from_str(text)
        self.added = added_tokens(table)
        self._longest = max(map(len, self.full.get_vocab()), default=1)  # in bytes: the alphabet is of bytes
        self.control = frozenset(self.added.values())
        self._inside_control = _seams(self.added)
        table["added_tokens"] = []
        # A post-processor may add tokens of its own; prompts are complete as they are.
        table["post_processor"] = None
        self._plain = Tokenizer.from_str(json.dumps(table))
        self.largest = max(*self._plain.get_vocab(with_added_tokens=False).values(), *self.control, 0)
        """The largest id that a prompt can hold."""
        for tokenizer in (self.full, self._plain):
            tokenizer.no_truncation()
            tokenizer.no_padding()

    def least(self, segments: Sequence[Segment]) -> int:
        """Tokens that a prompt has at least, without tokenising it: ten megabytes would take a minute."""
        return sum(len(segment.text.encode("utf-8", "replace")) for segment in segments) // self._longest

    def encode(self, segments: Sequence[Segment]) -> list[int]:
        """Ids of a prompt. Neighbouring plain text is tokenised as one string, as in training."""
        ids: list[int] = []
        plain: list[str] = []
        for segment in segments:
            known = segment.special and segment.text in self.added
            if segment.token_ids is None and not known:
                plain.append(segment.text)
                continue
            ids += self.plain("".join(plain))
            plain.clear()
            ids += [self.added[segment.text]] if segment.token_ids is None else segment.token_ids
        return ids + self.plain("".join(plain))

    def plain(self, text: str) -> list[int]:
        """Ids of untrusted text: never one of the added tokens."""
        ids = self._ids(text)
        if self.control.isdisjoint(ids):
            return ids
        # A vocabulary that holds its control tokens as ordinary words: cut them in the middle.
        parts = self._inside_control.split(text)
        return [i for part in parts for i in self._ids(part) if i not in self.control]

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._plain.encode(text, add_special_tokens=False).ids if text else []
        return ids

    def trusted(self, text: str) -> list[int]:
        """Ids of text that this program wrote itself (openings): tags become their tokens."""
        ids: list[int] = self.full.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        text: str = self.full.decode(list(ids), skip_special_tokens=False)
        return text


def _seams(tokens: Iterable[str]) -> re.Pattern[str]:
    """Matches, without taking a character, behind the first character of every control token."""
    heads = [f"(?<={re.escape(token[:1])})(?={re.escape(token[1:])})" for token in tokens if len(token) > 1]
    return re.compile("|".join(heads) or r"(?!)")
