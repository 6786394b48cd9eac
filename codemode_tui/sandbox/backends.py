"""The backends as ``Sandbox``: each turns a launch into a run."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox import seatbelt
from codemode_tui.sandbox.bwrap import bwrap_launch, find_bwrap
from codemode_tui.sandbox.child_process import ChildProcess
from codemode_tui.sandbox.host import ChildRun
from codemode_tui.sandbox.interpreter import Interpreter, find_interpreter
from codemode_tui.sandbox.landlock import MIN_ABI, landlock_abi, landlock_launch
from codemode_tui.sandbox.launch import Launch
from codemode_tui.sandbox.packages import with_packages
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.sandbox.scratch import make_scratch
from codemode_tui.sandbox.types import Capability, Limits, OnOutput, Outcome, Sandbox, ToolHost

_INSTALL_BWRAP = "install bubblewrap (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap)"


class Backend:
    """A way to confine a child. ``name`` lists its layers."""

    def __init__(self, name: str, make: Callable[[Limits], Launch]) -> None:
        self.name = name
        self._make = make
        self._spare: tuple[Limits, asyncio.Task[ChildProcess]] | None = None

    def prepare(self, limits: Limits) -> None:
        """See ``Sandbox.prepare``."""
        if self._spare is None or self._spare[1].get_loop() is not asyncio.get_running_loop():
            self._spare = limits, asyncio.create_task(self._start(limits))

    async def release(self) -> None:
        """See ``Sandbox.release``."""
        spare, self._spare = self._spare, None
        if spare is not None and spare[1].get_loop() is asyncio.get_running_loop():
            spare[1].cancel()
            with contextlib.suppress(asyncio.CancelledError, SandboxError):
                await (await spare[1]).close()

    async def run(
        self,
        code: str,
        tools: ToolHost,
        limits: Limits,
        *,
        on_output: OnOutput | None = None,
        stop: asyncio.Event | None = None,
    ) -> Outcome:
        """See ``Sandbox.run``."""
        child = await self._take(limits)
        try:
            return await ChildRun(child, tools, limits, on_output).run(code, self.name, stop)
        finally:
            await child.close()

    async def _start(self, limits: Limits) -> ChildProcess:
        return await ChildProcess.start(self._make(limits), limits)

    async def _take(self, limits: Limits) -> ChildProcess:
        """The child that was prepared, if it has these limits and lives; else a new one."""
        if self._spare is not None and self._spare[1].get_loop() is asyncio.get_running_loop():
            (meant_for, starting), self._spare = self._spare, None
            try:
                child = await starting
                if meant_for == limits and child.alive:
                    return child
                await child.close()
            except SandboxError:
                pass  # a new one says why
        return await self._start(limits)


def bwrap_backend(environment: str | None = None) -> Backend:
    """
    Raises:
        SandboxError: bubblewrap is not installed, or this is not Linux.
    """
    binary = find_bwrap() if sys.platform == "linux" else None
    if binary is None:
        raise SandboxError("bubblewrap is not installed", hint=_INSTALL_BWRAP)
    python = _interpreter(environment)
    name = "bwrap+landlock+seccomp" if landlock_abi() else "bwrap+seccomp"
    return Backend(_named(name, environment), lambda limits: bwrap_launch(binary, python, limits))


def landlock_backend(environment: str | None = None) -> Backend:
    """
    Raises:
        SandboxError: the kernel's Landlock is missing or too old.
    """
    abi = landlock_abi()
    if abi < MIN_ABI:
        raise SandboxError(
            f"this kernel's Landlock (version {abi}) is too old to confine code alone; {MIN_ABI} is needed",
            hint=_INSTALL_BWRAP,
        )
    python = _interpreter(environment)
    return Backend(
        _named("landlock+seccomp", environment), lambda limits: landlock_launch(python, limits, make_scratch())
    )


def seatbelt_backend(environment: str | None = None) -> Backend:
    """
    Raises:
        SandboxError: this is not macOS.
    """
    if not seatbelt.available():
        raise SandboxError(f"{seatbelt.SANDBOX_EXEC} is not there", hint="Seatbelt needs macOS")
    python = _interpreter(environment)
    return Backend(
        _named("seatbelt", environment), lambda limits: seatbelt.seatbelt_launch(python, limits, make_scratch())
    )


def monty_backend(environment: str | None = None) -> Sandbox:
    """It imports no packages, whatever ``environment`` names.

    Raises:
        SandboxError: the extra is not installed.
    """
    from codemode_tui.sandbox.monty import INSTALL, MontySandbox, monty_binary

    binary = monty_binary()
    if binary is None:
        raise SandboxError("pydantic-monty is not installed", hint=f"{INSTALL}: runs a part of Python, on any system")
    return MontySandbox(binary, find_bwrap() if sys.platform == "linux" else None)


def _interpreter(environment: str | None) -> Interpreter:
    python = find_interpreter()
    return with_packages(python, environment) if environment else python


def _named(layers: str, environment: str | None) -> str:
    """What people are told of the sandbox before code runs in it: an open door is part of it."""
    return f"{layers} · packages of {one_line(environment)}" if environment else layers


def capability(make: Callable[[str | None], Sandbox], name: str) -> Capability:
    """What a backend says of itself, without running anything."""
    try:
        made = make(None)
    except SandboxError as error:
        return Capability(name, False, reason=f"{error.message}; {error.hint}")
    return Capability(name, True, layers=tuple(made.name.split("+")))
