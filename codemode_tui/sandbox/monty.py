"""Monty, an interpreter of a part of Python without any way out, as a backend (extra ``monty``).

A language boundary, not one of the kernel: chosen by name, or by ``auto`` where the system offers nothing else.
Each run has a worker process of its own. Where bubblewrap works the worker runs inside it as well.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import functools
import importlib.util
import os
import shlex
import signal
import sysconfig
import typing
from collections.abc import Callable
from pathlib import Path, PurePath
from types import ModuleType
from typing import Any, Literal

from codemode_tui.errors import SandboxError
from codemode_tui.protocol.python import tree_of
from codemode_tui.sandbox.bwrap import WORKSPACE, bwrap_monty
from codemode_tui.sandbox.capture import Captured
from codemode_tui.sandbox.monty_files import FILE_FUNCTIONS, Files, workspace_path
from codemode_tui.sandbox.rpc import characters
from codemode_tui.sandbox.scratch import scratch
from codemode_tui.sandbox.stopwatch import Stopwatch
from codemode_tui.sandbox.types import ExceptionInfo, Limits, OnOutput, Outcome, RunStatus, ToolHost

INSTALL = "pip install 'codemode-tui[monty]'"
_CONCURRENT = {"gather", "create_task", "ensure_future", "wait_for", "shield", "as_completed", "wait"}
"""Functions that want what they are given as coroutines."""
_DEPTH = 200
"""Levels of a tool's argument."""


def monty_binary() -> str | None:
    """The worker of the installed package; never one that the environment or PATH names."""
    if importlib.util.find_spec("pydantic_monty") is None:
        return None
    binary = Path(sysconfig.get_path("scripts"), "monty")
    return str(binary) if os.access(binary, os.X_OK) else None


class MontySandbox:
    """See ``Sandbox``."""

    def __init__(self, binary: str, bwrap: str | None) -> None:
        self.name = "monty+bwrap" if bwrap else "monty"
        self._binary, self._bwrap = binary, bwrap

    def prepare(self, limits: Limits) -> None:
        """Nothing to gain: a worker starts in some milliseconds."""

    async def release(self) -> None:
        pass

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
        try:
            return await self._run(code, tools, limits, on_output, stop)
        except SandboxError:
            if self._bwrap is None:
                raise
        # Bubblewrap is there and does not work, so the worker is all there is. Its name says so from now on.
        self.name, self._bwrap = "monty", None
        return await self._run(code, tools, limits, on_output, stop)

    async def _run(
        self, code: str, tools: ToolHost, limits: Limits, on_output: OnOutput | None, stop: asyncio.Event | None
    ) -> Outcome:
        monty = importlib.import_module("pydantic_monty")
        limited = {
            "max_feed_duration_secs": limits.wall_seconds,
            "max_memory": limits.memory_mb * 1024 * 1024,
            "max_suspensions": 2 * limits.calls + 1000,
            "max_total_sleep_secs": limits.wall_seconds,
        }
        with scratch() as folder:
            argv = bwrap_monty(self._bwrap, self._binary) if self._bwrap else [self._binary]
            program = launcher(Path(folder, "monty"), argv, limits)
            pool = monty.AsyncMonty(binary_path=program, min_processes=1, max_processes=1)
            try:
                async with pool as workers, workers.checkout(script_name=NAME, limits=limited) as session:
                    run = _Run(monty, session, tools, limits, on_output)
                    return await run.run(code, self.name, stop)
            except (monty.MontyError, OSError) as error:
                raise SandboxError(f"the Monty worker does not start: {error}", hint=f"try {INSTALL} again") from error


NAME = "<code>"


class _Run:
    """One program in one worker."""

    def __init__(
        self,
        monty: ModuleType,
        session: Any,  # noqa: ANN401 - the library's
        tools: ToolHost,
        limits: Limits,
        on_output: OnOutput | None,
    ) -> None:
        self._monty, self._session, self._tools, self._limits = monty, session, tools, limits
        self._on_output = on_output
        self._files = Files(monty, self._call)
        self._pid: int = session.worker_pid
        self._loop = asyncio.get_running_loop()
        self._watch = Stopwatch()
        self._kept = {"stdout": Captured(limits.output_keep_bytes), "stderr": Captured(limits.output_keep_bytes)}
        self._left = limits.output_kill_bytes
        self._calls = 0
        self._pending: dict[int, asyncio.Task[dict[str, Any]]] = {}
        self._ended_by: tuple[RunStatus, str] | None = None

    async def run(self, code: str, backend: str, stop: asyncio.Event | None) -> Outcome:
        watchers = [asyncio.create_task(self._watch_total())]
        if stop is not None:
            watchers.append(asyncio.create_task(self._watch_stop(stop)))
        driving = asyncio.create_task(self._drive(code))
        try:
            status, exception = await self._end_of(driving)
        finally:
            # A worker in the middle of something stays there until it is killed, and its answer must be waited for.
            self._kill()
            for task in (*watchers, *self._pending.values()):
                task.cancel()
            await asyncio.gather(driving, *watchers, *self._pending.values(), return_exceptions=True)
        if self._ended_by is not None:
            status, exception = self._ended_by[0], None
        return Outcome(
            status=status,
            exit_code=None if self._ended_by else 0 if status == "ok" else 1,
            stdout=self._kept["stdout"].text,
            stderr=self._kept["stderr"].text,
            exception=exception,
            truncated=any(one.truncated for one in self._kept.values()),
            duration_ms=round(self._watch.running * 1000, 3),
            backend=backend,
            tool_calls=self._tools.calls,
            files_changed=self._tools.files_changed,
            reason=self._ended_by[1] if self._ended_by else "",
            undo=self._tools.journal,
        )

    async def _end_of(self, driving: asyncio.Task[None]) -> tuple[RunStatus, ExceptionInfo | None]:
        """How the program ended. What it wrote to files has been sent by then."""
        status: RunStatus = "ok"
        exception: ExceptionInfo | None = None
        try:
            await asyncio.shield(driving)
        except self._monty.MontyCrashedError as error:
            self._ended_by = self._ended_by or _crash(error)
        except self._monty.MontyError as error:
            status, exception = self._failure(error)
        if self._ended_by is None:
            sent = await self._result(self._files.finish(failed=exception is not None))
            if exception is None and "exc_type" in sent:
                kind, message = sent["exc_type"], sent["message"]
                return "error", ExceptionInfo(kind, message, None, f"{kind}: {message}\n")
        return status, exception

    async def _drive(self, code: str) -> None:
        """Answer what the worker asks until the program has ended."""
        wanted = coroutine_calls(code)
        asked = await self._session.feed_start(code, print_callback=self._print, cwd=WORKSPACE)
        while not isinstance(asked, self._monty.MontyComplete):
            if isinstance(asked, self._monty.AsyncNameLookupSnapshot):
                name = asked.variable_name
                given = {"value": _named(name)} if name in self._tools.names else {}
                asked = await asked.resume(**given)
            elif isinstance(asked, self._monty.AsyncFutureSnapshot):
                pending = {number: self._pending[number] for number in asked.pending_call_ids}
                await asyncio.wait(pending.values(), return_when=asyncio.FIRST_COMPLETED)
                done = {number: task.result() for number, task in pending.items() if task.done()}
                asked = await asked.resume(done)
            else:
                asked = await self._answer(asked, wanted)
        await asyncio.sleep(0)  # what it printed last is still on its way here

    async def _answer(self, asked: Any, wanted: set[int]) -> Any:  # noqa: ANN401 - the library's types
        if asked.is_os_function and asked.function_name not in FILE_FUNCTIONS:
            return await asked.resume_not_handled()
        name, args, kwargs = asked.function_name, list(asked.args), dict(asked.kwargs)
        if asked.is_os_function:
            return await asked.resume(await self._result(self._files.serve(name, args)))
        if name not in self._tools.names:
            return await asked.resume({"exc_type": "NameError", "message": f"name {name!r} is not defined"})
        settled = await self._result(self._files.settle(name, args, kwargs))
        if "exc_type" in settled:
            return await asked.resume(settled)
        if asked.allow_eager_await or asked.position.start in wanted:
            self._pending[asked.call_id] = asyncio.create_task(self._result(self._call(name, args, kwargs)))
            return await asked.resume({"future": ...})
        return await asked.resume(await self._result(self._call(name, args, kwargs)))

    async def _call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - a JSON value
        self._calls += 1
        if self._calls > self._limits.calls:
            self._end("killed", f"more than {self._limits.calls} tool calls")
        if self._ended_by is not None:  # killed, which takes the worker a moment
            raise RuntimeError("the run has ended")
        seconds = self._limits.call_seconds
        plain = [_plain(one) for one in args], {key: _plain(one) for key, one in kwargs.items()}
        with self._watch.call(seconds) as deadline:
            try:
                async with deadline:
                    value = await self._tools.call(name, *plain)
            except TimeoutError:
                if deadline.expired():
                    raise TimeoutError(f"{name} took longer than {seconds:g} s and was stopped") from None
                raise
        if characters(value, self._limits.result_bytes) > self._limits.result_bytes:
            raise ValueError(f"the result of {name} has more than {self._limits.result_bytes:,} characters")
        return value

    async def _result(self, work: Any) -> dict[str, Any]:  # noqa: ANN401 - a coroutine
        """What a call came to, as the worker takes it."""
        try:
            return {"return_value": await work}
        except Exception as error:
            kind, message = type(error).__name__, str(error.args[0] if isinstance(error, KeyError) else error)
            if isinstance(error, UnicodeDecodeError):
                message = error.reason
            known = typing.get_args(self._monty.ExcType)
            return {"exc_type": kind if kind in known else "RuntimeError", "message": message[:20_000]}

    def _print(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        """Called in a thread of the library's."""
        self._left -= len(text)
        if self._left < 0:
            self._kill()
        self._loop.call_soon_threadsafe(self._printed, stream, text)

    def _printed(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        if self._left < 0:
            self._end("killed", f"more than {self._limits.output_kill_bytes:,} bytes of output")
        self._kept[stream].add(text)
        if (
            self._on_output is not None
            and self._limits.output_kill_bytes - self._left <= self._limits.output_keep_bytes
        ):
            self._on_output(stream, text)

    async def _watch_total(self) -> None:
        while (left := self._limits.total_seconds - self._watch.total) > 0:
            await asyncio.sleep(max(left, 0.01))
        self._end("timeout", f"stopped after {self._limits.total_seconds:g} s, waiting included")

    async def _watch_stop(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._end("killed", "stopped by the user")

    def _end(self, status: RunStatus, reason: str) -> None:
        self._ended_by = self._ended_by or (status, reason)
        self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self._pid, signal.SIGKILL)

    def _failure(self, error: Any) -> tuple[RunStatus, ExceptionInfo | None]:  # noqa: ANN401 - a MontyError
        inner = error.exception()
        if isinstance(inner, TimeoutError) and str(inner).startswith(("feed time limit", "sleep")):
            self._ended_by = "timeout", f"stopped after {self._limits.wall_seconds:g} s"
        kind, _, message = error.display("type-msg").partition(": ")
        lines = [frame.line for frame in error.traceback()]
        info = ExceptionInfo(kind, message[:20_000], lines[-1] if lines else None, error.display()[:60_000] + "\n")
        return ("memory" if isinstance(inner, MemoryError) else "error"), info


def launcher(program: Path, argv: list[str], limits: Limits) -> Path:
    """A script that starts the worker without the workspace as its folder, and without the terminal as its stderr."""
    bounds = f"ulimit -c 0; ulimit -n {limits.open_files}; ulimit -t {limits.cpu_seconds + 1}"
    program.write_text(f'#!/bin/sh\nexec 2>/dev/null\ncd / || exit\n{bounds}\nexec {shlex.join(argv)} "$@"\n', "utf-8")
    program.chmod(0o700)
    return program


def coroutine_calls(code: str) -> set[int]:
    """Where in the source (bytes) calls begin that are handed to ``asyncio.gather`` and its like."""
    tree = tree_of(code)
    if tree is None:
        return set()
    starts = [0]
    for line in code.encode("utf-8", "surrogatepass").split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _CONCURRENT:
            for inner in (one for argument in node.args for one in ast.walk(argument)):
                if isinstance(inner, ast.Call):
                    found.add(starts[inner.lineno - 1] + inner.col_offset)
    return found


def _name(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


@functools.cache
def _named(name: str) -> Callable[..., None]:
    """A function to stand for a tool where the code passes it on."""

    def tool(*_: object, **__: object) -> None: ...

    tool.__name__ = tool.__qualname__ = name
    return tool


def _plain(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - whatever the code passed, to a JSON value
    if depth > _DEPTH:
        raise ValueError("the argument is nested too deeply")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, PurePath):
        return workspace_path(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one, depth + 1) for key, one in value.items()}
    if isinstance(value, bytes):
        raise TypeError("tools take text, not bytes; decode it first")
    raise TypeError(f"tools take text, numbers, lists and dicts, not {type(value).__name__}")


def _crash(error: Any) -> tuple[RunStatus, str]:  # noqa: ANN401 - a MontyCrashedError
    if error.timed_out:
        return "timeout", "stopped: the worker did not end by itself"
    return "error", "the interpreter crashed"
