"""One run, seen from the host: spawn, handshake, serve, watch, kill, and say what happened."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
from typing import Any

import msgspec

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox.bridge import Bridge
from codemode_tui.sandbox.capture import Streams
from codemode_tui.sandbox.footprint import footprint_bytes
from codemode_tui.sandbox.launch import Launch
from codemode_tui.sandbox.rpc import Done, Inbound, ProtocolError, Ready, pack, read_frame
from codemode_tui.sandbox.spawn import spawn
from codemode_tui.sandbox.stopwatch import Stopwatch
from codemode_tui.sandbox.types import ExceptionInfo, Limits, OnOutput, Outcome, RunStatus, ToolHost

_READY_SECONDS = 20.0
_SCRATCH_POLL_SECONDS = 0.1
_CRASHES = (signal.SIGSYS, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT, signal.SIGTRAP)
_LINGER_SECONDS = 0.5
"""How long a child may live on after it said that it is done."""


class ChildRun:
    """One child, from spawn to the last byte. ``run`` is called once."""

    def __init__(self, launch: Launch, tools: ToolHost, limits: Limits, on_output: OnOutput | None) -> None:
        self._launch, self._tools, self._limits = launch, tools, limits
        self._streams = Streams(limits.output_keep_bytes, limits.output_kill_bytes, self._flooded, on_output)
        self._process: asyncio.subprocess.Process | None = None
        self._ended_by: tuple[RunStatus, str] | None = None
        self._layers: list[str] = []

    async def run(self, code: str, backend: str, stop: asyncio.Event | None) -> Outcome:
        """See ``Sandbox.run``.

        Raises:
            SandboxError: the child could not be confined; the code was not sent to it.
        """
        host_end, child_end = socket.socketpair()
        try:
            process = self._process = await self._spawn(child_end)
        finally:
            child_end.close()
        reader, writer = await asyncio.open_unix_connection(sock=host_end)
        assert process.stdout is not None and process.stderr is not None
        outputs = [
            asyncio.create_task(self._streams.read("stdout", process.stdout)),
            asyncio.create_task(self._streams.read("stderr", process.stderr)),
        ]
        try:
            await self._handshake(reader, writer)
            watch = Stopwatch()
            writer.write(pack({"code": code, "tools": list(self._tools.names)}))
            done = await self._serve(Bridge(reader, writer, self._tools, self._limits, watch, self._broke), watch, stop)
            if done is not None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(process.wait()), _LINGER_SECONDS)
            return await self._outcome(done, watch, outputs, backend)
        finally:
            self._kill()
            writer.close()
            for task in outputs:
                task.cancel()
            await asyncio.gather(*outputs, return_exceptions=True)
            await process.wait()
            _close_pipes(process)

    async def _spawn(self, child_end: socket.socket) -> asyncio.subprocess.Process:
        fd = child_end.fileno()
        try:
            return await spawn(
                *self._launch.argv,
                str(fd),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=self._launch.cwd,
                env=self._launch.env,
                pass_fds=(fd,),
            )
        except OSError as error:
            raise SandboxError(
                f"the sandbox could not be started: {error}", hint="run `codemode sandbox check`"
            ) from error

    async def _handshake(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until READY names every layer that this backend promises, the child gets no code."""
        nonce = secrets.token_hex(16)
        hello: dict[str, Any] = {**self._launch.hello, "nonce": nonce}
        try:
            writer.write(pack(hello))
            data = await asyncio.wait_for(read_frame(reader), _READY_SECONDS)
            ready = Inbound().frame(data) if data is not None else None
        except (ProtocolError, TimeoutError):
            ready = None
        if not isinstance(ready, Ready) or ready.nonce != nonce:
            raise await self._refusal("the child did not confirm that it is confined")
        missing = self._launch.required - {layer.rstrip("0123456789") for layer in ready.layers}
        if missing:
            raise await self._refusal(f"the child runs without {', '.join(sorted(missing))}")
        self._layers = ready.layers

    async def _refusal(self, message: str) -> SandboxError:
        """The error of a child that is not confined, with the last thing that it or its launcher said."""
        self._kill()
        assert self._process is not None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), 2)
        await asyncio.sleep(0.05)  # its last words may still be in the pipe
        said = self._streams.stderr.text.strip().splitlines()
        reason = f": {said[-1][:300]}" if said else ""
        return SandboxError(f"{message}{reason}", hint="run `codemode sandbox check`")

    async def _serve(self, bridge: Bridge, watch: Stopwatch, stop: asyncio.Event | None) -> Done | None:
        """Serve calls until the child is done or gone, watching clocks, memory and the stop event."""
        assert self._process is not None
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
            if not serving.done():
                await asyncio.wait({serving, exited}, timeout=2)
            return serving.result() if serving.done() else None
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
        self._end("timeout", f"stopped after {seconds:g} s" + ("" if ran_out else ", waiting for tools included"))

    async def _watch_memory(self) -> None:
        assert self._process is not None
        limit = self._launch.watch_memory_mb * 1024 * 1024
        while (used := footprint_bytes(self._process.pid)) is None or used <= limit:
            await asyncio.sleep(0.03)
        self._end("memory", f"more than {self._launch.watch_memory_mb} MB of memory")

    async def _watch_scratch(self, folder: str) -> None:
        """A folder of the host has no size limit of its own, as a mounted one has."""
        limit = self._limits.scratch_mb * 1024 * 1024
        while await asyncio.to_thread(_bytes_in, folder) <= limit:
            await asyncio.sleep(_SCRATCH_POLL_SECONDS)
        self._end("killed", f"more than {self._limits.scratch_mb} MB of temporary files")

    async def _watch_stop(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._end("killed", "stopped by the user")

    def _flooded(self) -> None:
        self._end("killed", f"more than {self._limits.output_kill_bytes:,} bytes of output")

    def _broke(self, reason: str) -> None:
        self._end("killed", reason)

    def _end(self, status: RunStatus, reason: str) -> None:
        """The first reason counts."""
        if self._ended_by is None:
            self._ended_by = status, reason
        self._kill()

    def _kill(self) -> None:
        """The whole group. Inside its own pid namespace the rest dies with the namespace's first process."""
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _outcome(
        self, done: Done | None, watch: Stopwatch, outputs: list[asyncio.Task[None]], backend: str
    ) -> Outcome:
        process = self._process
        assert process is not None
        spent = watch.running * 1000
        if done is not None or self._ended_by is not None:
            self._kill()
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(process.wait()), _LINGER_SECONDS)
            self._kill()
        await process.wait()
        await asyncio.wait(outputs, timeout=2)
        status, code, exception, reason = self._verdict(done, process.returncode)
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


def _bytes_in(folder: str) -> int:
    """What the files below ``folder`` take on the disk; what vanishes meanwhile does not count."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
    return total


def _close_pipes(process: asyncio.subprocess.Process) -> None:
    """A pipe that some process still holds open must not keep this one's transport alive."""
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()
