"""``run_command``: programs of the system under a second profile. No network, no home, no secrets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import msgspec

from codemode_tui.sandbox import seatbelt, snapshot
from codemode_tui.sandbox.bwrap import find_bwrap, isolation, read_only
from codemode_tui.sandbox.capture import Streams
from codemode_tui.sandbox.command_profile import CommandView, command_view
from codemode_tui.sandbox.scratch import scratch
from codemode_tui.sandbox.shellwords import Pipeline, split_command
from codemode_tui.sandbox.spawn import spawn
from codemode_tui.sandbox.types import ClosedPaths, CommandResult

__all__ = ["CommandRunner", "split_command"]

_KEEP_BYTES = 24 * 1024 * 1024
_KILL_BYTES = 64 * 1024 * 1024
_SCRATCH_BYTES = 512 * 1024 * 1024
_BUILTINS = frozenset(("cd", "echo", "true", "false", "test", "[", "printf", "pwd", ":", "exit"))

Closed = Callable[[Path], ClosedPaths]
BLOCKED = ".blocked"


class CommandRunner:
    """Runs commands in one workspace, which they may write only with ``allow_write``.

    Args:
        workspace: real path of the folder.
        allow_write: what a command writes cannot be undone, so it needs an explicit grant.
        closed: finds what stays closed inside the workspace; asked before every command.
    """

    def __init__(self, workspace: Path, *, allow_write: bool = False, closed: Closed) -> None:
        self._workspace = workspace
        self._allow_write = allow_write
        self._closed = closed

    async def run(self, pipeline: Pipeline, cwd: Path, seconds: float) -> CommandResult:
        """Run to the end, or ``seconds`` long.

        Raises:
            FileNotFoundError: no such program; names it.
            PermissionError: nothing here can confine a command, so none is run.
        """
        view = command_view(os.environ.get("PATH", os.defpath), Path.home())
        _check_programs(pipeline, view, cwd)
        closed = await asyncio.to_thread(self._closed, self._workspace)
        before = await asyncio.to_thread(snapshot.take, self._workspace) if self._allow_write else {}
        with scratch() as folder:
            argv = (*self._argv(view, closed, cwd, folder), "/bin/sh", "-c", pipeline.script)
            result = await _execute(argv, pipeline, view, cwd, seconds, folder)
        if not self._allow_write:
            return result
        moved = await asyncio.to_thread(self._block_new, closed)
        notes = [f"[{path} was renamed to {path}{BLOCKED}: a command may not create it]" for path in moved]
        after = await asyncio.to_thread(snapshot.take, self._workspace)
        return msgspec.structs.replace(
            result, output=joined(result.output, "\n".join(notes)), changed=snapshot.changes(before, after)
        )

    def _argv(self, view: CommandView, closed: ClosedPaths, cwd: Path, scratch: str) -> tuple[str, ...]:
        if binary := find_bwrap():
            return (binary, *bwrap_arguments(view, self._workspace, self._allow_write, closed, cwd))
        if seatbelt.available():
            return seatbelt_arguments(view, self._workspace, self._allow_write, closed, scratch)
        raise PermissionError("commands are not run here: nothing can confine them (install bubblewrap)")

    def _block_new(self, before: ClosedPaths) -> list[str]:
        """Mounts protect only what was there. What the command created of that kind gets another name."""
        after = self._closed(self._workspace)
        known = {*before.protected, *before.anchors}
        created = sorted({*after.protected, *after.anchors} - known)
        moved: list[str] = []
        for path in created:
            if any(path.startswith(done + "/") for done in moved):
                continue  # went with its folder
            with contextlib.suppress(OSError):
                os.rename(path, path + BLOCKED)
                moved.append(path)
        return [os.path.relpath(path, self._workspace) for path in moved]


def bwrap_arguments(view: CommandView, workspace: Path, allow_write: bool, closed: ClosedPaths, cwd: Path) -> list[str]:
    """Mounts are applied in this order: what comes later lies on top."""
    argv = isolation(environment(view, "/tmp/home"))
    argv += ["--size", str(_SCRATCH_BYTES), "--tmpfs", "/tmp", "--dir", "/tmp/home"]
    argv += ["--proc", "/proc", "--dev", "/dev"]
    argv += read_only(view.read, view.links)
    root = str(workspace)
    argv += ["--bind" if allow_write else "--ro-bind", root, root]
    if allow_write:
        # A mount point can be neither renamed nor removed: the way to it stays what it is.
        for path in closed.anchors:
            argv += ["--bind", path, path]
        for path in closed.protected:
            argv += ["--ro-bind", path, path]
    for path in closed.secrets:
        argv += ["--tmpfs", path, "--remount-ro", path] if os.path.isdir(path) else ["--ro-bind", "/dev/null", path]
    return [*argv, "--remount-ro", "/", "--chdir", str(cwd), "--"]


def seatbelt_arguments(
    view: CommandView, workspace: Path, allow_write: bool, closed: ClosedPaths, scratch: str
) -> tuple[str, ...]:
    prefixes = [os.path.realpath(path) for path in view.read]
    hops = seatbelt.ancestors([*prefixes, str(workspace), os.path.realpath(scratch)])
    profile = seatbelt.command_profile(
        prefixes=len(prefixes), hops=len(hops), writable=allow_write, masked=len(closed.secrets)
    )
    parameters = {"WORKSPACE": str(workspace), "SCRATCH": os.path.realpath(scratch)}
    parameters |= {f"PREFIX{i}": path for i, path in enumerate(prefixes)}
    parameters |= {f"HOP{i}": path for i, path in enumerate(hops)}
    parameters |= {f"MASK{i}": path for i, path in enumerate(closed.secrets)}
    return seatbelt.sandbox_exec(profile, parameters)


def environment(view: CommandView, home: str) -> dict[str, str]:
    """An allow-list: nothing of the host's environment but PATH, language and time zone."""
    made = {
        "PATH": view.path,
        "HOME": home,
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "NO_COLOR": "1",
    }
    made |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "PAGER": "cat"}
    if zone := os.environ.get("TZ"):
        made["TZ"] = zone
    return made


def _check_programs(pipeline: Pipeline, view: CommandView, cwd: Path) -> None:
    for name in pipeline.programs:
        if name in _BUILTINS or "=" in name:
            continue
        where = str(cwd / name) if "/" in name else name
        if shutil.which(where, path=view.path) is None:
            raise FileNotFoundError(f"there is no program {name!r} here")


async def _execute(
    argv: tuple[str, ...], pipeline: Pipeline, view: CommandView, cwd: Path, seconds: float, scratch: str
) -> CommandResult:
    process = await spawn(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=cwd,
        env={**environment(view, scratch), "TMPDIR": scratch},
    )

    def kill() -> None:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    assert process.stdout is not None and process.stderr is not None
    streams = Streams(_KEEP_BYTES, _KILL_BYTES)
    streams.listen(kill, None)
    reading = asyncio.gather(streams.read("stdout", process.stdout), streams.read("stderr", process.stderr))
    timed_out = False
    try:
        async with asyncio.timeout(seconds):
            await asyncio.shield(reading)
            await process.wait()
    except TimeoutError:
        timed_out = True
    finally:
        kill()
        await process.wait()
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(reading, 2)
    return CommandResult(
        argv=pipeline.argv,
        output=joined(streams.stdout.text, streams.stderr.text),
        exit_code=None if timed_out else process.returncode,
        timed_out=timed_out,
    )


def joined(stdout: str, stderr: str) -> str:
    """stdout, then stderr on lines of its own."""
    gap = "\n" if stdout and stderr and not stdout.endswith("\n") else ""
    return stdout + gap + stderr
