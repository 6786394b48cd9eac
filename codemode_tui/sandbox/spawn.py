"""Processes and threads of somebody who may be cancelled at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")


async def to_the_end(work: Awaitable[T]) -> T:
    """A thread cannot be stopped: who is cancelled meanwhile waits for it, so that what it did is known."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def spawn(*argv: str, **options: Any) -> asyncio.subprocess.Process:  # noqa: ANN401 - as asyncio takes them
    """``asyncio.create_subprocess_exec`` in a session of its own, for callers that may be cancelled.

    asyncio waits for ever when it is cancelled while it connects the pipes of a new process. Starting is
    therefore never interrupted: a process that nobody wants any more is killed, with its group, once it is there.

    Raises:
        OSError: it cannot be started.
    """
    starting = asyncio.ensure_future(asyncio.create_subprocess_exec(*argv, start_new_session=True, **options))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        starting.add_done_callback(_discard)
        await asyncio.wait({starting})
        raise


def _discard(starting: asyncio.Future[asyncio.subprocess.Process]) -> None:
    if starting.cancelled() or starting.exception() is not None:
        return
    process = starting.result()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()  # nobody is going to read its pipes
