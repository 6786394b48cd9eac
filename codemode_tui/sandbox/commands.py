"""``run_command``: programs of the system under a second profile. No network, no home, no secrets."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import functools
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec

from codemode_tui import locations
from codemode_tui.sandbox import guard, seatbelt, snapshot
from codemode_tui.sandbox.aside import Closed, set_aside
from codemode_tui.sandbox.attributes import git_attributes, repositories_own
from codemode_tui.sandbox.bwrap import WORKSPACE, find_bwrap, isolation, read_only
from codemode_tui.sandbox.capture import Streams
from codemode_tui.sandbox.command_filter import opened_filter
from codemode_tui.sandbox.command_profile import CommandView, command_view
from codemode_tui.sandbox.footprint import exceeded, group_bytes
from codemode_tui.sandbox.launch import language
from codemode_tui.sandbox.namespace import Namespace, NoNamespace
from codemode_tui.sandbox.scratch import bytes_in, scratch
from codemode_tui.sandbox.seatbelt_command import seatbelt_arguments
from codemode_tui.sandbox.shellwords import MOST_BYTES, TOO_LONG, Pipeline, split_command
from codemode_tui.sandbox.spawn import end, spawn, to_the_end
from codemode_tui.sandbox.types import ClosedPaths, CommandResult, FileChange

__all__ = ["OUTPUT_MB", "CommandRunner", "split_command"]

Mounts = tuple[tuple[str, str], ...]
"""Pairs of what is shown and where."""

Changed = Callable[[tuple[FileChange, ...]], None]
"""Is told what differs in the workspace after a command."""

OUTPUT_MB = 64
"""Of both streams together: what one call may return to the code. It comes whole or not at all."""
_ATTRIBUTES = ".config/git/attributes"
"""Below the home folder of commands: git reads it without being told."""
_PRIVATE = "/codemode-private"
"""On Linux, what holds the home folder and the temporary files of commands; no workspace that is mounted later may lie
on top of it, as one would on anything below ``/tmp``."""
_SCRATCH_BYTES = 512 * 1024 * 1024

_DISK_SECONDS = 0.3
_TURN_SECONDS = 0.02
_MOST_TOLD = 5
_MOST_CLOSED = 2500
"""Each is a mount, of whose arguments bubblewrap takes 9,000 in all."""
_RLIMITS = {"c": 0, "d": 4 * 1024 * 1024, "u": 4096, "p": 4096}
"""``ulimit`` letters: no core files, 4 GB of data for one process, no fork bomb that a machine would not survive:
``u``, which is ``p`` where the shell is dash, elsewhere cannot be set. Root's processes the kernel does not count."""


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

    def reading(self) -> CommandRunner:
        """The same, without leave to write the workspace."""
        return CommandRunner(self._workspace, closed=self._closed)

    async def run(self, pipeline: Pipeline, cwd: Path, seconds: float, changed: Changed | None = None) -> CommandResult:
        """Run to the end, or ``seconds`` long.

        One that may write tells ``changed`` what differs afterwards, also when it is cancelled: what it did by then
        stays done, and there is no result that could tell it.

        Raises:
            ValueError: the command is too long.
            PermissionError: nothing here can confine a command, so none is run.
            TimeoutError: others had the workspace for ``seconds``, so it was not run.
        """
        view = command_view(os.environ.get("PATH", os.defpath), locations.home())
        script = f"{_limits()}{pipeline.script}"
        if len(os.fsencode(script)) >= MOST_BYTES:
            raise ValueError(TOO_LONG)
        async with _turn(self._workspace, fcntl.LOCK_EX if self._allow_write else fcntl.LOCK_SH, seconds):
            return await self._run(pipeline, view, script, cwd, seconds, changed)

    async def _run(
        self, pipeline: Pipeline, view: CommandView, script: str, cwd: Path, seconds: float, changed: Changed | None
    ) -> CommandResult:
        if self._allow_write:
            _make_own(self._workspace)
        closed = await asyncio.to_thread(self._closed, self._workspace)
        before = await asyncio.to_thread(snapshot.take, self._workspace) if self._allow_write else {}
        # Inside, a command could write it, and would be told of as its maker.
        with scratch(apart=self._workspace) as folder:
            attributes = Path(folder, _ATTRIBUTES)
            attributes.parent.mkdir(parents=True)
            attributes.write_text(told := git_attributes(closed, self._workspace.name), "utf-8")
            infos = await asyncio.to_thread(repositories_own, closed, told, Path(folder, "info"))
            argv = (*self._argv(view, closed, cwd, folder, infos), "/bin/sh", "-c", script)
            notes: list[str] = []
            try:
                result = await _execute(argv, pipeline, view, cwd, seconds, folder)
            finally:  # stopped and failed ones may leave the same things behind
                if self._allow_write:
                    notes = await to_the_end(self._settle(closed, before, changed))
        return msgspec.structs.replace(result, output=joined(result.output, "\n".join(notes)))

    async def _settle(self, closed: ClosedPaths, before: snapshot.Snapshot, changed: Changed | None) -> list[str]:
        """Put aside what may not stay, then tell what differs; returns notes for the output."""
        notes = await asyncio.to_thread(set_aside, self._workspace, closed, self._closed)
        if changed is not None:
            after = await asyncio.to_thread(snapshot.take, self._workspace)
            changed(changes := snapshot.changes(before, after))
            notes += _told_of_names_outside(self._workspace, after, changes)
        return notes

    def _argv(self, view: CommandView, closed: ClosedPaths, cwd: Path, scratch: str, infos: Mounts) -> tuple[str, ...]:
        count = len(closed.secrets) + len(closed.protected) + len(closed.anchors) + len(infos)
        if count > _MOST_CLOSED:
            raise PermissionError(
                f"commands are not run here: {count:,} secrets and protected files are more than can be closed; "
                "name a smaller folder with --workspace"
            )
        if binary := find_bwrap():
            if Path(_PRIVATE).is_relative_to(self._workspace) or self._workspace.is_relative_to(_PRIVATE):
                raise PermissionError(
                    f"commands are not run in {self._workspace}: it would cover their own home folder; "
                    "name a smaller folder with --workspace"
                )
            return (binary, *bwrap_arguments(view, self._workspace, self._allow_write, closed, cwd, scratch, infos))
        if seatbelt.available():
            return seatbelt_arguments(view, self._workspace, self._allow_write, closed, scratch)
        raise PermissionError("commands are not run here: nothing can confine them (install bubblewrap)")


@contextlib.asynccontextmanager
async def _turn(workspace: Path, lock: int, seconds: float) -> AsyncIterator[None]:
    """One that may write runs alone, in whatever session: else it could exchange folders for links, or move secrets,
    while another's closed paths are looked for, mounted or renamed. A file system without locks goes without.

    It is the folder itself that is locked: every session, whoever's it is, finds that.
    """
    fd = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY)
    last = time.monotonic() + seconds
    try:
        while True:
            try:
                fcntl.flock(fd, lock | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > last:
                    raise TimeoutError(
                        f"the command was not run: for {seconds:g} s others have locked the workspace, commands of "
                        "another session or a program such as flock"
                    ) from None
                await asyncio.sleep(_TURN_SECONDS)
            except OSError:
                break
        yield
    finally:
        os.close(fd)


def _make_own(workspace: Path) -> None:
    """This program's own folders, where they are missing in the workspace: only what is there can be closed, and made
    later by the program itself they would look like the command's work."""
    for folder in locations.own_dirs(workspace):
        with contextlib.suppress(OSError):
            locations.private_dir(folder)


def _told_of_names_outside(workspace: Path, after: snapshot.Snapshot, changes: tuple[FileChange, ...]) -> Iterator[str]:
    """A note if files that changed are also elsewhere, by hard links. Those are not closed: whole environments of
    Python and Node are made of links to a store, and installing replaces them without writing into them."""
    links: dict[str, int] = {}
    for change in changes:
        with contextlib.suppress(OSError):
            if change.change == "modified" and (count := os.lstat(workspace / change.path).st_nlink) > 1:
                links[change.path] = count
    inside = Counter(inode for inode, *_ in after.values()) if links else Counter()
    outside = [path for path, count in links.items() if count > inside[after[path][0]]]
    if outside:
        more = f" and {len(outside) - _MOST_TOLD:,} more" if len(outside) > _MOST_TOLD else ""
        yield f"[{', '.join(outside[:_MOST_TOLD])}{more}: changed outside the workspace too, where hard links share it]"


def bwrap_arguments(
    view: CommandView,
    workspace: Path,
    allow_write: bool,
    closed: ClosedPaths,
    cwd: Path,
    scratch: str,
    infos: Mounts,
) -> list[str]:
    """Mounts are applied in this order: what comes later lies on top."""
    argv = isolation(environment(view, f"{_PRIVATE}/home", f"{_PRIVATE}/tmp"))
    for folder in ("/tmp", _PRIVATE):
        argv += ["--size", str(_SCRATCH_BYTES), "--tmpfs", folder]
    argv += ["--dir", f"{_PRIVATE}/home", "--dir", f"{_PRIVATE}/tmp"]
    argv += ["--ro-bind", f"{scratch}/{_ATTRIBUTES}", f"{_PRIVATE}/home/{_ATTRIBUTES}"]
    # The kernel's settings in it are open to root, which is root of the host here too, without any capability.
    argv += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
    # What is written into either counts as memory.
    argv += ["--size", str(_SCRATCH_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    argv += read_only(view.read, view.links)
    root = str(workspace)
    if not os.path.lexists(WORKSPACE):  # a path that the code made absolute means the same here
        argv += ["--symlink", root, WORKSPACE]
    argv += ["--bind" if allow_write else "--ro-bind", root, root]
    if allow_write:
        # A mount point can be neither renamed nor removed: the way to it stays what it is.
        for path in closed.anchors:
            argv += ["--bind", path, path]
        for path in closed.protected:
            argv += ["--ro-bind", path, path]
    for copy, path in infos:
        argv += ["--ro-bind", copy, path]
    for path in closed.secrets:
        argv += ["--tmpfs", path, "--remount-ro", path] if os.path.isdir(path) else ["--ro-bind", "/dev/null", path]
    return [*argv, "--remount-ro", "/", "--chdir", str(cwd), "--"]


def environment(view: CommandView, home: str, temporary: str) -> dict[str, str]:
    """An allow-list: nothing of the host's environment but PATH, time zone and the user's name. (A Mac does not tell
    who asks for that in a sandbox.)"""
    made = {
        "PATH": view.path,
        "HOME": home,
        "TMPDIR": temporary,
        **language(),
        "TERM": "dumb",
        "NO_COLOR": "1",
    }
    made |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "PAGER": "cat"}
    made |= view.variables
    return made | {name: os.environ[name] for name in ("TZ", "USER", "LOGNAME") if os.environ.get(name)}


def _limits() -> str:
    """For the beginning of a script. Where a limit is tighter already, it stays as it is."""
    return "".join(f"ulimit -{letter} {value} 2>/dev/null; " for letter, value in _RLIMITS.items())


async def _execute(
    argv: tuple[str, ...], pipeline: Pipeline, view: CommandView, cwd: Path, seconds: float, scratch: str
) -> CommandResult:
    mac = argv[0] == seatbelt.SANDBOX_EXEC
    with NoNamespace() if mac else Namespace() as namespace, opened_filter() as calls:
        process = await spawn(
            argv[0],
            *namespace.arguments,
            *(() if mac else ("--seccomp", str(calls))),
            *argv[1:],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=cwd,
            env=environment(view, scratch, scratch),
            pass_fds=namespace.fds if mac else (*namespace.fds, calls),
        )

        def kill() -> None:
            # Elsewhere all of it ends with its namespace; here what it left in the background lives on in its group.
            if process.returncode is None or mac:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)

        assert process.stdout is not None and process.stderr is not None
        streams = Streams(OUTPUT_MB * 1024 * 1024, OUTPUT_MB * 1024 * 1024)
        flooded = False

        def stop() -> None:
            nonlocal flooded
            flooded = True
            kill()

        excess: list[str] = []

        def end_of(what: str) -> None:
            excess.append(f"[stopped: more than {what}]")
            kill()

        streams.listen(stop, None)
        reading = asyncio.gather(streams.read("stdout", process.stdout), streams.read("stderr", process.stderr))
        watching = []
        if mac:
            watching = [asyncio.create_task(it) for it in (_memory(process.pid, end_of), _disk(scratch, end_of))]
            guard.watch(process.pid)
        ended = functools.partial(_exited, process) if mac else process.wait
        timed_out = False
        try:
            async with asyncio.timeout(seconds):
                if not mac:
                    await asyncio.shield(reading)
                await ended()
        except TimeoutError:
            timed_out = True
        finally:
            kill()
            await ended()
            namespace.wait()
            for task in watching:
                task.cancel()
            if mac:
                guard.forget(process.pid)
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(reading, 2)
            await end(process)
    said = streams.stderr.text
    if mac and process.returncode in seatbelt.FAILURES and said.startswith("sandbox-exec: "):
        raise PermissionError(
            f"commands are not run here: {seatbelt.FAILURES[process.returncode]} ({said[14:200].strip()}); a profile "
            "that is too long has too many secrets and protected files in it: name a smaller folder with --workspace"
        )
    return CommandResult(
        argv=pipeline.argv,
        output="" if flooded else joined(joined(streams.stdout.text, said), "".join(excess)),
        exit_code=None if timed_out else process.returncode,
        timed_out=timed_out,
        truncated=flooded,
    )


async def _exited(process: asyncio.subprocess.Process) -> None:
    """Its own ``wait`` waits for the ends of the pipes too, which what is left in the background holds."""
    while process.returncode is None:
        await asyncio.sleep(_TURN_SECONDS)


async def _memory(group: int, end_of: Callable[[str], None]) -> None:
    """macOS knows no limit of memory: the command's processes together get what one of them has elsewhere."""
    await exceeded(lambda: group_bytes(group), _RLIMITS["d"] * 1024)
    end_of("4 GB of memory")


async def _disk(folder: str, end_of: Callable[[str], None]) -> None:
    """There a command's temporary files lie on the disk of the host. What it hides in folders that nobody may read
    ends it before the disk is full."""
    free = shutil.disk_usage(folder).free
    while await asyncio.to_thread(bytes_in, folder, hidden=0) <= _SCRATCH_BYTES:
        if shutil.disk_usage(folder).free < free // 2:
            return end_of("half of what was free on the disk")
        await asyncio.sleep(_DISK_SECONDS)
    end_of("512 MB of temporary files")


def joined(stdout: str, stderr: str) -> str:
    """stdout, then stderr on lines of its own."""
    gap = "\n" if stdout and stderr and not stdout.endswith("\n") else ""
    return stdout + gap + stderr
