"""What the screen needs of a conversation. ``chat.Conversation`` has it; so has a scripted one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal, Protocol

from codemode_tui.chat.events import Approval, Event, WriteReply
from codemode_tui.engine.api import Force, ModelInfo, OnProgress


class Chat(Protocol):
    @property
    def info(self) -> ModelInfo | None: ...

    @property
    def workspace(self) -> Path: ...

    @property
    def sandbox_name(self) -> str: ...

    @property
    def engine_running(self) -> bool: ...

    async def start_engine(self, on_progress: OnProgress | None = None) -> ModelInfo: ...

    async def probe_sandbox(self) -> str: ...

    def ask(self, query: str, *, force: Force | None = None) -> AsyncIterator[Event]: ...

    def reply(self, request: str, answer: Approval | WriteReply) -> None: ...

    async def stop(self) -> None: ...

    async def rate(self, turn: str | None, value: Literal[-1, 0, 1]) -> str | None: ...

    async def new_session(self) -> str: ...
