"""Find the engine that this user's other terminals use, or start it for them.

The name of its socket says what it is: model, how it is held, the code that runs it. An engine of another
version, with other weights or other settings has another name, and is left to its clients.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.util
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from codemode_tui import __version__, locations
from codemode_tui.engine.engines import SUFFIX, end_unused
from codemode_tui.engine.link import Link, connect, start
from codemode_tui.engine.lock import START_LOCK, runtime_folder, try_lock
from codemode_tui.engine.messages import PROTOCOL, Hello, Load
from codemode_tui.errors import CodemodeError, EngineError

ANSWER_SECONDS = 10.0
"""An engine that does not even greet for so long hangs: its threads answer in mid-generation too."""
LOCK_SECONDS = 60.0
POLL_SECONDS = 0.05
DIGITS = 10
ROOMS = ("engine", "protocol")
"""What of the package runs in the engine."""

Admit = Callable[[], None]
"""Called before a process is started: raises when there is no memory for its model."""


async def share(load: Load, hello: Hello, admit: Admit) -> Link:
    """A lease of the shared engine for ``load``, which is started if there is none. Its model may not be loaded yet.

    Where there can be no socket, it is a private one.

    Raises:
        EngineError: it cannot be started; what ``admit`` raises.
    """
    try:
        folder = runtime_folder()
    except OSError:
        await asyncio.to_thread(admit)
        return await start(hello)
    path = folder / f"{identity(load)}{SUFFIX}"
    if (link := await _join(path, hello)) is not None:
        return link
    async with _start_lock(folder) as alone:
        if (link := await _join(path, hello, replace=alone)) is not None:  # somebody was faster
            return link
        try:
            await asyncio.to_thread(admit)
        except CodemodeError:
            if not await asyncio.to_thread(end_unused):
                raise
            await asyncio.to_thread(admit)
        return await start(hello, path if alone else None)


def identity(load: Load) -> str:
    """The name of the engine for ``load``: equal only if an answer would be, whoever starts it."""
    folder, adapter = Path(load.path), load.adapter
    files = [*sorted(folder.glob("*")), *(sorted(Path(adapter).glob("*")) if adapter else ())]
    package = locations.package_dir()
    code = [file for room in ROOMS for file in sorted((package / room).glob("*.py"))]
    libraries = [importlib.util.find_spec(name) for name in ("mlx", "mlx_lm", "transformers")]
    places = [Path(place) for spec in libraries if spec for place in spec.submodule_search_locations or ()]
    facts = [
        msgspec.to_builtins(msgspec.structs.replace(load, id=0)),
        [PROTOCOL, __version__, sys.executable, *sys.version_info[:3]],
        _stamps(files),
        _stamps(code),
        _stamps(places),
        sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("MLX_")),
    ]
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:DIGITS]


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


def _stamps(files: Iterable[Path]) -> list[tuple[str, int, int]]:
    """What tells a file that was written anew: size and time of change."""
    found = []
    for file in files:
        with contextlib.suppress(OSError):
            status = file.stat()
            found.append((str(file), status.st_size, status.st_mtime_ns))
    return found
