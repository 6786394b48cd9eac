"""What goes over the wire between a client and the worker that owns the model.

A connection is a lease: the worker lives as long as one is open. Requests carry an id that their
replies repeat, so that one connection could have several under way.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from codemode_tui.engine.api import Finished, GenerateRequest, Progress, Token, ToolLikelihood

PROTOCOL = 1


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """First message of a client."""

    protocol: int = PROTOCOL


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    """The worker's reply: the lease is open."""

    protocol: int
    lease: int
    pid: int


class Load(msgspec.Struct, frozen=True, tag="load"):
    id: int
    path: str
    context_limit: int = 0
    """Tokens; 0 takes the model's own limit."""
    adapter: str = ""
    """Folder of an adapter of this model; none if empty."""


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    id: int
    context_limit: int
    load_ms: float
    notes: tuple[str, ...] = ()
    """How it runs: float copy, BLAS."""


class Generate(msgspec.Struct, frozen=True, tag="generate"):
    id: int
    request: GenerateRequest
    script: tuple[int, ...] | None = None
    """Tokens to emit instead of sampled ones, through the whole real path (tests and benchmarks)."""


class Reply(msgspec.Struct, frozen=True, tag="reply"):
    """Something that happened for request ``id``."""

    id: int
    event: Progress | ToolLikelihood | Token | Finished


class Done(msgspec.Struct, frozen=True, tag="done"):
    """Request ``id`` is over."""

    id: int


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Request ``id`` is over and did not succeed."""

    id: int
    kind: Literal["model", "context", "engine"]
    message: str
    hint: str = ""


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    id: int


class Forget(msgspec.Struct, frozen=True, tag="forget"):
    """Drop the cache of a conversation."""

    conversation: str


Message = Hello | Welcome | Load | Loaded | Generate | Reply | Done | Failed | Cancel | Forget
