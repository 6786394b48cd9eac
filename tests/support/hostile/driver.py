"""Runs attacks in one backend as one user, and looks at the host after each. Speaks JSON lines on two descriptors.

Started with a terminal as its standard streams: whatever reaches that terminal is a finding.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import platform
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from support.processes import descendants, left

from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.sandbox.select import choose
from codemode_tui.sandbox.types import Limits

KERNEL_CALLS = Path(__file__).parents[2] / "sandbox" / "syscalls" / f"{platform.machine()}.txt"


class Tools:
    """One harmless tool."""

    names = ("echo",)
    calls: tuple[()] = ()
    files_changed: tuple[()] = ()
    journal = ""

    async def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if name != "echo":
            raise NameError(f"there is no tool {name!r}")
        return args[0]


class Host:
    """What an attack would be after; ``harm`` says what it got."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hostile-host-"))
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        tempfile.tempdir = str(self.temporary)
        self.secret = self.folder / "secret.txt"
        self.secret.write_text("the secret of the host")
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.stream, self.datagrams = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.stream.bind(str(self.folder / "stream"))
        self.stream.listen()
        self.datagrams.bind(str(self.folder / "datagrams"))
        for one in (self.tcp, self.stream, self.datagrams):
            one.setblocking(False)
        self.before = self._state()

    def filled(self, code: str) -> str:
        numbers = {name: int(number) for number, name in map(str.split, KERNEL_CALLS.read_text().splitlines())}
        values = {
            "SECRET_FOLDER": repr(str(self.folder)),
            "SECRET": repr(str(self.secret)),
            "HOME_FOLDER": repr(str(Path.home())),
            "HOST_PID": str(os.getpid()),
            "PORT": str(self.tcp.getsockname()[1]),
            "SOCKET": repr(str(self.folder / "stream")),
            "DATAGRAMS": repr(str(self.folder / "datagrams")),
        }
        for name, value in values.items():
            code = code.replace(name, value)
        return f"NR = {numbers}\n{code}" if "NR" in code else code

    def harm(self) -> list[str]:
        found = []
        for name, one in (("TCP", self.tcp), ("a Unix socket", self.stream)):
            try:
                one.accept()
                found.append(f"{name} was reached")
            except BlockingIOError:
                pass
        with contextlib.suppress(BlockingIOError):
            found.append(f"a datagram came: {self.datagrams.recv(99)!r}")
        found += [f"left behind: {path.name!r}" for path in self.temporary.iterdir()]
        found += [f"process {pid} runs on" for pid in left(descendants(os.getpid()), 5)]
        if (now := self._state()) != self.before:
            found.append(f"changed: {self.before} became {now}")
            self.before = now
        return found

    def _state(self) -> tuple[Any, ...]:
        files = [self.secret, Path(os.__file__), self.folder]
        stats = [(s.st_mode, s.st_size, s.st_mtime_ns, s.st_uid, s.st_nlink) for s in map(os.stat, files)]
        return (
            self.secret.read_text(),
            stats,
            sorted(p.name for p in self.folder.iterdir()),
            len(os.listdir("/proc/self/fd")),
        )


async def main(backend: str, requests: int, answers: int) -> None:
    host = Host()
    try:
        sandbox = await choose(backend)
        await sandbox.run("", Tools(), Limits())  # what is made once is there before anybody looks
        await asyncio.sleep(0.3)
        host.before = host._state()
        with os.fdopen(answers, "w") as out, os.fdopen(requests) as lines:
            print(json.dumps({"backend": sandbox.name}), file=out, flush=True)
            for line in lines:
                wanted = json.loads(line)
                limits = Limits(
                    wall_seconds=wanted["seconds"], cpu_seconds=wanted["cpu_seconds"], memory_mb=256, calls=300,
                    output_kill_bytes=1 << 20, output_keep_bytes=1 << 16,
                )  # fmt: skip
                outcome = await sandbox.run(host.filled(wanted["code"]), Tools(), limits)
                for _ in range(100):  # since Python 3.12 the loop closes what it knew the child by later
                    if host._state() == host.before:
                        break
                    await asyncio.sleep(0.01)
                error = outcome.exception
                said = [outcome.stdout, outcome.stderr, outcome.reason]
                said += [error.type, error.message, error.traceback] if error else []
                shown = sanitise_text("\n".join(said))
                answer = {
                    "status": outcome.status,
                    "stdout": outcome.stdout[:2000],
                    "reason": outcome.reason,
                    "error": f"{error.type}: {error.message}"[:300] if error else "",
                    "size": sum(map(len, said)),
                    "control": sorted(
                        {hex(ord(c)) for c in shown if (c < " " and c not in "\n\t") or "\x7f" <= c < "\xa0"}
                    ),
                    "harm": host.harm(),
                }
                print(json.dumps(answer), file=out, flush=True)
    finally:
        for path in sorted(host.folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        host.folder.rmdir()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
