"""What watches over children on a Mac: their memory, and the end of their host."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox import guard, seatbelt
from codemode_tui.sandbox.backends import Backend
from codemode_tui.sandbox.footprint import exceeded, footprint_bytes, group_bytes, parse_footprint
from codemode_tui.sandbox.interpreter import find_interpreter
from codemode_tui.sandbox.scratch import make_scratch
from codemode_tui.sandbox.select import NoTools
from codemode_tui.sandbox.types import Limits


async def test_memory_is_watched_until_it_is_too_much():
    told = iter([None, 10, 100, 101, 5])
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    await exceeded(lambda: next(told), 100, sleep)
    assert len(slept) == 3 and next(told) == 5


def test_footprint_is_read_where_the_kernel_writes_it():
    info = bytearray(296)
    struct.pack_into("<Q", info, 72, 123_456_789)
    assert parse_footprint(bytes(info)) == 123_456_789
    assert sys.platform == "darwin" or (footprint_bytes(1), group_bytes(1)) == (None, None)


HOST = """
    import os, subprocess, sys, time
    from codemode_tui.sandbox import guard
    children = [subprocess.Popen(["sleep", "66"], start_new_session=True) for _ in range(4)]
    for child in children: guard.watch(child.pid)
    guard.forget(children[1].pid)
    print(*(child.pid for child in children), flush=True)
    sys.stdin.read()
"""


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_killed_host_takes_its_children_with_it_and_no_others():
    host = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOST)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert host.stdout and host.stdin
    first, forgotten, third, fourth = map(int, host.stdout.readline().split())
    host.kill()
    host.wait()
    host.stdout.close()
    host.stdin.close()
    try:
        deadline = time.monotonic() + 10
        while any(map(_alive, (first, third, fourth))) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert [_alive(pid) for pid in (first, forgotten, third, fourth)] == [False, True, False, False]
    finally:
        os.kill(forgotten, signal.SIGKILL)


def test_a_guard_that_was_ended_is_started_again(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr(guard, "_pipe", writing)
    guard.forget(2**30)
    assert guard._pipe >= 0
    os.close(guard._pipe)


def _seatbelt(tmp_path: Path, monkeypatch, script: str) -> Backend:
    """The macOS backend with another program in the place of ``sandbox-exec``."""
    fake = tmp_path / "sandbox-exec"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(seatbelt, "SANDBOX_EXEC", str(fake))
    return Backend("seatbelt", lambda limits: seatbelt.seatbelt_launch(find_interpreter(), limits, make_scratch()))


SKIP_ARGUMENTS = 'shift 2; while case $1 in -D*) true;; *) false;; esac; do shift; done; exec "$@"'


async def test_what_sandbox_exec_starts_is_the_child_and_code_runs_in_it(tmp_path, monkeypatch):
    backend = _seatbelt(tmp_path, monkeypatch, SKIP_ARGUMENTS)
    outcome = await backend.run("print(6 * 7)", NoTools(), Limits(wall_seconds=20))
    assert (outcome.status, outcome.stdout) == ("ok", "42\n")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'bad profile' >&2; exit 65", "did not accept the profile: bad profile"),
        ("echo 'sandbox_apply: Operation not permitted' >&2; exit 71", "inside another macOS sandbox"),
        ("kill -ABRT $$", "could not start under the profile"),
        ("exit 0", "did not confirm that it is confined"),
    ],
)
async def test_a_sandbox_that_does_not_start_says_why_and_nothing_runs(tmp_path, monkeypatch, script, says):
    backend = _seatbelt(tmp_path, monkeypatch, script)
    with pytest.raises(SandboxError, match=says):
        await backend.run(f"open({str(tmp_path / 'ran')!r}, 'w')", NoTools(), Limits(wall_seconds=20))
    assert not (tmp_path / "ran").exists()
