"""Starting a process may be cancelled at any moment; nothing hangs and nothing stays behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

import pytest

from codemode_tui.sandbox.spawn import end, spawn

PIPES = {"stdin": asyncio.subprocess.DEVNULL, "stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}


@pytest.mark.parametrize("rounds", range(12))
async def test_a_start_can_be_cancelled_at_any_moment(rounds, tmp_path):
    code = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    task = asyncio.create_task(spawn(sys.executable, "-c", code, **PIPES))
    for _ in range(rounds):
        await asyncio.sleep(0)
    started = task.done()
    task.cancel()
    async with asyncio.timeout(60):
        with contextlib.suppress(asyncio.CancelledError):
            process = await task
            assert started
            os.killpg(process.pid, 9)
            await process.wait()
            return
        assert not started
    await asyncio.sleep(0.2)
    with contextlib.suppress(FileNotFoundError, ValueError):
        pid = int((tmp_path / "pid").read_text())
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_program_that_is_not_there_is_an_os_error():
    with pytest.raises(FileNotFoundError):
        await spawn("/no/such/program", **PIPES)


async def test_a_process_that_is_ended_is_reported_once(caplog):
    """Whoever asks the kernel beside asyncio makes it say "Unknown child process" into the middle of a screen."""
    for round_ in range(40):
        starting = asyncio.create_task(spawn("sleep", "600", **PIPES))
        await asyncio.sleep(0.0005 * round_)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            process = await starting
            ending = asyncio.create_task(end(process))
            await asyncio.sleep(0)
            ending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ending
            assert process.returncode == -9
    await asyncio.sleep(0.1)
    assert not [record for record in caplog.records if record.name == "asyncio"]
