"""The values that the protocol speaks in."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

Role = Literal["user", "assistant", "tool"]


class Decision(StrEnum):
    """What one assistant message turned out to be (DESIGN §4)."""

    DIRECT = "direct"
    TOOL = "tool"
    ANNOUNCED = "announced"
    """Said that it would act, then stopped."""
    MALFORMED = "malformed"
    """A call that cannot be trusted: a JSON fence, a call without its wrapper, two codes in one."""
    TRUNCATED = "truncated"
    """Cut off before the call closed. Never executed."""


class Message(msgspec.Struct, frozen=True):
    """One message of a conversation, without the system prompt (that belongs to the profile)."""

    role: Role
    """``tool`` is the output of a run; how it reaches the wire is the profile's business."""
    content: str
    """Assistant: the raw text, verbatim, never re-rendered from parsed parts."""
    token_ids: tuple[int, ...] | None = None
    """Assistant: the generated ids, replayed verbatim when the same tokenizer reads them again."""


class Segment(msgspec.Struct, frozen=True):
    """A piece of a rendered prompt. Joined texts are the exact bytes of the prompt."""

    text: str
    special: bool = False
    """True only for text that the renderer wrote: it may become one special token. Text with
    ``special=False`` must be tokenised so that no special id can arise from it."""
    token_ids: tuple[int, ...] | None = None
    """Ids to use instead of tokenising ``text`` (raw assistant text of the same tokenizer)."""


class Parsed(msgspec.Struct, frozen=True):
    """One assistant message, parsed. ``parse --json`` prints exactly these fields."""

    decision: Decision
    dialect: str | None
    """The dialect that was seen (``phase22``, ``phase22-inline``, ``qwen3-coder``, ``bare``,
    ``json``, ``unwrapped``); None for prose."""
    text: str
    """The prose before the call, or the direct answer."""
    code: str | None
    """Filled whenever it can be recovered, also for ``malformed``; None for prose."""
    warnings: tuple[str, ...] = ()
