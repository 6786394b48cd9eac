"""Processes and threads of somebody who may be cancelled at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")
_END_SECONDS = 5.0
"""For a killed process to end; one that the kernel does not let go is left."""


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
        await asyncio.wait({asyncio.ensure_future(_discard(starting))})
        raise


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill what is left of a process and its group, close its pipes and see its end, also when cancelled meanwhile.

    Its transport is closed only when its end is known: it asks the kernel itself, and asyncio's thread that waits for
    the same process would then find it gone, and say so on standard error.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says so of one that has just ended
            os.killpg(process.pid, signal.SIGKILL)
    transport: asyncio.SubprocessTransport = process._transport  # type: ignore[attr-defined]
    for fd in range(3):
        if pipe := transport.get_pipe_transport(fd):
            pipe.close()  # some survivor may hold its other end for ever
    try:
        await to_the_end(asyncio.wait({asyncio.ensure_future(process.wait())}, timeout=_END_SECONDS))
    finally:
        if process.returncode is not None:
            transport.close()


async def _discard(starting: asyncio.Future[asyncio.subprocess.Process]) -> None:
    await asyncio.wait({starting})
    if not starting.cancelled() and starting.exception() is None:
        await end(starting.result())  # nobody is going to read its pipes
