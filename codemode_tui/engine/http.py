"""One HTTP/1.1 request over asyncio streams: every wait has an end, every size a limit, nothing is followed.

The server may be anybody's. ``http.client`` would need a thread that a hanging connection holds on to;
here closing the transport ends whatever is waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
from collections.abc import AsyncGenerator, Awaitable, Mapping
from urllib.parse import quote

from codemode_tui.engine.address import Address
from codemode_tui.errors import EngineError

CONNECT_SECONDS = 10.0
PAUSES = (0.2, 0.6)
"""Seconds before another try when nobody listens: a server may be just about to start."""
MAX_HEADERS = 100
LINE_LIMIT = 1 << 16
MAX_INTERIM = 8
"""Replies such as 100 Continue, before the reply itself."""
READ = 1 << 16
BODY_LIMIT = 1 << 24
"""Bytes of a reply that is read whole."""
_STATUS = re.compile(r"[0-9]{3}")
_LENGTH = re.compile(r"[0-9]{1,18}")
"""Of a body. No body is longer, and of some thousand digits Python makes no number."""


class Exchange:
    """One connection: a request, then status, headers, and a body as it arrives. Close it in any case."""

    def __init__(
        self, address: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: float
    ) -> None:
        self._address = address
        self._reader = reader
        self._writer = writer
        self._patience = patience
        self.status = 0
        self.headers: dict[str, str] = {}

    async def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> None:
        """Send the request and read the head of its reply. ``path`` stands behind the server's own.

        Raises:
            EngineError: what answers is no HTTP server, or nothing answers.
        """
        lines = {
            "Host": self._address.authority,
            "Connection": "close",
            "Accept-Encoding": "identity",
            **headers,
            **({"Content-Length": str(len(body)), "Content-Type": "application/json"} if body is not None else {}),
        }
        head = "".join(f"{key}: {value}\r\n" for key, value in lines.items())
        target = quote(f"{self._address.path}{path}", safe="/%:@!$&'()*+,;=~")
        self._writer.write(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1", "replace") + (body or b""))
        try:
            async with asyncio.timeout(self._patience):
                with contextlib.suppress(ConnectionError):  # it may have answered already, and not want the rest
                    await self._writer.drain()
        except TimeoutError:
            raise EngineError(f"{self._address.url} takes no request", hint="look at the server") from None
        await self._head()

    async def _head(self) -> None:
        for _ in range(MAX_INTERIM):
            words = (await self._line()).split(None, 2)
            if len(words) < 2 or not words[0].startswith("HTTP/1.") or not _STATUS.fullmatch(words[1]):
                raise EngineError(
                    f"{self._address.url} does not speak HTTP", hint="check the address and whether it is https"
                )
            self.status = int(words[1])
            self.headers = {}
            for _ in range(MAX_HEADERS):
                line = await self._line()
                if not line:
                    break
                key, _, value = line.partition(":")
                self.headers[key.strip().lower()] = value.strip()
            else:
                raise self._nonsense(f"more than {MAX_HEADERS} headers")
            if self.status // 100 != 1:  # 100 Continue: the reply itself comes behind it
                return
        raise self._nonsense("nothing but interim replies")

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes.

        Raises:
            EngineError: the server is silent for too long, closes too early, or makes no sense.
        """
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            while size := self._size(await self._line()):
                async for data in self._exactly(size):
                    yield data
                await self._line()
            return
        length = self.headers.get("content-length")
        if length is None:
            while data := await self._timed(self._reader.read(READ)):
                yield data
            return
        if not _LENGTH.fullmatch(length):
            raise self._nonsense(f"a length of {length[:40]!r}")
        async for data in self._exactly(int(length)):
            yield data

    async def whole(self) -> bytes:
        """The whole body, at most ``BODY_LIMIT`` bytes of it."""
        body = bytearray()
        async for data in self.chunks():
            body += data
            if len(body) > BODY_LIMIT:
                raise self._nonsense(f"more than {BODY_LIMIT:,} bytes")
        return bytes(body)

    def close(self) -> None:
        """End the connection at once, whoever is waiting for it."""
        self._writer.transport.abort()

    async def _exactly(self, size: int) -> AsyncGenerator[bytes, None]:
        while size:
            data = await self._timed(self._reader.read(min(size, READ)))
            if not data:
                raise closed_early(self._address)
            size -= len(data)
            yield data

    async def _line(self) -> str:
        try:
            line = await self._timed(self._reader.readline())
        except ValueError:  # longer than the stream's limit
            raise self._nonsense("a header line without an end") from None
        if not line.endswith(b"\n"):
            raise closed_early(self._address)
        return line.decode("latin-1").strip()

    async def _timed(self, reading: Awaitable[bytes]) -> bytes:
        try:
            async with asyncio.timeout(self._patience):
                return await reading
        except TimeoutError:
            raise EngineError(
                f"{self._address.url} has been silent for {self._patience:g} seconds",
                hint="look at the server, or raise engine.server_timeout",
            ) from None
        except OSError as error:
            raise closed_early(self._address) from error

    def _size(self, line: str) -> int:
        try:
            size = int(line.partition(";")[0], 16)
        except ValueError:
            size = -1
        if size < 0:
            raise self._nonsense("a chunk without a size")
        return size

    def _nonsense(self, what: str) -> EngineError:
        return EngineError(
            f"{self._address.url} answered with {what}", hint="check that it is an OpenAI-compatible server"
        )


async def connect(address: Address, *, patience: float) -> Exchange:
    """Connect; another try only while nobody listens, so that no question is ever asked twice.

    Args:
        address: the server.
        patience: seconds that it may be silent.

    Raises:
        EngineError: nobody answers there.
    """
    context = None
    if address.scheme == "https":
        import ssl  # ~10 ms, and most servers are on this machine

        context = ssl.create_default_context()
    for pause in (*PAUSES, None):
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                streams = await asyncio.open_connection(address.host, address.port, ssl=context, limit=LINE_LIMIT)
                return Exchange(address, *streams, patience)
        except TimeoutError as error:
            raise _unreachable(address, f"no answer within {CONNECT_SECONDS:g} seconds") from error
        except (OSError, ValueError) as error:
            if not _refused(error):
                raise _unreachable(address, getattr(error, "strerror", None) or str(error)) from error
            if pause is None:
                raise _unreachable(address, "nobody listens there") from error
            await asyncio.sleep(pause)
    raise AssertionError("the last try returns or raises")


def _refused(error: Exception) -> bool:
    """Of a host with several addresses (localhost: ::1 and 127.0.0.1) asyncio puts all failures into one message."""
    failures = re.findall(r"\[Errno (-?\d+)\]", str(error))
    return isinstance(error, OSError) and set(failures) == {str(errno.ECONNREFUSED)}


def closed_early(address: Address) -> EngineError:
    return EngineError(
        f"{address.url} closed the connection too early", hint="look at the server's log, then ask again"
    )


def _unreachable(address: Address, why: str) -> EngineError:
    return EngineError(
        f"{address.url} cannot be reached: {why}", hint="start the server, or choose another model with --model"
    )
