"""The process that trains or fuses: started, followed, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from codemode_tui import locations
from codemode_tui.engine.lock import held_files
from codemode_tui.engine.spawning import last_log_line, open_log, worker_environment
from codemode_tui.engine.tuning.job import JOB, Ended, Event, Failed, Fuse, Job
from codemode_tui.errors import CodemodeError, EngineError, ModelError, UsageError

OnEvent = Callable[[Event], None]


class GateFailed(CodemodeError):
    """A measurement forbids what was asked for. Nothing has been replaced."""

    title = "gate"
    exit_code = 8


def run_child(job: Job, work: Path, on_event: OnEvent, locks: Sequence[int] = ()) -> Ended:
    """Do ``job`` in the folder ``work``, in a process of its own. ctrl+c stops it; a second one kills it.

    When we are killed it ends its step first. Until then it holds ``locks``, and the memory if we do: both are still
    in use.

    Raises:
        KeyboardInterrupt: it was killed.
        UsageError, ModelError, EngineError, GateFailed: what went wrong.
    """
    (work / JOB).write_bytes(msgspec.json.encode(job))
    with open_log() as log:
        began = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "codemode_tui.engine.tuning", str(work)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=worker_environment(dict(os.environ)),
            cwd="/",
            start_new_session=True,  # ctrl+c in the terminal is for us, and we tell it
            pass_fds=(*held_files(), *locks),
        )
    assert process.stdin is not None
    tell = _unheard(on_event)
    try:
        try:
            return _follow(process, job, began, tell)
        except KeyboardInterrupt:
            process.stdin.close()  # it ends its step, and leaves a checkpoint
            return _follow(process, job, began, tell)
    finally:
        process.kill()
        with contextlib.suppress(OSError):
            process.stdin.close()
        process.wait()


def _unheard(on_event: OnEvent) -> OnEvent:
    """The same, though nobody may hear it: a terminal that is gone ends no training that was left running, and costs
    one that it interrupts no checkpoint."""

    def tell(event: Event) -> None:
        with contextlib.suppress(OSError):
            on_event(event)

    return tell


def _follow(process: subprocess.Popen[bytes], job: Job, log: int, on_event: OnEvent) -> Ended:
    assert process.stdout is not None
    while line := process.stdout.readline():
        try:
            event = msgspec.json.decode(line, type=Event)
        except msgspec.DecodeError as error:
            raise EngineError(
                f"{_name(job)} said what cannot be read: {error}", hint=f"see {locations.log_file()}"
            ) from error
        if isinstance(event, Failed):
            kinds = {"data": UsageError, "model": ModelError, "engine": EngineError, "gate": GateFailed}
            raise kinds[event.kind](event.message, hint=event.hint or f"see {locations.log_file()}")
        if isinstance(event, Ended):
            return event
        on_event(event)
    _obituary(process, job, log)


def _obituary(process: subprocess.Popen[bytes], job: Job, log: int) -> NoReturn:
    code = process.wait()
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else "ended unexpectedly"
    why = " (out of memory?)" if code == -signal.SIGKILL else ""
    line = last_log_line(log)
    last = f" [{line}]" if line else ""
    hint = "try smaller --batch-tokens or fewer --layers; where a checkpoint was written, --resume goes on"
    if isinstance(job, Fuse):
        hint = "end what else holds memory, and look at base and adapter with `codemode model verify`"
    raise EngineError(f"{_name(job)} {how}{why}{last}", hint=hint)


def _name(job: Job) -> str:
    return "the fusing process" if isinstance(job, Fuse) else "the training process"
