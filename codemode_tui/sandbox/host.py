"""One run, seen from the host: send the code, serve, watch, kill, and say what happened."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import msgspec

from codemode_tui.sandbox.bridge import Bridge
from codemode_tui.sandbox.child_process import ChildProcess
from codemode_tui.sandbox.footprint import exceeded, footprint_bytes
from codemode_tui.sandbox.rpc import Done, pack
from codemode_tui.sandbox.scratch import bytes_in
from codemode_tui.sandbox.stopwatch import Stopwatch
from codemode_tui.sandbox.types import ExceptionInfo, Limits, OnOutput, Outcome, RunStatus, ToolHost
from codemode_tui.sandbox.whereabouts import stopped_at

_SCRATCH_POLL_SECONDS = 0.1
_CRASHES = (signal.SIGSYS, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT, signal.SIGTRAP)
_LINGER_SECONDS = 0.5
"""How long a child may live on after it said that it is done."""


class ChildRun:
    """One child, from spawn to the last byte. ``run`` is called once."""

    def __init__(self, child: ChildProcess, tools: ToolHost, limits: Limits, on_output: OnOutput | None) -> None:
        self._child, self._tools, self._limits = child, tools, limits
        self._launch, self._process, self._streams = child.launch, child.process, child.streams
        self._streams.listen(self._flooded, on_output)
        self._ended_by: tuple[RunStatus, str] | None = None
        self._code = ""

    async def run(self, code: str, backend: str, stop: asyncio.Event | None) -> Outcome:
        """See ``Sandbox.run``."""
        child, watch, self._code = self._child, Stopwatch(), code
        child.writer.write(pack({"code": code, "tools": list(self._tools.names)}))
        bridge = Bridge(child.reader, child.writer, self._tools, self._limits, watch, self._broke)
        done = await self._serve(bridge, watch, stop)
        if done is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._process.wait()), _LINGER_SECONDS)
        return await self._outcome(done, watch, backend)

    async def _serve(self, bridge: Bridge, watch: Stopwatch, stop: asyncio.Event | None) -> Done | None:
        """Serve calls until the child is done or gone, watching clocks, memory and the stop event.

        Code whose time is up, or that the user stops, gets no more calls served, and is asked where it stands.
        """
        serving = asyncio.create_task(bridge.serve())
        watchers = [asyncio.create_task(self._watch_time(watch))]
        if self._launch.watch_memory_mb:
            watchers.append(asyncio.create_task(self._watch_memory()))
        if self._launch.scratch is not None:
            watchers.append(asyncio.create_task(self._watch_scratch(self._launch.scratch)))
        if stop is not None:
            watchers.append(asyncio.create_task(self._watch_stop(stop)))
        exited = asyncio.create_task(self._process.wait())
        try:
            # A dead child's frames are still in the socket: serving ends by itself at its end of stream.
            await asyncio.wait({serving, *watchers}, return_when=asyncio.FIRST_COMPLETED)
            if not serving.done() and self._ended_by is not None:
                serving.cancel()
                await self._child.whereabouts.ask()
                self._child.kill()
            if not serving.done():
                await asyncio.wait({serving, exited}, timeout=2)
            return serving.result() if serving.done() and not serving.cancelled() else None
        finally:
            for task in (serving, exited, *watchers):
                task.cancel()
            await asyncio.gather(serving, exited, *watchers, return_exceptions=True)

    async def _watch_time(self, watch: Stopwatch) -> None:
        limits = self._limits
        while (left := min(limits.wall_seconds - watch.running, limits.total_seconds - watch.total)) > 0:
            await asyncio.sleep(max(left, 0.01))
        ran_out = watch.running >= limits.wall_seconds
        seconds = limits.wall_seconds if ran_out else limits.total_seconds
        why = f"stopped after {seconds:g} s" + ("" if ran_out else ", waiting for tools included")
        self._ended_by = self._ended_by or ("timeout", why)

    async def _watch_memory(self) -> None:
        limit = self._launch.watch_memory_mb * 1024 * 1024
        await exceeded(lambda: footprint_bytes(self._process.pid), limit)
        self._end("memory", f"more than {self._launch.watch_memory_mb} MB of memory")

    async def _watch_scratch(self, folder: str) -> None:
        """A folder of the host has no size limit of its own, as a mounted one has."""
        limit = self._limits.scratch_mb * 1024 * 1024
        while await asyncio.to_thread(bytes_in, folder) <= limit:
            await asyncio.sleep(_SCRATCH_POLL_SECONDS)
        self._end("killed", f"more than {self._limits.scratch_mb} MB of temporary files, or folders without end")

    async def _watch_stop(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._ended_by = self._ended_by or ("killed", "stopped by the user")

    def _flooded(self) -> None:
        self._end("killed", f"more than {self._limits.output_kill_bytes:,} bytes of output")

    def _broke(self, reason: str) -> None:
        self._end("killed", reason)

    def _end(self, status: RunStatus, reason: str) -> None:
        """At once: it does harm as long as it runs. The first reason counts."""
        self._ended_by = self._ended_by or (status, reason)
        self._child.kill()

    async def _outcome(self, done: Done | None, watch: Stopwatch, backend: str) -> Outcome:
        process = self._process
        spent = watch.running * 1000
        if done is not None or self._ended_by is not None:
            self._child.kill()
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(process.wait()), _LINGER_SECONDS)
            self._child.kill()
        await process.wait()
        await asyncio.wait(self._child.outputs, timeout=2)
        status, code, exception, reason = self._verdict(done, process.returncode)
        if exception is None and reason:
            kind = {"timeout": "TimeoutError", "killed": "KeyboardInterrupt"}.get(status, "SystemError")
            exception = stopped_at(self._child.whereabouts.frames(), self._code, kind, reason)
        return Outcome(
            status=status,
            exit_code=code,
            stdout=self._streams.stdout.text,
            stderr=self._streams.stderr.text,
            exception=exception,
            truncated=self._streams.truncated,
            duration_ms=round(spent, 3),
            backend=backend,
            tool_calls=self._tools.calls,
            files_changed=self._tools.files_changed,
            undo=self._tools.journal,
            reason=reason,
        )

    def _verdict(
        self, done: Done | None, returned: int | None
    ) -> tuple[RunStatus, int | None, ExceptionInfo | None, str]:
        if self._ended_by is not None:
            return self._ended_by[0], None, None, self._ended_by[1]
        if done is not None:
            exception = msgspec.convert(done.exception, ExceptionInfo) if done.exception else None
            status: RunStatus = "memory" if done.status == "memory" else "ok" if done.status == "ok" else "error"
            return status, done.exit_code, exception, ""
        # It ended without a word: os._exit, a crash, or a limit of the kernel.
        number = -returned if returned is not None and returned < 0 else (returned or 0) - 128
        if number == signal.SIGXCPU or (number == signal.SIGKILL and self._ended_by is None):
            return (
                "timeout" if number == signal.SIGXCPU else "killed",
                None,
                None,
                (
                    f"more than {self._limits.cpu_seconds} s of processor time"
                    if number == signal.SIGXCPU
                    else "killed by the system"
                ),
            )
        if number in _CRASHES:
            why = "a forbidden system call" if number == signal.SIGSYS else "the interpreter crashed"
            return "error", returned, None, f"{why} ({signal.Signals(number).name})"
        if number in set(signal.Signals):
            return "error", returned, None, f"ended by {signal.Signals(number).name}"
        return ("ok" if returned == 0 else "error"), returned, None, ""
