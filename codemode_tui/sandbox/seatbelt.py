"""macOS: profile texts and argv for ``/usr/bin/sandbox-exec``. Pure: only a Mac can prove that they bite.

Paths reach the profile as parameters only, real paths (``/var/folders`` never matches,
``/private/var/folders`` does), so that no path can become profile text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from codemode_tui.sandbox.interpreter import CHILD, Interpreter
from codemode_tui.sandbox.launch import Launch, environment, hello
from codemode_tui.sandbox.types import Limits

SANDBOX_EXEC = "/usr/bin/sandbox-exec"

_BASE = """\
(version 1)
(deny default)
(allow file-read* file-test-existence file-map-executable
  (subpath "/usr/lib") (subpath "/System/Library")
  (subpath "/System/Volumes/Preboot/Cryptexes") (subpath "/private/var/db/dyld"))
(allow file-read*
  (literal "/") (literal "/dev/null") (literal "/dev/urandom") (literal "/dev/random") (literal "/dev/zero")
  (subpath "/usr/share/zoneinfo") (subpath "/private/var/db/timezone"))
(allow file-read-metadata file-test-existence
  (literal "/var") (literal "/etc") (literal "/tmp") (literal "/usr") (literal "/private") (literal "/private/var"))
(allow file-write-data (require-all (path "/dev/null") (vnode-type CHARACTER-DEVICE)))
(allow sysctl-read
  (sysctl-name "hw.ncpu") (sysctl-name "hw.pagesize") (sysctl-name "hw.memsize") (sysctl-name "kern.osversion")
  (sysctl-name "kern.osproductversion") (sysctl-name "kern.argmax") (sysctl-name "kern.usrstack64")
  (sysctl-name-prefix "hw.optional.arm"))
(allow signal (target self))
"""
_CODE = """\
(allow process-exec (literal (param "PY")))
(deny process-fork)
(allow file-read* file-test-existence file-map-executable (subpath (param "PREFIX")) (subpath (param "CHILD")))
(allow file-read* file-test-existence (subpath (param "EMPTY")))
(allow file-read* file-write* (subpath (param "SCRATCH")))
"""
_COMMAND = """\
(allow process-exec process-fork)
(allow signal (target same-sandbox))
(allow file-read* file-test-existence file-map-executable
  (subpath "/bin") (subpath "/sbin") (subpath "/usr/bin") (subpath "/usr/sbin") (subpath "/usr/libexec")
  (subpath "/usr/share") (subpath "/Library/Developer/CommandLineTools") (literal "/private/etc/passwd")
  (subpath (param "WORKSPACE")))
(allow file-read* file-write* (subpath (param "SCRATCH")))
"""


def code_profile(hops: int) -> str:
    """The profile of the code process.

    Args:
        hops: number of ``HOP0…`` parameters: the folders and symbolic links on the way to the others.
    """
    return _BASE + _CODE + _metadata(hops)


def command_profile(*, prefixes: int, hops: int, writable: bool, masked: int) -> str:
    """The profile of ``run_command``: no network, no home; later rules win, so masks come last.

    Args:
        prefixes: number of ``PREFIX0…`` parameters (PATH entries' own trees).
        writable: the workspace may be written.
        masked: number of ``MASK0…`` parameters: secrets (not even read) below the workspace.
    """
    parts = [_BASE, _COMMAND, _metadata(hops)]
    if prefixes:
        trees = " ".join(f'(subpath (param "PREFIX{i}"))' for i in range(prefixes))
        parts.append(f"(allow file-read* file-test-existence file-map-executable {trees})\n")
    if writable:
        parts.append('(allow file-write* (subpath (param "WORKSPACE")))\n')
        # Hooks, shell start-up files and settings of other programs would run outside of any sandbox.
        parts.append(
            '(deny file-write* (regex #"/[.](git|hg|svn|jj|vscode|idea)(/|$)")'
            ' (regex #"/[.](bash|z|k|c|tc)(shrc|rc|profile|shenv|_profile|login|_login)$")'
            ' (regex #"/[.](profile|gitconfig|gitmodules|codemode[.]toml|mcp[.]json)$") (regex #"[.]pth$"))\n'
        )
    if masked:
        secrets = " ".join(f'(subpath (param "MASK{i}"))' for i in range(masked))
        parts.append(f"(deny file-read* file-write* {secrets})\n")
    return "".join(parts)


def seatbelt_launch(python: Interpreter, limits: Limits, scratch: str) -> Launch:
    """The code process; ``scratch`` is a fresh private folder of the host."""
    real = os.path.realpath(scratch)
    empty, tmp = Path(real, "workspace"), Path(real, "tmp")
    tmp.mkdir(0o700)
    empty.mkdir(0o500)
    child = os.path.realpath(CHILD)
    hops = ancestors([python.executable, *python.reads, child, str(empty), str(tmp)])
    parameters = {
        "PY": python.executable,
        "PREFIX": python.reads[0],
        "CHILD": child,
        "EMPTY": str(empty),
        "SCRATCH": str(tmp),
        **{f"HOP{i}": hop for i, hop in enumerate(hops)},
    }
    program = (python.executable, "-I", "-S", "-B", f"{child}/main.py")
    return Launch(
        argv=(*sandbox_exec(code_profile(len(hops)), parameters), *program),
        cwd=str(empty),
        env=environment(str(tmp)),
        hello=hello("darwin", limits, read=(), write=(), parent=os.getpid()),
        required=frozenset(("rlimits",)),
        scratch=scratch,
        watch_memory_mb=limits.memory_mb,
    )


def sandbox_exec(profile: str, parameters: dict[str, str]) -> tuple[str, ...]:
    """The beginning of an argv: program, profile text, parameters."""
    return (SANDBOX_EXEC, "-p", profile, *(f"-D{name}={value}" for name, value in parameters.items()))


def ancestors(paths: Iterable[str]) -> list[str]:
    """Every folder above ``paths``: looking a path up needs the metadata of each."""
    found: dict[str, None] = {}
    for path in paths:
        for parent in Path(path).parents:
            found[str(parent)] = None
    return sorted(found)


def available() -> bool:
    return sys.platform == "darwin" and os.access(SANDBOX_EXEC, os.X_OK)


def _metadata(hops: int) -> str:
    if not hops:
        return ""
    names = " ".join(f'(literal (param "HOP{i}"))' for i in range(hops))
    return f"(allow file-read-metadata file-test-existence {names})\n"
