"""`bench sandbox`: what confinement costs a run, and how soon after a yes its first line is there."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox.backends import bwrap_backend, landlock_backend, monty_backend, seatbelt_backend
from codemode_tui.sandbox.bwrap import bwrap_launch, find_bwrap
from codemode_tui.sandbox.interpreter import find_interpreter
from codemode_tui.sandbox.select import NoTools, prove
from codemode_tui.sandbox.types import Limits, Sandbox
from codemode_tui.training.bench.result import Result, result

Say = Callable[[str], None]
COLD_LIMIT, FIRST_LINE_MS = 2.0, 15.0
_LIMITS = Limits()
_CODE = "print(read_file('notes.txt'))"
_WARM_UP = 2


class OneTool(NoTools):
    """Answers ``read_file`` at once: the sandbox is measured, not a disk."""

    names = ("read_file",)

    async def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> str:
        return "one line"


async def bench_sandbox(runs: int, say: Say) -> list[Result]:
    """Every backend of this machine, each figure beside a baseline that is taken in turn with it.

    Raises:
        SandboxError: this machine has none.
    """
    found: list[Result] = []
    for make in (bwrap_backend, landlock_backend, seatbelt_backend, monty_backend):
        try:
            sandbox: Sandbox = make()
            await prove(sandbox)
        except SandboxError:
            continue
        say(f"running code in {sandbox.name}")
        found += await _backend(sandbox, runs)
    if not found:
        raise SandboxError("no sandbox on this machine, so there is nothing to measure", hint="codemode sandbox check")
    return found


async def _backend(sandbox: Sandbox, runs: int) -> list[Result]:
    monty, bwrap = sandbox.name.startswith("monty"), sandbox.name.startswith("bwrap")
    budgeted = bwrap or sandbox.name == "seatbelt"
    figures: tuple[list[float], ...] = ([], [], [], [])
    argv = _bare(bwrap)
    for turn in range(runs + _WARM_UP):
        taken = await _timed(_start(argv)), await _timed(_cold(sandbox)), await _first_line(sandbox), await _print()
        if turn >= _WARM_UP:  # files are in memory, bytecode is there
            for values, figure in zip(figures, taken, strict=True):
                values.append(figure)
    bares, colds, firsts, prints = figures
    what = "bubblewrap with the same arguments and an empty program" if bwrap else "an interpreter and an empty program"
    over = [first - bare for first, bare in zip(firsts, prints, strict=True)]
    return [
        result(
            f"a run with one tool call, cold ({sandbox.name})",
            "ms",
            colds,
            bares,
            budget=9 if budgeted else None,
            limit=COLD_LIMIT if budgeted else None,
            detail=f"a whole run against {what}, which is not confined any further",
        ),
        result(
            f"confirm to first line, above a bare print ({sandbox.name})",
            "ms",
            over,
            budget=None if monty else 10,
            limit=None if monty else FIRST_LINE_MS,
            detail="a worker that starts with the run" if monty else "the child was started while the code was read",
        ),
    ]


def _bare(bwrap: bool) -> tuple[str, ...]:
    """A start of the same interpreter on the same way, without this program's part in it."""
    python, binary = find_interpreter(), find_bwrap()
    program = (python.executable, "-I", "-S", "-c", "pass")
    if not bwrap or binary is None:
        return program
    launch = bwrap_launch(binary, python, _LIMITS).argv
    return (*launch[: launch.index("--") + 1], *program)


async def _start(argv: tuple[str, ...]) -> None:
    nothing = asyncio.subprocess.DEVNULL
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*argv, stdin=nothing, stdout=pipe, stderr=pipe)
    await process.communicate()


async def _cold(sandbox: Sandbox) -> None:
    outcome = await sandbox.run(_CODE, OneTool(), _LIMITS)
    if outcome.stdout != "one line\n":
        raise SandboxError(f"{sandbox.name} did not run the code: {outcome.reason or outcome.exception}")


async def _first_line(sandbox: Sandbox) -> float:
    """Milliseconds from the confirmation of a one-line program to its line, its child already there."""
    seen: list[float] = []

    def shown(stream: Literal["stdout", "stderr"], text: str) -> None:
        seen.append(time.perf_counter())

    sandbox.prepare(_LIMITS)
    await asyncio.sleep(0.25)  # somebody reads the code
    began = time.perf_counter()
    await sandbox.run("print('here')", OneTool(), _LIMITS, on_output=shown)
    return (seen[0] - began) * 1000


async def _print() -> float:
    """The same line from a child that is running and waits for a word on its stdin."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", "-c", "input(); print('here', flush=True)", stdin=pipe, stdout=pipe
    )
    assert process.stdin is not None and process.stdout is not None
    await asyncio.sleep(0.1)
    began = time.perf_counter()
    process.stdin.write(b"\n")
    await process.stdout.readline()
    spent = (time.perf_counter() - began) * 1000
    await process.communicate()
    return spent


async def _timed(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000
