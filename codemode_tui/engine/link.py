"""A connection to a worker, private or shared, as a client has it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

from codemode_tui.engine.framing import FrameReader, FramingError, pack
from codemode_tui.engine.messages import PROTOCOL, Hello, Message, Welcome
from codemode_tui.engine.peer import Peer, kill, peer, process_of
from codemode_tui.engine.spawning import last_log_line, log_size, spawn
from codemode_tui.errors import EngineError

GRACE_SECONDS = 2.0
"""How long a worker may take to end by itself once its lease is closed."""
START_SECONDS = 60.0
"""How long a new process may take to say a word: a busy machine is no failure."""
READ_AHEAD = 1 << 20


class Link:
    """What leads to a worker. Its process is known only to the client that started it."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        server: Peer,
        process: subprocess.Popen[bytes] | None = None,
        *,
        shared: bool = True,
        log_start: int = 0,
    ) -> None:
        self.reader = reader
        self.writer = writer
        self._server = server
        self.pid = server.pid
        self.shared = shared
        self._process = process
        self._log_start = log_start

    @property
    def open(self) -> bool:
        """False once the process is known to have ended, or the connection is closed."""
        return not self.writer.is_closing() and (self._process is None or self._process.poll() is None)

    async def greet(self, hello: Hello, seconds: float) -> None:
        """Open the lease.

        Raises:
            EngineError: the other end went away, or is no worker of ours.
            TimeoutError: it does not answer.
        """
        async with asyncio.timeout(seconds):
            welcome = await self.ask(hello)
        if not isinstance(welcome, Welcome) or welcome.protocol != PROTOCOL:
            raise EngineError("this is no engine of this version", hint="codemode engine stop")
        self.pid = process_of(self._server, welcome.pid)

    async def ask(self, message: Message) -> Message:
        """Send one message and return the next that comes back. For the time before requests are under way.

        Raises:
            EngineError: there is nobody any more.
        """
        frames = FrameReader()
        try:
            self.writer.write(pack(message))
            await self.writer.drain()
            while data := await self.reader.read(1 << 16):
                if found := frames.feed(data):
                    return found[0]
        except TimeoutError:
            raise
        except (OSError, FramingError) as error:
            raise await self.obituary() from error
        raise await self.obituary()

    async def close(self) -> None:
        """End the lease. A private worker is gone when this returns. Never raises."""
        self.writer.close()
        process = self._process
        if process is None:
            return
        if self.shared:
            # It ends when it is due. Until somebody asks how, it would stay as a process that is no more.
            threading.Thread(target=process.wait, daemon=True).start()
            return
        try:
            await asyncio.to_thread(process.wait, GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            await asyncio.to_thread(process.wait)

    def kill(self) -> None:
        """End the worker at once, whoever uses it: it hangs. Only while this connection leads to it."""
        kill(self.pid, signal.SIGKILL)

    async def obituary(self) -> EngineError:
        """Why the worker is gone, as far as one can tell."""
        code = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = await asyncio.to_thread(self._process.wait, 1.0)
        if code is not None and code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            cause = f"was killed by {name}" + (" (out of memory?)" if name in ("SIGKILL", "SIGABRT") else "")
        else:
            cause = "was stopped" if code == 0 else "ended unexpectedly"
        last = last_log_line(self._log_start)
        return EngineError(f"the engine {cause}" + (f" [{last}]" if last else ""), hint="ask again to restart it")


async def start(hello: Hello, path: Path | None = None) -> Link:
    """Start a worker: a private one, or one that others find at ``path``; the caller then holds the start lock.

    Raises:
        EngineError: it does not start.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process, log_start = spawn(theirs, path)
        except OSError as error:
            ours.close()
            raise EngineError(f"the engine could not be started: {error}", hint="check the installation") from error
    streams = await asyncio.open_connection(sock=ours, limit=READ_AHEAD)
    link = Link(*streams, Peer(os.getuid(), process.pid), process, shared=path is not None, log_start=log_start)
    try:
        await link.greet(hello, START_SECONDS)
    except BaseException as error:
        link.shared = False  # nobody else has it: it goes
        link.kill()
        await link.close()
        if isinstance(error, TimeoutError):
            raise EngineError("the engine does not start", hint="try again; the machine is very busy") from None
        raise
    return link


async def connect(path: Path) -> Link:
    """A connection to the shared worker at ``path``, without a lease.

    Raises:
        OSError: there is none, it is somebody else's (``PermissionError``), or it takes no more connections.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.connect(str(path))  # never waits: a full queue of connections is an error (BlockingIOError)
        server = peer(connection)
        if server.uid != os.getuid():
            raise PermissionError(f"{path} is somebody else's")
        return Link(*await asyncio.open_connection(sock=connection, limit=READ_AHEAD), server, log_start=log_size())
    except BaseException:
        connection.close()
        raise
