"""The sandbox attacks itself: small hostile programs with the only outcome that is right.

Each prints ``held`` when it was refused, and what it got hold of otherwise. ``codemode sandbox check``
runs them on the user's own machine: what a platform really enforces is proved there and nowhere else.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import time
from pathlib import Path

import msgspec

from codemode_tui import locations
from codemode_tui.errors import SandboxError
from codemode_tui.sandbox import seatbelt
from codemode_tui.sandbox.attacks import ATTACKS, COMMAND, MEANS, Attack
from codemode_tui.sandbox.backends import capability
from codemode_tui.sandbox.commands import CommandRunner, split_command
from codemode_tui.sandbox.select import BACKENDS, NoTools, choose
from codemode_tui.sandbox.types import Capability, ClosedPaths, Limits, Sandbox

LIMITS = Limits(wall_seconds=3, cpu_seconds=10, memory_mb=256, output_kill_bytes=1024 * 1024)


class AttackResult(msgspec.Struct, frozen=True):
    name: str
    held: bool
    seen: str
    """How the run ended, or what the attack got hold of."""
    group: str = ""
    means: str = ""
    """What it means for a person that this is held off."""
    timed_out: bool = False
    line: int | None = None
    """Where the code stood when it was stopped or failed; only a Mac can prove that a Mac tells it."""


class CheckReport(msgspec.Struct, frozen=True):
    """What ``sandbox check --json`` prints."""

    ok: bool
    backend: str
    backends: tuple[Capability, ...]
    attacks: tuple[AttackResult, ...] = ()
    reason: str = ""
    """Why there is no backend."""
    layers: dict[str, str] = {}
    """Each layer of the chosen backend, and what it does."""
    duration_ms: float = 0.0


LAYERS = {
    "bwrap": "bubblewrap: a file system with nothing of yours in it, no network, no other processes, its own /tmp",
    "landlock": "Landlock: the kernel lets it open the interpreter's own files and its temporary folder, and no others",
    "seccomp": "seccomp: the kernel refuses it new programs, sockets, signals to others, mounts, debugging, and more",
    "seatbelt": "Seatbelt: macOS denies everything but the interpreter's own files and a temporary folder",
    "monty": "Monty: an interpreter of a part of Python that has no way out; no classes with parents, few modules",
}


async def check(name: str = "auto") -> CheckReport:
    """Find the backend and attack it; a report without a backend when there is none.

    Raises:
        SandboxError: an attack got through to a file of the host.
    """
    backends = tuple([await _tried(each) for each in BACKENDS])
    try:
        sandbox = await choose(name)
    except SandboxError as error:
        return CheckReport(False, "", backends, reason=error.message)
    results, began = [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="codemode-check-") as folder, _listener(folder) as port:
        secret = Path(folder, "secret.txt")
        secret.write_text("the secret of the host")
        for attack in ATTACKS:
            results.append(await _attack(sandbox, attack, secret, port))
        results.append(await _command(Path(os.path.realpath(folder), "work")))
        if secret.read_text() != "the secret of the host":
            raise SandboxError("an attack changed a file of the host", hint="do not run code on this machine")
    layers = {name: LAYERS[name] for name in sandbox.name.split("+")}
    return CheckReport(
        all(result.held for result in results),
        sandbox.name,
        backends,
        tuple(results),
        layers=layers,
        duration_ms=round((time.monotonic() - began) * 1000),
    )


async def _tried(name: str) -> Capability:
    """What a backend can do here, known by having run something in it."""
    found = capability(BACKENDS[name], name)
    if found.available:
        try:
            found = msgspec.structs.replace(found, layers=tuple((await choose(name)).name.split("+")))
        except SandboxError as error:
            return Capability(name, False, reason=f"{error.message}; {error.hint}")
    return found


async def _attack(sandbox: Sandbox, attack: Attack, secret: Path, port: int) -> AttackResult:
    code = (
        attack.code.replace("SECRET", repr(str(secret)))
        .replace("PORT", str(port))
        .replace("HOST_PID", str(os.getpid()))
        .replace("HOME_FOLDER", repr(str(locations.home())))
    )
    outcome = await sandbox.run(code, NoTools(), LIMITS)
    error = outcome.exception
    ends = attack.ends
    if sandbox.name.startswith("monty"):  # what its language does not have is refused too
        ends = (*ends, "error", "memory")
    if attack.group == "limits":  # on a busy machine the clock may be there first: it was stopped all the same
        ends = (*ends, "timeout")
    held = outcome.status in ends and (outcome.status != "ok" or outcome.stdout.strip() == "held")
    held = held and "got through" not in outcome.stdout
    shown = f"{error.type}: {error.message}" if error else outcome.reason or outcome.stdout.strip()
    return AttackResult(
        attack.name,
        held,
        f"{outcome.status} {shown}"[:100].strip(),
        attack.group,
        MEANS.get(attack.group, ""),
        outcome.status == "timeout",
        error.line if error else None,
    )


async def _command(workspace: Path) -> AttackResult:
    secret = workspace / "a/b/.env"
    secret.parent.mkdir(parents=True)
    secret.write_text(text := "the secret of the workspace")

    def closed(workspace: Path, *, budget: int | None = None) -> ClosedPaths:
        return ClosedPaths((str(secret),), named={str(secret): (0, 0, 0)}, secret_names=(".env",))

    runner = CommandRunner(workspace, allow_write=True, closed=closed)
    try:
        result = await runner.run(split_command("sh -c", [COMMAND]), workspace, LIMITS.wall_seconds)
    except PermissionError as error:  # none is run, which on a Mac is a profile that it does not take
        held, seen = not seatbelt.available(), str(error)
    else:
        ran = "ran\n" in result.output
        # Where bubblewrap is refused none is run either.
        held = text not in result.output and (ran or result.timed_out or not seatbelt.available())
        seen = f"exit status {result.exit_code}" if held and ran else result.output
    return AttackResult("a secret that a command takes away", held, seen[:100], "commands", MEANS["commands"])


class _listener:
    """A TCP port of the host, and a socket in ``folder``, that an attack must not reach."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __enter__(self) -> int:
        self._local = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError):  # the path may be too long for one
            self._local.bind(f"{self._folder}/socket")
            self._local.listen()
        self._socket = socket.create_server(("127.0.0.1", 0))
        port: int = self._socket.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._local.close()
