"""The requests that an OpenAI-compatible server is sent, and its replies as they come."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

from codemode_tui.engine.address import Address
from codemode_tui.engine.api import Progress
from codemode_tui.engine.http import BODY_LIMIT, Exchange, closed_early, connect
from codemode_tui.engine.remote_replies import Piece, failure, listed_models, read_piece, said_in, text_of
from codemode_tui.engine.sse import EventStream
from codemode_tui.errors import CodemodeError, EngineError
from codemode_tui.sandbox.sanitise import one_line

LIST_SECONDS = 15.0
"""How long a server may take to say which models it has."""
_KEEPALIVE = re.compile(r"keepalive (\d{1,9})/(\d{1,9})")


class RemoteApi:
    """One server. One request at a time; every method raises ``EngineError`` when it fails."""

    def __init__(self, address: Address, key: str, patience: float) -> None:
        self._address = address
        self._key = key
        self._patience = patience
        self._connecting: asyncio.Future[Exchange] | None = None
        self._reply: Exchange | None = None
        self.unlisted = ""
        """Why ``models`` told none, where it did not."""
        self.aborted = False
        """Set by ``abort``: every request fails until it is taken back."""

    async def models(self) -> dict[str, int]:
        """Its models and the room of each; empty when it does not tell."""
        try:
            async with asyncio.timeout(LIST_SECONDS):
                return await self._listed()
        except TimeoutError:
            raise EngineError(
                f"{self._address.url} did not list its models within {LIST_SECONDS:g} seconds",
                hint="look at the server's log",
            ) from None

    async def _listed(self) -> dict[str, int]:
        reply = await self._sent("GET", "/models", None, min(self._patience, LIST_SECONDS))
        try:
            body = await reply.whole()
        except EngineError as error:
            if reply.status in (401, 403):
                raise
            self.unlisted = error.message
            return {}  # some fail at this alone
        finally:
            reply.close()
        if reply.status in (401, 403):
            raise self._failure(reply, body)
        found = listed_models(body) if reply.status == 200 else {}
        self.unlisted = "" if found else f"{self._address.url} lists no models (status {reply.status})"
        return found

    async def whole(self, path: str, body: dict[str, Any]) -> Piece:
        """A reply that comes at once."""
        reply = await self._sent("POST", path, body, self._patience)
        try:
            data = await reply.whole()
        finally:
            reply.close()
        if reply.status != 200:
            raise self._failure(reply, data)
        return self._piece(data)

    async def stream(self, path: str, body: dict[str, Any]) -> AsyncGenerator[Piece | Progress, None]:
        """A reply that comes bit by bit. A server that does not stream gives one piece, whatever type it names.

        Raises:
            EngineError: also when the connection ends before the message does. What comes behind its end fails nothing.
        """
        reply = await self._sent("POST", path, {**body, "stream": True}, self._patience)
        try:
            if reply.status != 200:
                raise self._failure(reply, await reply.whole())
            async with aclosing(self._events(reply)) as events:
                async for one in events:
                    yield one
        finally:
            reply.close()

    def abort(self) -> None:
        """End the request under way, whatever it waits for."""
        self.aborted = True
        if self._connecting is not None:
            self._connecting.cancel()
        if self._reply is not None:
            self._reply.close()

    async def _events(self, reply: Exchange) -> AsyncGenerator[Piece | Progress, None]:
        stream, finished = EventStream(), False
        document: bytearray | None = bytearray()
        """What has come while there was no event in it."""
        try:
            async with aclosing(reply.chunks()) as chunks:
                while True:
                    data = await anext(chunks, None)
                    if document is not None:
                        document += data or b""
                    for event in stream.finish() if data is None else stream.feed(data):
                        document = None
                        if event.data.strip() == "[DONE]":
                            return
                        if event.data:
                            piece = self._piece(event.data)
                            finished = finished or piece.finish is not None
                            yield piece
                        elif keepalive := _KEEPALIVE.fullmatch(event.comment):
                            yield Progress("prefill", int(keepalive[1]), int(keepalive[2]))
                    if data is None or (document is not None and len(document) > BODY_LIMIT):
                        break
        except CodemodeError:
            if not finished or self.aborted:
                raise
            return
        if document and document.strip():
            yield self._piece(bytes(document))
        elif not finished:
            raise closed_early(self._address)

    async def _sent(self, method: str, path: str, body: dict[str, Any] | None, patience: float) -> Exchange:
        if self.aborted:
            raise self._stopped()
        self._connecting = asyncio.ensure_future(connect(self._address, patience=patience))
        try:
            reply = self._reply = await self._connecting
        except asyncio.CancelledError:
            if self.aborted:
                raise self._stopped() from None
            raise
        if self.aborted:  # when there was no waiting left to end, and no reply yet to close
            reply.close()
            raise self._stopped()
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            await reply.request(method, path, headers, None if body is None else json.dumps(body).encode())
        except BaseException:
            reply.close()
            raise
        if reply.status // 100 == 3:
            reply.close()
            target = self._hidden(reply.headers.get("location", ""))
            raise EngineError(
                f"{self._address.url} sends elsewhere ({one_line(_without_query(target), 120)})",
                hint="name that server if you trust it: nothing is sent there by itself",
            )
        return reply

    def _stopped(self) -> EngineError:
        return EngineError(f"the request to {self._address.url} was stopped", hint="ask again")

    def _failure(self, reply: Exchange, body: bytes) -> Exception:
        said = self._hidden(said_in(self._hidden(text_of(body))))
        return failure(self._address.url, reply.status, said, reply.headers.get("retry-after", ""))

    def _piece(self, data: str | bytes) -> Piece:
        try:
            return read_piece(data, self._address.url)
        except CodemodeError:  # its words may hold the key; those of the model are left as they are
            return read_piece(self._hidden(text_of(data)), self._address.url)

    def _hidden(self, text: str) -> str:
        """A server may repeat what it was sent; the key is nobody's business."""
        return text.replace(self._key, "…") if self._key else text


def _without_query(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else parts.path
