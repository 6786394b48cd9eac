"""An OpenAI-compatible server that does as it is told: good replies, bad ones, none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import msgspec

HANGS = b"\0hangs"
"""A reply (or the rest of one) that never comes."""
Answer = bytes | list[bytes]


class Asked(msgspec.Struct):
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class OpenAiServer:
    """Answers from ``routes``: the path behind ``/v1`` to raw replies, in pieces, or a function that makes them."""

    def __init__(self, **routes: Answer | Callable[[dict[str, Any]], Answer]) -> None:
        self.routes = {f"/{name.replace('__', '/')}": answer for name, answer in routes.items()}
        self.asked: list[Asked] = []
        self.gone = asyncio.Event()
        """A client closed its connection before the reply was over."""
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> OpenAiServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def port(self) -> int:
        assert self._server is not None
        return self._server.sockets[0].getsockname()[1]

    @property
    def name(self) -> str:
        return f"openai:http://127.0.0.1:{self.port}"

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [one.body for one in self.asked if one.path == f"/v1{path}"]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            method, path, _ = (await reader.readline()).decode().split()
            headers = {}
            while line := (await reader.readline()).decode().strip():
                key, _, value = line.partition(":")
                headers[key.lower()] = value.strip()
            raw = await reader.readexactly(int(headers.get("content-length", 0)))
            body = json.loads(raw) if raw else {}
            self.asked.append(Asked(method, path, headers, body))
            answer = self.routes.get(path.removeprefix("/v1"), plain(404, {"error": "Not Found"}))
            answer = answer(body) if callable(answer) else answer
            for piece in [answer] if isinstance(answer, bytes) else answer:
                if piece == HANGS:
                    await reader.read(1)
                    self.gone.set()
                    return
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            self.gone.set()
        finally:
            writer.close()


def plain(status: int, document: Any, **headers: str) -> bytes:
    """A reply that comes whole."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{key.replace('_', '-')}: {value}\r\n" for key, value in lines.items())
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + body


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def event(document: Any) -> bytes:
    return b"data: " + (document if isinstance(document, bytes) else json.dumps(document).encode()) + b"\n\n"


def said(*texts: str, finish: str | None = "stop", prompt: int = 7) -> list[bytes]:
    """A streamed completion, a text an event."""
    usage = {"prompt_tokens": prompt, "completion_tokens": len(texts), "prompt_tokens_details": {"cached_tokens": 3}}
    return [
        STREAM,
        *(event({"choices": [{"text": text}]}) for text in texts),
        event({"choices": [{"text": "", "finish_reason": finish}]}),
        event({"choices": [], "usage": usage}),
        event(b"[DONE]"),
    ]


def chatted(*deltas: dict[str, Any], finish: str | None = "stop") -> list[bytes]:
    """A streamed chat message, a delta an event."""
    return [
        STREAM,
        *(event({"choices": [{"delta": delta}]}) for delta in deltas),
        event({"choices": [{"delta": {}, "finish_reason": finish}]}),
        event(b"[DONE]"),
    ]


def glance(likeliest: dict[str, float], text: str = "x") -> bytes:
    """A reply to a request for the likeliest tokens, as vLLM and llama.cpp give it. Logarithms of probabilities."""
    return plain(
        200, {"choices": [{"text": text, "finish_reason": "length", "logprobs": {"top_logprobs": [likeliest]}}]}
    )
