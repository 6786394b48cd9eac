"""macOS: the code process under ``/usr/bin/sandbox-exec``. Pure: only a Mac can prove that the profile bites.

Paths reach a profile as parameters only, real paths (``/var/folders`` never matches,
``/private/var/folders`` does), so that no path can become profile text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from codemode_tui.sandbox.interpreter import Interpreter, child_program
from codemode_tui.sandbox.launch import Launch, environment, hello
from codemode_tui.sandbox.types import Limits

SANDBOX_EXEC = "/usr/bin/sandbox-exec"
FAILURES = {
    65: "macOS did not accept the profile",
    71: "this program runs inside another macOS sandbox, which cannot hold a second one",
    -6: "the interpreter could not start under the profile",
}
"""What an exit status of ``sandbox-exec`` means before the child has said a word (134 in a shell is -6 here)."""
_MOST_HOPS = 32
"""Links in one path, of which the kernel follows no more."""

BASE = """\
(version 1)
(deny default)
(allow file-read* file-test-existence file-map-executable
  (subpath "/usr/lib") (subpath "/System/Library") (subpath "/System/Cryptexes") (subpath "/Library/Apple/usr")
  (subpath "/System/Volumes/Preboot/Cryptexes") (subpath "/private/var/db/dyld"))
(allow file-read*
  (literal "/") (literal "/dev/null") (literal "/dev/urandom") (literal "/dev/random") (literal "/dev/zero")
  (subpath "/usr/share/zoneinfo") (subpath "/private/var/db/timezone") (literal "/private/etc/localtime"))
(allow file-read-metadata file-test-existence
  (literal "/var") (literal "/etc") (literal "/tmp") (literal "/usr") (literal "/private") (literal "/private/var")
  (literal "/private/etc") (literal "/dev") (literal "/System") (literal "/Library"))
(allow file-write-data (require-all (path "/dev/null") (vnode-type CHARACTER-DEVICE)))
(allow sysctl-read
  (sysctl-name "hw.activecpu") (sysctl-name "hw.byteorder") (sysctl-name "hw.cachelinesize_compat")
  (sysctl-name "hw.cpufamily") (sysctl-name "hw.cputype") (sysctl-name "hw.logicalcpu")
  (sysctl-name "hw.logicalcpu_max") (sysctl-name "hw.machine") (sysctl-name "hw.memsize")
  (sysctl-name "hw.model") (sysctl-name "hw.ncpu") (sysctl-name "hw.nperflevels") (sysctl-name "hw.pagesize")
  (sysctl-name "hw.pagesize_compat") (sysctl-name "hw.physicalcpu") (sysctl-name "hw.physicalcpu_max")
  (sysctl-name-prefix "hw.optional.") (sysctl-name-prefix "hw.perflevel") (sysctl-name "kern.argmax")
  (sysctl-name "kern.hostname") (sysctl-name "kern.maxfilesperproc") (sysctl-name "kern.osproductversion")
  (sysctl-name "kern.osrelease") (sysctl-name "kern.ostype") (sysctl-name "kern.osvariant_status")
  (sysctl-name "kern.osversion") (sysctl-name "kern.secure_kernel") (sysctl-name "kern.sysv.semmni")
  (sysctl-name "kern.usrstack64") (sysctl-name "kern.version") (sysctl-name "machdep.cpu.brand_string")
  (sysctl-name "sysctl.proc_cputype") (sysctl-name "vm.loadavg"))
"""
"""Both profiles begin with it. ``os.uname`` (and so ``import ctypes``) asks for the names of kernel and machine; a rule
for all of ``sysctl-read`` would show the arguments and environment of every process of the user."""
OPENMP = '(allow ipc-posix-shm* (ipc-posix-name-regex #"^/__KMP_REGISTERED_LIB_[0-9]+$"))\n'
"""By shared memory of this name the threads of PyTorch and scikit-learn know whether they are there already."""
_CODE = """\
(allow process-exec (literal (param "PY")))
(deny process-fork)
(allow signal (target self))
(allow process-info* (target self))
(allow file-read* file-test-existence file-map-executable (subpath (param "CHILD")))
(allow file-read* file-test-existence (subpath (param "EMPTY")))
(allow file-read* file-write* (subpath (param "SCRATCH")))
"""


def code_profile(prefixes: int, hops: int) -> str:
    """The profile of the code process.

    Args:
        prefixes: number of ``PREFIX0…`` parameters: what the interpreter and its packages consist of.
        hops: number of ``HOP0…`` parameters: the folders and symbolic links on the way to the others.
    """
    return BASE + _CODE + libraries(prefixes) + metadata(hops)


def libraries(count: int, *, programs: bool = False) -> str:
    """The rule for ``PREFIX0…``: libraries, and ``programs`` that may be started; never written."""
    started = " process-exec*" if programs else ""
    return each(f"allow file-read* file-test-existence file-map-executable{started}", "subpath", "PREFIX", count)


def metadata(count: int) -> str:
    """The rule for ``HOP0…``: looking up a path asks for the metadata of each folder and link on the way."""
    return each("allow file-read-metadata file-test-existence", "literal", "HOP", count)


def seatbelt_launch(python: Interpreter, limits: Limits, scratch: str) -> Launch:
    """The code process; ``scratch`` is a fresh private folder of the host."""
    real = os.path.realpath(scratch)
    empty, tmp = Path(real, "workspace"), Path(real, "tmp")
    tmp.mkdir(0o700)
    empty.mkdir(0o500)
    child = os.path.realpath(child_program())
    reads = [os.path.realpath(path) for path in python.reads]
    hops = ways([python.executable, *python.reads, *python.packages, child, str(empty), str(tmp)])
    parameters = {
        "PY": os.path.realpath(python.executable),
        "CHILD": child,
        "EMPTY": str(empty),
        "SCRATCH": str(tmp),
        **numbered("PREFIX", reads),
        **numbered("HOP", hops),
    }
    profile = code_profile(len(reads), len(hops)) + (OPENMP if python.packages else "")
    program = (parameters["PY"], "-I", "-S", "-B", f"{child}/main.py")
    return Launch(
        argv=(*sandbox_exec(profile, parameters), *program),
        cwd=str(empty),
        env=environment(str(tmp), threads=bool(python.packages)),
        hello=hello("darwin", limits, read=(), write=(), parent=os.getpid(), packages=python.packages),
        required=frozenset(("rlimits",)),
        scratch=scratch,
        watch_memory_mb=limits.memory_mb,
        guarded=True,
        failures=FAILURES,
    )


def sandbox_exec(profile: str, parameters: dict[str, str]) -> tuple[str, ...]:
    """The beginning of an argv: program, profile text, parameters."""
    return (SANDBOX_EXEC, "-p", profile, *(f"-D{name}={value}" for name, value in parameters.items()))


def numbered(name: str, values: Iterable[str]) -> dict[str, str]:
    return {f"{name}{number}": value for number, value in enumerate(values)}


def ways(paths: Sequence[str]) -> list[str]:
    """Every folder above ``paths``, and every symbolic link (with the folders above its target) on the way to them."""
    found: set[str] = set()
    todo = [(os.path.abspath(path), 0) for path in paths]
    seen = {path for path, _ in todo}
    while todo:
        path, hops = todo.pop()
        folders = [*reversed([str(folder) for folder in Path(path).parents]), path]
        found.update(folders[:-1])
        if link := next(filter(os.path.islink, folders), ""):
            found.add(link)
            target = os.path.join(os.path.dirname(link), os.readlink(link))
            # What follows has other names behind a link, and may be one there.
            way = os.path.normpath(target) + path[len(link) :]
            if way not in seen and hops < _MOST_HOPS:
                seen.add(way)
                todo.append((way, hops + 1))
    return sorted(found)


def available() -> bool:
    return sys.platform == "darwin" and os.access(SANDBOX_EXEC, os.X_OK)


def each(rule: str, kind: str, name: str, count: int) -> str:
    filters = "".join(f'\n  ({kind} (param "{name}{number}"))' for number in range(count))
    return f"({rule}{filters})\n" if count else ""
