"""Monty as a backend: the same tools, limits and outcomes, in a smaller language."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.processes import descendants, left

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox.bwrap import find_bwrap
from codemode_tui.sandbox.monty import MontySandbox, coroutine_calls, monty_binary
from codemode_tui.sandbox.select import NoTools
from codemode_tui.sandbox.types import Limits, Outcome
from codemode_tui.tools.host import WorkspaceTools

pytest.importorskip("pydantic_monty", reason="the extra `monty` is not installed")
QUICK = Limits(wall_seconds=1, memory_mb=64, calls=30, output_kill_bytes=100_000)


@pytest.fixture(params=["alone", "in bubblewrap"])
def sandbox(request) -> MontySandbox:
    bwrap = find_bwrap() if request.param == "in bubblewrap" else None
    if request.param == "in bubblewrap" and bwrap is None:
        pytest.skip("bubblewrap is not installed")
    return MontySandbox(monty_binary(), bwrap)


@pytest.fixture
def run(sandbox, workspace):
    async def run(code: str, limits: Limits = QUICK, **more) -> Outcome:
        return await sandbox.run(code, WorkspaceTools(workspace, allow_write=True), limits, **more)

    return run


WORKS = {
    "a tool": "print(read_file('notes.txt').split()[1])",
    "await": "text = await read_file('notes.txt')\nprint(text.split()[1])",
    "gather": "import asyncio\nboth = await asyncio.gather(*[read_file('notes.txt') for _ in range(2)])\n"
    "print(both[1].split()[1])",
    "a tool in a loop": "for name in ['notes.txt']:\n    print(read_file(path=name).split()[1])",
    "open": "with open('notes.txt') as f:\n    print(f.read().split()[1])",
    "pathlib": "from pathlib import Path\nprint(Path('notes.txt').read_text().split()[1])",
    "listdir": "import os\nprint('two' if 'src' in os.listdir('.') else os.listdir('.'))",
    "exists": "from pathlib import Path\nprint('two' if Path('src').is_dir() and not Path('x').exists() else '?')",
    "writing": "with open('new.txt', 'w') as f:\n    f.write('tw')\n    f.write('o')\nprint(open('new.txt').read())",
    "many writes": "with open('new.txt', 'w') as f:\n    for i in range(100):\n        f.write('x')\n"
    "print('two' if len(read_file('new.txt')) == 100 else '?')",
    "an error is caught": "try:\n    read_file('nope')\nexcept FileNotFoundError:\n    print('two')",
    "a function": "def f(x):\n    return x * 2\nprint('two' if f(1) == 2 else '?')",
}


@pytest.mark.parametrize("name", WORKS)
async def test_ordinary_code_works(run, name):
    outcome = await run(WORKS[name])
    assert (outcome.status, outcome.stdout) == ("ok", "two\n"), outcome


ENDS = {
    "open('/etc/passwd2', 'w')": ("error", "PermissionError"),
    "1 / 0": ("error", "ZeroDivisionError"),
    "read_file('nope')": ("error", "FileNotFoundError"),
    "read_file('.env')": ("error", "PermissionError"),
    "launch_missiles()": ("error", "NameError"),
    "def f(:": ("error", "SyntaxError"),
    "while True: pass": ("timeout", None),
    "import time\ntime.sleep(60)": ("timeout", None),
    "'a' * (1 << 30)": ("memory", "MemoryError"),
    "10 ** 10 ** 8": ("memory", "MemoryError"),
    "while True: print('x' * 1000)": ("killed", None),
    "while True: list_directory()": ("killed", None),
    "def f(): return f()\nf()": ("error", "RecursionError"),
}


@pytest.mark.parametrize("code", ENDS)
async def test_every_end_is_told(run, code):
    outcome = await run(f"print('before')\n{code}")
    assert (outcome.status, outcome.exception.type if outcome.exception else None) == ENDS[code], outcome
    assert outcome.stdout.startswith("before\n") or "def f(:" in code
    assert outcome.exception is None or outcome.exception.line >= 2


async def test_the_user_can_stop_it_and_nothing_stays(run):
    stop, before = asyncio.Event(), set(descendants(os.getpid()))
    task = asyncio.create_task(run("print('up')\nwhile True: pass", Limits(), stop=stop))
    await asyncio.sleep(0.5)
    workers = [pid for pid in descendants(os.getpid()) if pid not in before]
    stop.set()
    outcome = await task
    assert (outcome.status, outcome.stdout, outcome.reason) == ("killed", "up\n", "stopped by the user")
    assert workers and left(workers) == []


async def test_cancelling_kills_the_worker(run):
    before = set(descendants(os.getpid()))
    task = asyncio.create_task(run("while True: pass", Limits()))
    await asyncio.sleep(0.5)
    workers = [pid for pid in descendants(os.getpid()) if pid not in before]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert workers and left(workers) == []


def test_the_worker_dies_with_a_killed_host():
    """Inside bubblewrap at once; alone it ends with its own time limit."""
    program = (
        "import asyncio\n"
        "from codemode_tui.sandbox.backends import monty_backend\n"
        "from codemode_tui.sandbox.select import NoTools\n"
        "from codemode_tui.sandbox.types import Limits\n"
        "show = lambda stream, text: print(text, flush=True)\n"
        "code = \"print('up')\\nwhile True: pass\"\n"
        "asyncio.run(monty_backend().run(code, NoTools(), Limits(wall_seconds=5), on_output=show))\n"
    )
    host = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None and host.stdout.readline() == "up\n"
    workers = descendants(host.pid)
    host.send_signal(signal.SIGKILL)
    host.wait()
    host.stdout.close()
    assert workers and left(workers, 20) == []


async def test_a_broken_bubblewrap_leaves_monty_alone_and_says_so(tmp_path, capfd):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nprintf 'bwrap: setting up uid map: Permission denied\\033[2J' >&2\nexit 1\n")
    broken.chmod(0o755)
    sandbox = MontySandbox(monty_binary(), str(broken))
    assert (await sandbox.run("print(1)", NoTools(), QUICK)).stdout == "1\n"
    assert sandbox.name == "monty"
    assert capfd.readouterr() == ("", "")  # the worker has no terminal to write to


async def test_a_worker_that_is_none_is_refused():
    with pytest.raises(SandboxError, match="does not start"):
        await MontySandbox("/bin/true", None).run("print(1)", NoTools(), QUICK)


def test_the_environment_cannot_name_another_worker(monkeypatch, tmp_path):
    monkeypatch.setenv("MONTY_BIN", "/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Path(monty_binary()).parent == Path(sys.executable).parent


def test_calls_that_are_wanted_as_coroutines_are_found():
    code = "é = 1\nawait gather(f(1), *[g(p) for p in q])\nh()\nasyncio.create_task(i())"
    found = {code.encode()[start:][:4].decode() for start in coroutine_calls(code)}
    assert found == {"f(1)", "g(p)", "i())"}
    assert coroutine_calls("def f(:") == set()


async def test_what_the_tools_wrote_can_be_undone_here_too(sandbox, workspace, tmp_path):
    tools = WorkspaceTools(workspace, allow_write=True, journal=tmp_path / "a-run")
    outcome = await sandbox.run("write_file('new.txt', 'x')", tools, QUICK)
    assert [change.path for change in outcome.files_changed] == ["new.txt"]
    assert outcome.undo == "a-run"


async def test_after_the_last_call_that_is_allowed_no_other_is_served(sandbox, workspace):
    asked = []

    async def approve(request) -> bool:
        asked.append(request.path)
        return True

    tools = WorkspaceTools(workspace, approve=approve)
    outcome = await sandbox.run("for i in range(5): write_file(f'n{i}.txt', 'x')", tools, Limits(calls=2))
    assert (outcome.status, outcome.reason, asked) == ("killed", "more than 2 tool calls", ["n0.txt", "n1.txt"])
    assert not (workspace / "n2.txt").exists()


async def test_what_cannot_be_written_at_the_end_is_the_error_of_the_program(run):
    outcome = await run("open('new.txt', 'wb').write(b'\\xff')\nprint('after')")
    assert (outcome.status, outcome.stdout, outcome.files_changed) == ("error", "after\n", ())
    assert outcome.exception.type == "UnicodeDecodeError" and outcome.exception.line is None
