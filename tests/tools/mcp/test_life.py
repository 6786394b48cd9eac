"""A server lives as long as its session: nothing of it stays, however the session ends."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.mcp_settings import FRIENDLY, HOSTILE, friendly, hostile, needs_mcp

from codemode_tui.errors import ConfigError
from codemode_tui.settings import McpServer
from codemode_tui.tools.mcp.servers import Servers

HOST = """
import asyncio, sys
from pathlib import Path
from codemode_tui.settings import McpServer
from codemode_tui.tools.mcp.servers import Servers

async def main():
    servers = Servers({"kit": McpServer(command=sys.executable, args=tuple(sys.argv[2:]), policy="allow",
                                        start_seconds=60)}, Path(sys.argv[1]))
    await servers.ready()
    specs = servers.specs(None)
    pid = (await specs["where"].function(None))["pid"]
    print(pid, await specs["detach"].function(None), flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text() if sys.platform == "linux" else ""
        os.kill(pid, 0)
    except (OSError, ProcessLookupError):
        return False
    return ") Z" not in status


def gone(*pids: int) -> bool:
    ends = time.monotonic() + 20
    while any(map(alive, pids)) and time.monotonic() < ends:
        time.sleep(0.05)
    return not any(map(alive, pids))


@needs_mcp
@pytest.mark.skipif(sys.platform != "linux", reason="finds what left the session through /proc")
def test_nothing_stays_when_the_host_is_killed(tmp_path):
    host = subprocess.Popen([sys.executable, "-c", HOST, str(tmp_path), FRIENDLY], stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    pids = [int(word) for word in host.stdout.readline().split()]
    assert len(pids) == 2 and all(map(alive, pids))
    host.send_signal(signal.SIGKILL)
    host.wait()
    host.stdout.close()
    assert gone(*pids)


@needs_mcp
async def test_nothing_stays_after_the_session(session, calls):
    servers = await session(kit=friendly())
    pids = [int((await calls(servers, "where"))["pid"])]
    if sys.platform == "linux":
        pids.append(await calls(servers, "detach"))
    await servers.close()
    assert gone(*pids)
    with pytest.raises(RuntimeError, match="closed"):
        await calls(servers, "add", 1)


@needs_mcp
async def test_a_server_that_heeds_nothing_is_killed(session, tmp_path):
    await session(deaf=hostile("deaf", start_seconds=0.5))
    ends = time.monotonic() + 20
    while (left := _running(HOSTILE, "deaf")) and time.monotonic() < ends:
        await asyncio.sleep(0.05)
    assert not left


@needs_mcp
async def test_a_session_may_end_while_its_servers_start(tmp_path):
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    servers = Servers({"bad": hostile("silent")}, tmp_path)
    servers.begin()
    await asyncio.sleep(0)
    await servers.close()
    assert _running(HOSTILE, "silent") == []
    del servers
    gc.collect()
    assert complaints == []


def test_the_package_is_imported_for_a_configured_server_only(tmp_path):
    code = (
        "import sys; from pathlib import Path; from codemode_tui.tools.mcp.servers import Servers; "
        "Servers({}, Path(sys.argv[1])); print({'mcp', 'mcp_types', 'httpx2', 'anyio'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_without_the_extra_the_fix_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="docs") as caught:
        Servers({"docs": McpServer(command="cat")}, tmp_path)
    assert "pip install 'codemode-tui[mcp]'" in caught.value.line()
    assert Servers({"docs": McpServer(command="cat", enabled=False)}, tmp_path).all == ()


def _running(*words: str) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if " ".join(words) in line and line[0] != "Z" and "warden" not in line]
