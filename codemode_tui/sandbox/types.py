"""The values of one sandboxed run."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec

RunStatus = Literal["ok", "error", "timeout", "memory", "killed", "denied", "not_run"]


class Limits(msgspec.Struct, frozen=True):
    """What one run may use. Waiting for a tool is no wall time; waiting for a person counts nowhere."""

    wall_seconds: float = 60.0
    total_seconds: float = 900.0
    cpu_seconds: int = 60
    memory_mb: int = 512
    file_mb: int = 16
    scratch_mb: int = 64
    open_files: int = 64
    stack_mb: int = 2
    output_keep_bytes: int = 256 * 1024
    """Kept for the record; more is counted, not kept."""
    output_kill_bytes: int = 4 * 1024 * 1024
    calls: int = 2000
    call_seconds: float = 300.0
    """Of one tool call; tools have shorter limits of their own."""
    result_bytes: int = 64 * 1024 * 1024
    """Largest tool result that reaches the code, in chunked frames."""

    @classmethod
    def of(cls, seconds: float, memory_mb: int) -> Limits:
        """Limits for a run of ``seconds``: where that is long, processor time and waiting may be as long."""
        standard = cls()
        return cls(
            wall_seconds=seconds,
            total_seconds=max(standard.total_seconds, 2 * seconds),
            cpu_seconds=max(standard.cpu_seconds, math.ceil(seconds)),
            memory_mb=memory_mb,
        )


class ExceptionInfo(msgspec.Struct, frozen=True):
    """An exception that the code did not catch."""

    type: str
    message: str
    line: int | None
    traceback: str


class ToolCall(msgspec.Struct, frozen=True):
    """One call that the code made."""

    name: str
    args: dict[str, Any]
    """By parameter name; long strings are shortened for the record."""
    ok: bool
    duration_ms: float
    error: str = ""
    result: Any = None
    """What a reading tool gave, where that is short: a turn can then be asked again over the same files."""


class FileChange(msgspec.Struct, frozen=True):
    path: str
    change: Literal["created", "modified", "deleted"]


class Outcome(msgspec.Struct, frozen=True):
    """What a run did. ``sandbox run --json`` prints exactly these fields (CONTRACT, ``run``)."""

    status: RunStatus
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    exception: ExceptionInfo | None = None
    truncated: bool = False
    duration_ms: float = 0.0
    backend: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    files_changed: tuple[FileChange, ...] = ()
    reason: str = ""
    """Why it was ended, or why it did not run; empty for code that came to its own end."""
    undo: str = ""
    """What ``sandbox undo`` calls this run, if it changed files that can be put back."""

    @property
    def failed(self) -> bool:
        """It was to run, and did not run well."""
        return self.status not in ("ok", "not_run")


class ToolHost(Protocol):
    """The tools as the sandbox knows them: a callback and the names to define in the code."""

    allowed: frozenset[str] | None
    """Those that the code may use; None: all of them."""

    @property
    def names(self) -> tuple[str, ...]: ...

    async def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401
        """Run one tool on the host; returns a JSON value.

        Raises:
            Exception: any; the code sees an exception of the same built-in type with the same message.
        """
        ...

    @property
    def calls(self) -> tuple[ToolCall, ...]: ...

    @property
    def files_changed(self) -> tuple[FileChange, ...]: ...

    @property
    def journal(self) -> str:
        """Name of the journal that undoes what the tools changed; empty if there is nothing to undo."""
        ...


OnOutput = Callable[[Literal["stdout", "stderr"], str], None]


class Capability(msgspec.Struct, frozen=True):
    """What a backend can do on this machine."""

    name: str
    """For example ``bwrap+landlock+seccomp``."""
    available: bool
    layers: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str = ""
    """Why it is not available, and what to install or change."""


class Sandbox(Protocol):
    """A backend that is ready to run code."""

    @property
    def name(self) -> str: ...

    async def run(
        self,
        code: str,
        tools: ToolHost,
        limits: Limits,
        *,
        on_output: OnOutput | None = None,
        stop: asyncio.Event | None = None,
    ) -> Outcome:
        """Run ``code`` to its end and leave nothing behind.

        Setting ``stop`` kills the whole group; the outcome is then ``killed`` with the partial
        output. Cancelling the task kills it too and raises ``CancelledError``.

        Raises:
            SandboxError: this backend cannot confine the code; nothing was run.
        """
        ...

    def prepare(self, limits: Limits) -> None:
        """Start a child in the background, which the next ``run`` with these limits uses.

        Called while somebody reads the code. At most one child waits; ``release`` ends it.
        """
        ...

    async def release(self) -> None:
        """End the child that waits, if any."""
        ...


class CommandResult(msgspec.Struct, frozen=True):
    """A program that ``run_command`` ran under the command profile."""

    argv: tuple[str, ...]
    output: str
    """stdout then stderr, as text, whole."""
    exit_code: int | None
    timed_out: bool = False
    truncated: bool = False
    """It printed more than one call may return, and was stopped for that; nothing of it is kept."""


class ClosedPaths(msgspec.Struct, frozen=True):
    """What a command may not touch inside a workspace. Absolute paths."""

    secrets: tuple[str, ...] = ()
    """Not even read."""
    protected: tuple[str, ...] = ()
    """Read, never written: they make other programs run code."""
    anchors: tuple[str, ...] = ()
    """Folders that may not be renamed, or what is protected in them would move with them."""
    named: dict[str, tuple[int, int, int]] = {}
    """All paths that are closed by their names, links not followed, and what stood there: device, inode, and a
    link's time of change. A command that puts something else there has created it."""
    unread: tuple[str, ...] = ()
    """Folders that could not be looked into."""
    secret_names: tuple[str, ...] = ()
    """Globs on names, or on a folder and a name in it: what is secret wherever it appears."""
    spared_names: tuple[str, ...] = ()
    """Exceptions from ``secret_names``."""
    protected_names: tuple[str, ...] = ()
