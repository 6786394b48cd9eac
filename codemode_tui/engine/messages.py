"""What goes over the wire between a client and the worker that owns the model.

A connection is a lease from its ``Hello`` on: the worker stays as long as one is open. Requests carry an
id that their replies repeat, so that one connection could have several under way.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from codemode_tui.engine.api import EngineEvent, GenerateRequest

PROTOCOL = 2


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """First message of a client."""

    linger_seconds: float = 0.0
    """How long a shared worker stays after its last client; the newest client's word holds."""
    unload_seconds: float = 0.0
    """After how long without a question the model's memory is given back; 0 never."""
    guarded: bool = False
    """Whether it is loaded again only where there still is memory for it."""
    memory_bytes: int = 0
    """For the model that is wanted: from now on nobody else may count on them."""
    protocol: int = PROTOCOL


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    """The worker's reply: the lease is open."""

    protocol: int
    lease: int
    pid: int


class Inquire(msgspec.Struct, frozen=True, tag="inquire"):
    """Is it there, and what is it doing? Needs no lease; answered at once, also in mid-generation."""


class State(msgspec.Struct, frozen=True, tag="state"):
    """A worker's reply to ``Inquire``."""

    pid: int
    model: str
    """Folder of its model, or of the adapter; empty before there is one."""
    loaded: bool
    clients: int
    waiting: int
    """Requests, the one at work left out."""
    busy: bool
    idle_seconds: float
    """Since the last request ended."""
    leaves_in: float | None
    """Seconds until it ends; None while it has clients."""
    memory_bytes: int
    """What it has, and what it is about to take; with a GPU also what its caches may come to."""
    coming_bytes: int = 0
    """Of these, what it has not taken yet, so far as the system says."""


class Load(msgspec.Struct, frozen=True, tag="load"):
    """Which model, and how it is held. Workers that differ in any of it never stand in for each other."""

    id: int
    path: str
    context_limit: int = 0
    """Tokens; 0 takes the model's own limit."""
    adapter: str = ""
    """Folder of an adapter of this model; none if empty."""
    kv_bits: int = 0
    """4 or 8 quantises the KV caches; 0 does not."""
    saved_bytes: int = 0
    """Of disk for saved KV caches, all together; 0 keeps none."""
    wired: bool = False
    """Keep its memory wired (macOS)."""


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    id: int
    context_limit: int
    load_ms: float
    """0 when it was there already."""
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
    event: EngineEvent


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


Message = Hello | Welcome | Inquire | State | Load | Loaded | Generate | Reply | Done | Failed | Cancel | Forget
