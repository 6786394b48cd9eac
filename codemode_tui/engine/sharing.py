"""Find the engine that this user's other terminals use, or start it for them.

The name of its socket is its ``identity``: an engine of another version, with other weights or other settings has
another name, and is left to its clients.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from codemode_tui.engine.engines import SUFFIX, end_unused, running
from codemode_tui.engine.identity import identity
from codemode_tui.engine.link import Link, connect, start
from codemode_tui.engine.lock import START_LOCK, runtime_folder, try_lock
from codemode_tui.engine.messages import Hello, Load
from codemode_tui.errors import CodemodeError, EngineError

ANSWER_SECONDS = 10.0
"""An engine that does not even greet for so long hangs: its threads answer in mid-generation too."""
LOCK_SECONDS = 60.0
POLL_SECONDS = 0.05
NOTICED_POLLS = 20

Admit = Callable[[], int]
"""Called before a process is started: raises when there is no memory for its model, and returns what it may have."""


async def share(load: Load, hello: Hello, admit: Admit) -> Link:
    """A lease of the shared engine for ``load``, which is started if there is none. Its model may not be loaded yet.

    Where there can be no socket, it is a private one.

    Raises:
        EngineError: it cannot be started; what ``admit`` raises.
    """
    try:
        folder = runtime_folder()
    except OSError:
        return await start(await promised(hello, admit))
    path = folder / f"{identity(load)}{SUFFIX}"
    if (link := await _join(path, hello)) is not None:
        return link
    async with _start_lock(folder) as alone:
        if (link := await _join(path, hello, replace=alone)) is not None:  # somebody was faster
            return link
        return await start(await promised(hello, admit), path if alone else None)


async def promised(hello: Hello, admit: Admit) -> Hello:
    """``hello`` for the engine that is about to start, with what it may have. Engines that nobody uses make room.

    Raises:
        CodemodeError: there is no memory for it.
    """
    try:
        most = await asyncio.to_thread(admit)
    except CodemodeError:
        if not await _made_room():
            raise
        most = await asyncio.to_thread(admit)
    return msgspec.structs.replace(hello, memory_bytes=max(hello.memory_bytes, most))


async def _made_room() -> bool:
    """End the engines without a client. One that went just now may not have been noticed yet: that is waited for."""
    for _ in range(NOTICED_POLLS):
        if await asyncio.to_thread(end_unused):
            return True
        if not await asyncio.to_thread(running):
            return False  # no engine is in the way
        await asyncio.sleep(POLL_SECONDS)
    return False


async def _join(path: Path, hello: Hello, *, replace: bool = False) -> Link | None:
    """A lease of the engine at ``path``; None where there is none.

    Args:
        replace: the caller holds the start lock: end an engine that hangs.
    """
    try:
        link = await connect(path)
    except BlockingIOError:  # more clients wait for a greeting than the system keeps: it hangs, or is about to greet
        await asyncio.sleep(POLL_SECONDS)
        return None
    except OSError:
        return None
    try:
        await link.greet(hello, ANSWER_SECONDS)
    except EngineError:  # it is just ending, or is none of ours
        await link.close()
        return None
    except TimeoutError:
        if replace:
            link.kill()
        await link.close()
        return None
    except BaseException:
        await link.close()
        raise
    return link


@asynccontextmanager
async def _start_lock(folder: Path) -> AsyncIterator[bool]:
    """Hold the start lock; False when it cannot be had: whoever holds it was stopped."""
    file: int | None = None
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(LOCK_SECONDS):
            while (file := try_lock(folder / START_LOCK)) is None:
                await asyncio.sleep(POLL_SECONDS)
    try:
        yield file is not None
    finally:
        if file is not None:
            os.close(file)
