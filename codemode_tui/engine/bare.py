"""Plain mlx-lm in a process of its own, without worker, frames, cache or parser: what benchmarks compare with.

One JSON line a command in, one a reply out (``bare_worker`` is the other end).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from codemode_tui.engine.api import ModelInfo
from codemode_tui.engine.link import GRACE_SECONDS
from codemode_tui.engine.spawning import worker_environment
from codemode_tui.errors import EngineError
from codemode_tui.protocol.types import Segment

MOST_BYTES = 1 << 26
"""The longest line: the ids of a full context are far below."""


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Load a model with ``mlx_lm.load``. First command, answered by ``Ready``."""

    path: str
    adapter: str = ""
    """Folder of an adapter of it; none if empty."""


class Encode(msgspec.Struct, frozen=True, tag="encode"):
    """Token ids of a prompt, as the product encodes it. Answered by ``Ids``."""

    prompt: tuple[Segment, ...]


class Follow(msgspec.Struct, frozen=True, tag="follow"):
    """``mlx_lm.stream_generate`` with a sampler that follows a script. Answered by ``Pace``."""

    prompt: tuple[int, ...]
    script: tuple[int, ...]


class Weigh(msgspec.Struct, frozen=True, tag="weigh"):
    """What a token costs, and what the machine can move. Answered by ``Weight``."""


class MakeThin(msgspec.Struct, frozen=True, tag="thin"):
    """Write a random model of many thin layers into a folder. Answered by ``Ready``."""

    folder: str
    tokenizer: str
    """Folder of the model whose tokenizer it gets."""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    pass


class Ids(msgspec.Struct, frozen=True, tag="ids"):
    ids: tuple[int, ...]


class Pace(msgspec.Struct, frozen=True, tag="pace"):
    """Times of one generation, taken inside the process."""

    first_seconds: float
    """From the call to the first token."""
    rest_seconds: float
    """From the first token to the last."""
    tokens: int


class Weight(msgspec.Struct, frozen=True, tag="weight"):
    device: str
    float_copy: bool
    """Quantised weights are held as floats, as the worker does it for a small model on a CPU."""
    bytes_per_token: int
    """Weights in memory that one decoded token reads; of a mixture of experts only those that are asked."""
    kv_bytes_per_token: int
    """Cache that each token of the context adds to what is read."""
    bandwidth: float
    """Bytes a second: the best of several copies of a large block, reading and writing counted."""


class Broken(msgspec.Struct, frozen=True, tag="broken"):
    """Instead of any reply: what went wrong."""

    why: str


Command = Open | Encode | Follow | Weigh | MakeThin
Answer = Ready | Ids | Pace | Weight | Broken
_T = TypeVar("_T", bound=msgspec.Struct)


class BareModel:
    """A process that has loaded one model. Every method raises ``EngineError``, ``close`` excepted."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._log: IO[bytes] | None = None

    async def start(self, model: ModelInfo) -> float:
        """Start the process and load a model of this machine. Returns the seconds that this took."""
        began = time.perf_counter()
        await self._spawn()
        adapted = model.adapter
        await self._ask(Open(adapted.base_path, model.path) if adapted else Open(model.path), Ready)
        return time.perf_counter() - began

    async def make_thin(self, folder: Path, tokenizer: Path) -> None:
        """Write the random model of many thin layers (``thin``). Needs no ``start``."""
        await self._spawn()
        await self._ask(MakeThin(str(folder), str(tokenizer)), Ready)

    async def encode(self, prompt: tuple[Segment, ...]) -> tuple[int, ...]:
        """Token ids of a prompt."""
        return (await self._ask(Encode(prompt), Ids)).ids

    async def follow(self, prompt: tuple[int, ...], script: tuple[int, ...]) -> Pace:
        """Generate exactly the tokens of ``script`` behind ``prompt``."""
        return await self._ask(Follow(prompt, script), Pace)

    async def weigh(self) -> Weight:
        """What one decoded token reads, and how fast memory is."""
        return await self._ask(Weigh(), Weight)

    async def close(self) -> None:
        """End the process, whatever it is doing. Never raises."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                async with asyncio.timeout(GRACE_SECONDS):
                    await process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._log is not None:
            self._log.close()
            self._log = None

    async def _spawn(self) -> None:
        if self._process is not None:
            return
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "codemode_tui.engine.bare_worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=self._log,
                env=worker_environment(dict(os.environ)),
                cwd="/",
                start_new_session=True,  # ctrl+c in the terminal is for the front end
                limit=MOST_BYTES,
            )
        except OSError as error:
            raise EngineError(f"mlx-lm could not be started: {error}", hint="check the installation") from error

    async def _ask(self, command: Command, kind: type[_T]) -> _T:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise EngineError("bare mlx-lm is not running", hint="start it first")
        with contextlib.suppress(ConnectionError):  # it is gone: the empty line below says so
            process.stdin.write(msgspec.json.encode(command) + b"\n")
            await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise EngineError(f"bare mlx-lm ended unexpectedly{self._last_words()}", hint="try again")
        answer = msgspec.json.decode(line, type=Answer)
        if isinstance(answer, Broken):
            raise EngineError(f"bare mlx-lm failed: {answer.why}", hint="check the model with `codemode model verify`")
        if not isinstance(answer, kind):
            raise EngineError(f"bare mlx-lm sent an unexpected {type(answer).__name__}", hint="try again")
        return answer

    def _last_words(self) -> str:
        """The last line of its standard error, in brackets."""
        if self._log is None:
            return ""
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").split("\n")
        return next((f" [{line.strip()[:200]}]" for line in reversed(lines) if line.strip()), "")
