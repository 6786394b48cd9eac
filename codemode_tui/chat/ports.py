"""What a turn needs from outside: a recorder. Engine, sandbox and tools bring their own interfaces."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.store.store import Store

Recorder: TypeAlias = "Store | NullRecorder"
"""Stores every step as it happens. What a method has returned from is on disk."""


class NullRecorder:
    """Keeps nothing (``--no-store``); ids are still unique."""

    async def _id(self, *_: object, **__: object) -> str:
        return uuid.uuid4().hex

    async def _dropped(self, *_: object, **__: object) -> None:
        return None

    async def _nothing(self, *_: object, **__: object) -> NoReturn:
        raise UsageError(
            "this conversation is not stored, so nothing of it can be corrected", hint="leave out --no-store"
        )

    new_session = begin_turn = begin_generation = begin_run = _id
    append_chunk = end_generation = end_run = end_turn = rate = add_feedback = abandon_corrections = _dropped
    turn = context = prompt = standing = session = _nothing

    def close(self) -> None:
        return None
