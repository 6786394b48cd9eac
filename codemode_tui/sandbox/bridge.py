"""The host's side of the tool calls of one run: reads frames, runs tools, sends whole results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from codemode_tui.sandbox.rpc import (
    Call,
    Cancel,
    Done,
    Inbound,
    ProtocolError,
    Ready,
    error_frame,
    read_frame,
    result_frames,
)
from codemode_tui.sandbox.stopwatch import Stopwatch
from codemode_tui.sandbox.types import Limits, ToolHost

_AT_ONCE = 32
"""Calls that run side by side; further ones wait, and reading waits with them."""
BYTES_AT_ONCE = 128 * 1024 * 1024
"""Of the arguments of these. A call that has more runs alone."""


class Bridge:
    """Serves the calls of one child until it is done, gone, or has broken the protocol."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        tools: ToolHost,
        limits: Limits,
        watch: Stopwatch,
        on_break: Callable[[str], None],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._tools, self._limits, self._watch = tools, limits, watch
        self._on_break = on_break
        self._running: dict[int, asyncio.Task[None]] = {}
        self._working: set[int] = set()
        """Calls whose tool has not ended: a result that has begun is sent to its end, or its reader would wait on."""
        self._calls = self._bytes = 0

    async def serve(self) -> Done | None:
        """Until the child says done (its fields), or its end of the socket closes (None).

        A child that does not keep to the protocol, or calls too often, is reported to ``on_break``.
        """
        inbound = Inbound()
        try:
            while (data := await read_frame(self._reader)) is not None:
                frame = inbound.frame(data)
                if isinstance(frame, Done):
                    return frame
                if isinstance(frame, Ready):
                    raise ProtocolError("a second READY")
                if isinstance(frame, Call):
                    await self._begin(frame, inbound)
                elif isinstance(frame, Cancel):
                    await asyncio.sleep(0)  # a task that has not begun would end without a word
                    if frame.number in self._working:
                        self._running[frame.number].cancel()
        except ProtocolError as error:
            self._on_break(f"the code broke the tool protocol: {error}")
        finally:
            await self._end()
        return None

    async def _begin(self, call: Call, inbound: Inbound) -> None:
        self._calls += 1
        if self._calls > self._limits.calls:
            self._on_break(f"more than {self._limits.calls} tool calls")
            return
        while self._running and (len(self._running) >= _AT_ONCE or self._bytes + call.size > BYTES_AT_ONCE):
            await asyncio.wait(self._running.values(), return_when=asyncio.FIRST_COMPLETED)
        served = self._serve_call(call, *inbound.arguments(call.number))
        self._bytes += call.size
        self._working.add(call.number)
        task = self._running[call.number] = asyncio.create_task(served)
        task.add_done_callback(lambda _: self._ended(call))

    def _ended(self, call: Call) -> None:
        del self._running[call.number]
        self._bytes -= call.size

    async def _serve_call(self, call: Call, args: list[Any], kwargs: dict[str, Any]) -> None:
        frames = await self._frames(call, args, kwargs)
        try:
            for frame in frames:
                self._writer.write(frame)
                await self._writer.drain()
        except (ConnectionError, OSError):
            pass  # the child is gone; nobody waits for this result

    async def _frames(self, call: Call, args: list[Any], kwargs: dict[str, Any]) -> Iterable[bytes]:
        seconds = self._limits.call_seconds
        try:
            with self._watch.call(seconds) as deadline:
                async with deadline:
                    value = await self._tools.call(call.name, args, kwargs)
        except TimeoutError as error:
            late = TimeoutError(f"{call.name} took longer than {seconds:g} s and was stopped")
            return [error_frame(call.number, late if deadline.expired() else error)]
        except asyncio.CancelledError:
            # The code has given this call up: the thread that waits for it is told. If the run ends, nobody reads this.
            return [error_frame(call.number, RuntimeError(f"{call.name} was cancelled"))]
        except Exception as error:
            return [error_frame(call.number, error)]
        finally:
            self._working.discard(call.number)
        return result_frames(call.number, value, self._limits.result_bytes)

    async def _end(self) -> None:
        """A child that is done waits for nothing more."""
        for task in (running := list(self._running.values())):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
