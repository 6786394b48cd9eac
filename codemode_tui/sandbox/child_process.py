"""A confined child that waits for its code: spawned, its layers confirmed, nothing run yet."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import select
import signal
import socket
from typing import Any

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox import guard
from codemode_tui.sandbox.capture import Streams
from codemode_tui.sandbox.launch import Launch
from codemode_tui.sandbox.rpc import Inbound, ProtocolError, Ready, pack, read_frame
from codemode_tui.sandbox.scratch import remove_scratch
from codemode_tui.sandbox.spawn import end, spawn
from codemode_tui.sandbox.types import Limits
from codemode_tui.sandbox.whereabouts import Whereabouts

_READY_SECONDS = 20.0


class ChildProcess:
    """Made by ``start``; whoever holds it calls ``close``."""

    def __init__(
        self,
        launch: Launch,
        streams: Streams,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        whereabouts: Whereabouts,
    ) -> None:
        self.whereabouts = whereabouts
        self.launch, self.streams, self.process, self.reader, self.writer = launch, streams, process, reader, writer
        assert process.stdout is not None and process.stderr is not None
        self.outputs = [
            asyncio.create_task(streams.read("stdout", process.stdout)),
            asyncio.create_task(streams.read("stderr", process.stderr)),
        ]

    @classmethod
    async def start(cls, launch: Launch, limits: Limits) -> ChildProcess:
        """
        Raises:
            SandboxError: it could not be confined.
        """
        child = None
        try:
            child = await cls._spawn(launch, Streams(limits.output_keep_bytes, limits.output_kill_bytes))
            await child._handshake()
        except BaseException:
            if child is not None:
                await child.close()
            elif launch.scratch is not None:
                remove_scratch(launch.scratch)
            raise
        return child

    @classmethod
    async def _spawn(cls, launch: Launch, streams: Streams) -> ChildProcess:
        host_end, child_end = socket.socketpair()
        whereabouts = Whereabouts()
        fd = child_end.fileno()
        try:
            process = await spawn(
                *launch.argv,
                str(fd),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=launch.cwd,
                env=launch.env,
                pass_fds=(fd, whereabouts.number),
            )
        except BaseException as error:
            host_end.close()
            whereabouts.close()
            if not isinstance(error, OSError):
                raise
            raise SandboxError(
                f"the sandbox could not be started: {error}", hint="run `codemode sandbox check`"
            ) from error
        finally:
            child_end.close()
            whereabouts.child_end.close()
        if launch.guarded:
            guard.watch(process.pid)
        reader, writer = await asyncio.open_unix_connection(sock=host_end)
        return cls(launch, streams, process, reader, writer, whereabouts)

    async def _handshake(self) -> None:
        """Until READY names every layer that this backend promises, the child gets no code."""
        nonce = secrets.token_hex(16)
        hello: dict[str, Any] = {**self.launch.hello, "nonce": nonce, "asked": self.whereabouts.number}
        try:
            self.writer.write(pack(hello))
            data = await asyncio.wait_for(read_frame(self.reader), _READY_SECONDS)
            ready = Inbound().frame(data) if data is not None else None
        except (ProtocolError, TimeoutError):
            ready = None
        if not isinstance(ready, Ready) or ready.nonce != nonce:
            raise await self._refusal("the child did not confirm that it is confined")
        missing = self.launch.required - {layer.rstrip("0123456789") for layer in ready.layers}
        if missing:
            raise await self._refusal(f"the child runs without {', '.join(sorted(missing))}")

    async def _refusal(self, message: str) -> SandboxError:
        """The error of a child that is not confined, with the last thing that it or its launcher said."""
        self.kill()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), 2)
        await asyncio.sleep(0.05)  # its last words may still be in the pipe
        message = self.launch.failures.get(self.process.returncode or 0, message)
        said = self.streams.stderr.text.strip().splitlines()
        reason = f": {said[-1][:300]}" if said else ""
        return SandboxError(f"{message}{reason}", hint="run `codemode sandbox check`")

    @property
    def alive(self) -> bool:
        """As the kernel knows it: the event loop may not have heard of its end yet.

        Until it gets code a child says nothing more, so that a socket with something to read is one that has ended.
        (``os.waitid`` would tell too; macOS has it from Python 3.13 on.)
        """
        fd = self.writer.get_extra_info("socket").fileno()
        if self.process.returncode is not None or fd < 0:
            return False
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return not poll.poll(0)

    def kill(self) -> None:
        """The whole group. Inside its own pid namespace the rest dies with the namespace's first process."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    async def close(self) -> None:
        """Kill it, and leave nothing of it behind."""
        try:
            self.kill()
            self.writer.close()
            for task in self.outputs:
                task.cancel()
            await asyncio.gather(*self.outputs, return_exceptions=True)
            await self.process.wait()  # its pipes end with the last of its descendants
        finally:
            try:
                await end(self.process)
            finally:
                self.whereabouts.close()
                if self.launch.guarded:
                    guard.forget(self.process.pid)
                if self.launch.scratch is not None:
                    await asyncio.shield(asyncio.to_thread(remove_scratch, self.launch.scratch))
