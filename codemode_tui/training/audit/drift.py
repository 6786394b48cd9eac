"""System prompts that differ, and how: a model that was trained under one answers worse under another."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile

import msgspec

SHOWN, AROUND, MOST = 160, 30, 8


class Prompt(msgspec.Struct, frozen=True):
    """One system prompt."""

    rows: int
    characters: int
    beginning: str
    differs: str
    """Where it leaves the most frequent one, and what each says there; empty for that one itself."""


class Drift(msgspec.Struct, frozen=True):
    """The system prompts of a set."""

    distinct: int
    without: int
    """Rows that have none."""
    prompts: list[Prompt]
    """The most frequent ones first."""


def drift(prompts: Counter[str], without: int) -> Drift:
    """What the system prompts of a set come to: text → rows."""
    ordered = sorted(prompts.items(), key=lambda item: (-item[1], item[0]))
    usual = ordered[0][0] if ordered else ""
    shown = [Prompt(rows, len(text), text[:SHOWN], differs(usual, text)) for text, rows in ordered[:MOST]]
    return Drift(len(prompts), without, shown)


def differs(usual: str, other: str) -> str:
    """Where two texts part, in words; empty if they are the same."""
    if usual == other:
        return ""
    at = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(usual, other, strict=False)))
    return f"at character {at + 1}: {_piece(usual, at)} became {_piece(other, at)}"


def _piece(text: str, at: int) -> str:
    piece = text[at : at + AROUND]
    return repr(piece + "…" if len(text) > at + AROUND else piece) if piece else "nothing"
