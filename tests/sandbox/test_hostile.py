"""Hostile code gets nothing: the self-attack holds in every backend, and what it cannot try is tried here."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox import select
from codemode_tui.sandbox.attack import check
from codemode_tui.sandbox.attacks import ATTACKS
from codemode_tui.sandbox.backends import Backend
from codemode_tui.sandbox.bwrap import bwrap_launch
from codemode_tui.sandbox.interpreter import find_interpreter
from codemode_tui.sandbox.launch import Launch
from codemode_tui.sandbox.select import NoTools, choose
from codemode_tui.sandbox.types import Limits


async def test_every_attack_is_held_off(backend):
    report = await check(backend)
    assert len(report.attacks) == len(ATTACKS) + 1 >= 25  # and the one on the sandbox of commands
    assert [attack for attack in report.attacks if not attack.held] == []
    assert report.ok


FRAMES = {
    "a second READY": '{"op": "ready", "nonce": "0", "layers": ["seccomp", "rlimits", "landlock"]}',
    "no JSON": "{",
    "UTF-16": None,
    "a list": "[1]",
    "an unknown kind": '{"op": "exec", "code": "1"}',
    "arguments without a call": '{"op": "call", "id": 1, "name": "read_file"}',
    "a number as a name": '{"op": "call", "id": 1, "name": 5}',
    "a done that is none": '{"op": "done", "status": "denied", "exit_code": 0}',
    "deep nesting": "[" * 100_000,
}


@pytest.mark.parametrize("name", FRAMES)
async def test_a_forged_frame_ends_the_run(bwrap_run, name):
    body = FRAMES[name]
    data = body.encode() if body is not None else "{}".encode("utf-16")
    code = f"""
import os, struct
data = {data!r}
for fd in range(3, 4096):
    try:
        os.write(fd, struct.pack("<I", len(data)) + data)
    except OSError:
        pass
while True: pass
"""
    outcome = await bwrap_run(code, limits=Limits(wall_seconds=5))
    assert outcome.status == "killed"
    assert "protocol" in outcome.reason


async def test_saying_done_and_running_on_is_cut_short(bwrap_run):
    code = """
import json, os, struct, time
data = json.dumps({"op": "done", "status": "ok", "exit_code": 0, "exception": None}).encode()
for fd in range(3, 4096):
    try: os.write(fd, struct.pack("<I", len(data)) + data)
    except OSError: pass
while True: pass
"""
    outcome = await bwrap_run(code, limits=Limits(wall_seconds=30))
    assert outcome.status == "ok"  # and not "timeout": nobody waited for it


async def test_endless_tool_calls_are_stopped(bwrap_run):
    outcome = await bwrap_run("while True: file_info('notes.txt')", limits=Limits(wall_seconds=60, calls=50))
    assert (outcome.status, outcome.reason) == ("killed", "more than 50 tool calls")


async def test_no_descriptor_sends_its_signals_to_others(run):
    """Landlock below version 6 lets a descriptor's owner be killed with a signal of the code's choice."""
    outcome = await run(
        "import fcntl, os, socket, struct\n"
        "end = socket.socketpair()[0]\n"
        "for call in (lambda: fcntl.fcntl(end, fcntl.F_SETOWN, os.getppid()), lambda: fcntl.fcntl(end, 10, 9),\n"
        "             lambda: fcntl.ioctl(end, 0x8901, struct.pack('i', 1))):\n"
        "    try: call(); print('got through')\n"
        "    except PermissionError: print('held')\n"
    )
    assert outcome.stdout == "held\n" * 3


async def test_an_unknown_tool_is_an_error_not_an_end(bwrap_run):
    outcome = await bwrap_run(
        "import sys\n"
        "call = read_file.__closure__[0].cell_contents if read_file.__closure__ else None\n"
        "try: launch_missiles()\n"
        "except NameError: print('no such tool')"
    )
    assert (outcome.status, outcome.stdout) == ("ok", "no such tool\n")


async def test_no_process_and_no_folder_is_left_behind(run, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    for code in ("print(1)", "while True: pass", "import os; os._exit(1)"):
        await run(code, limits=Limits(wall_seconds=1))
    assert list(scratch.iterdir()) == []
    assert _alive("sandbox/child/main.py") == [] and _alive("/codemode/main.py") == []


async def test_cancelling_kills_the_child(run):
    task = asyncio.create_task(run("print('up', flush=True)\nwhile True: pass"))
    while not run.shown:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _alive("sandbox/child/main.py") == [] and _alive("/codemode/main.py") == []


def test_the_child_dies_with_a_killed_host(backend, workspace):
    program = (
        "import asyncio, sys\n"
        "from codemode_tui.sandbox.select import NoTools, choose\n"
        "from codemode_tui.sandbox.types import Limits\n"
        "async def main():\n"
        f"    sandbox = await choose({backend!r})\n"
        "    show = lambda stream, text: print(text, flush=True)\n"
        "    await sandbox.run(\"print('up', flush=True)\\nwhile True: pass\", NoTools(), Limits(), on_output=show)\n"
        "asyncio.run(main())\n"
    )
    host = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None and host.stdout.readline() == "up\n"
    children = _descendants(host.pid)
    assert children
    host.send_signal(signal.SIGKILL)
    host.wait()
    host.stdout.close()
    deadline = time.monotonic() + 10
    while any(_is_running(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in children if _is_running(pid)]


async def test_a_child_that_does_not_confirm_its_layers_gets_no_code(tmp_path):
    def unconfined(limits: Limits) -> Launch:
        made = bwrap_launch("/usr/bin/bwrap", find_interpreter(), limits)
        import msgspec

        return msgspec.structs.replace(made, required=made.required | {"a layer that is not there"})

    witness = tmp_path / "ran"
    with pytest.raises(SandboxError, match="a layer that is not there"):
        await Backend("test", unconfined).run(f"open({str(witness)!r}, 'w')", NoTools(), Limits())
    assert not witness.exists()


async def test_a_launcher_that_fails_is_reported_with_its_words(tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'sandbox_apply: Operation not permitted' >&2\nexit 71\n")
    fake.chmod(0o755)
    backend = Backend("fake", lambda limits: bwrap_launch(str(fake), find_interpreter(), limits))
    with pytest.raises(SandboxError, match="Operation not permitted"):
        await backend.run("print('ran')", NoTools(), Limits())


async def test_a_launcher_that_runs_the_code_bare_is_found_out(tmp_path):
    """A stand-in that skips the confinement and hands the program a shell instead of the child."""
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\nexec cat\n")
    fake.chmod(0o755)
    backend = Backend("fake", lambda limits: bwrap_launch(str(fake), find_interpreter(), limits))
    with pytest.raises(SandboxError, match="did not confirm"):
        await backend.run("print('ran')", NoTools(), Limits())


async def test_without_any_sandbox_nothing_runs(monkeypatch):
    def refuse(packages: str | None = None) -> Backend:
        raise SandboxError("not here", hint="get one")

    monkeypatch.setattr(select, "BACKENDS", {"bwrap": refuse, "landlock": refuse})
    monkeypatch.setattr(select, "_proved", {})
    with pytest.raises(SandboxError, match="nothing is run") as caught:
        await choose("auto")
    assert caught.value.exit_code == 7
    assert caught.value.hint == "get one"
    with pytest.raises(SandboxError, match="the sandbox landlock cannot be had here, so nothing is run") as caught:
        await choose("landlock")
    assert caught.value.hint == f"get one; {select.LEAVE_IT}"


async def test_an_unknown_backend_is_refused():
    with pytest.raises(SandboxError, match="no sandbox 'docker'"):
        await choose("docker")


def _alive(marker: str) -> list[str]:
    """Command lines of running processes that hold ``marker`` (a zombie holds none)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in line and _parent(int(folder.name)) in (os.getpid(), 1):
            found.append(line)
    return found


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        children.setdefault(_parent(int(folder.name)), []).append(int(folder.name))
    found, todo = [], [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except OSError:
        return False
