"""A child that was started while somebody reads: the next run has it, it is as confined, and it never stays."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import pytest
from support.processes import descendants, left

from codemode_tui.sandbox.backends import Backend, bwrap_backend, landlock_backend
from codemode_tui.sandbox.select import NoTools
from codemode_tui.sandbox.types import Limits


@pytest.fixture
def made(backend) -> Backend:
    return {"bwrap": bwrap_backend, "landlock": landlock_backend}[backend]()


async def prepared(backend: Backend, limits: Limits) -> list[int]:
    """The processes of a child that waits."""
    before = set(descendants(os.getpid()))
    backend.prepare(limits)
    assert backend._spare is not None
    await backend._spare[1]
    return [pid for pid in descendants(os.getpid()) if pid not in before]


async def test_the_next_run_has_it_and_the_one_after_a_new_one(made):
    waiting = await prepared(made, Limits())
    assert waiting
    first = await made.run("print('one')", NoTools(), Limits())
    assert (first.status, first.stdout) == ("ok", "one\n")
    assert left(waiting) == []
    assert (await made.run("print('two')", NoTools(), Limits())).stdout == "two\n"


async def test_one_for_other_limits_is_not_used(made):
    waiting = await prepared(made, Limits(memory_mb=512))
    outcome = await made.run("bytearray(300 << 20)", NoTools(), Limits(memory_mb=128))
    assert outcome.status == "memory"
    assert left(waiting) == []


async def test_one_that_has_died_is_replaced(made):
    waiting = await prepared(made, Limits())
    for pid in waiting:
        with contextlib.suppress(ProcessLookupError):  # the first takes the others with it
            os.kill(pid, signal.SIGKILL)
    assert left(waiting) == []
    assert (await made.run("print('alive')", NoTools(), Limits())).stdout == "alive\n"


async def test_at_most_one_waits_and_it_can_be_ended(made):
    waiting = await prepared(made, Limits())
    assert await prepared(made, Limits()) == []
    await made.release()
    await made.release()
    assert left(waiting) == []


async def test_one_that_is_still_starting_can_be_ended_too(made):
    before = set(descendants(os.getpid()))
    made.prepare(Limits())
    await asyncio.sleep(0)
    await made.release()
    assert left(pid for pid in descendants(os.getpid()) if pid not in before) == []


async def test_waiting_does_not_count(made):
    await prepared(made, Limits(wall_seconds=0.5))
    await asyncio.sleep(0.7)
    assert (await made.run("print('in time')", NoTools(), Limits(wall_seconds=0.5))).stdout == "in time\n"
