"""Linux: bubblewrap arguments. Own namespaces, no network, no home, no workspace, a small private /tmp."""

from __future__ import annotations

import shutil
import sys

from codemode_tui.sandbox.interpreter import Interpreter, child_program, system_libraries
from codemode_tui.sandbox.launch import Launch, environment, hello
from codemode_tui.sandbox.types import Limits

WORKSPACE = "/workspace"
"""The child's empty current folder: what a relative path means is decided by the tools."""
_CHILD = "/codemode"
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def find_bwrap() -> str | None:
    """The system's own binary: some kernels let only ``/usr/bin/bwrap`` make user namespaces."""
    return shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")


def bwrap_launch(binary: str, python: Interpreter, limits: Limits) -> Launch:
    """The code process."""
    argv = [
        binary,
        *isolation(environment("/tmp", threads=bool(python.packages))),
        "--size",
        str(limits.scratch_mb * 1024 * 1024),
        "--tmpfs",
        "/tmp",
    ]
    argv += read_only(python.reads, python.links)
    for device in _DEVICES:
        argv += ["--dev-bind", device, device]
    argv += ["--ro-bind", str(child_program()), _CHILD, "--dir", WORKSPACE, "--chdir", WORKSPACE]
    # Last: the root holds mount points only; remounting it spares the private /tmp.
    argv += ["--remount-ro", "/", "--", python.executable, "-I", "-S", "-B", f"{_CHILD}/main.py"]
    read = (*python.reads, _CHILD, WORKSPACE, *_DEVICES)
    return Launch(
        argv=tuple(argv),
        cwd="/",
        env={},
        hello=hello(sys.platform, limits, read=read, write=("/tmp", "/dev/null"), parent=0, packages=python.packages),
        required=frozenset(("rlimits", "seccomp")),
    )


def bwrap_monty(bwrap: str, worker: str) -> list[str]:
    """The worker of Monty, with nothing but its shared libraries."""
    reads, links = system_libraries()
    return [bwrap, *isolation({}), *read_only((*reads, worker), links), "--remount-ro", "/", "--", worker]


def isolation(env: dict[str, str]) -> list[str]:
    """Namespaces, capabilities and environment: the same for code and commands."""
    argv = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    for name, value in env.items():
        argv += ["--setenv", name, value]
    return argv


def read_only(paths: tuple[str, ...], links: tuple[tuple[str, str], ...]) -> list[str]:
    argv: list[str] = []
    for path in paths:
        argv += ["--ro-bind", path, path]
    for path, target in links:
        argv += ["--symlink", target, path]
    return argv
